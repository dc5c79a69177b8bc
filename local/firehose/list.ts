import type { Caller, Services } from "../services";
import { type StreamResource, streamType } from "./config";
import { limitConstraints, nameConstraints, refuse } from "./validation";

/** https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListDeliveryStreams.html */
export const listDeliveryStreams =
    ({ iam }: Pick<Services, "iam">, all: () => ReadonlyMap<string, StreamResource>) =>
    (
        input: {
            readonly Limit?: number;
            readonly ExclusiveStartDeliveryStreamName?: string;
            readonly DeliveryStreamType?: string;
        },
        caller: Caller,
    ) => {
        refuse(limitConstraints(input.Limit, 10_000));
        iam.authorize(caller, "firehose:ListDeliveryStreams", "*");
        const { Limit: limit = 10, ExclusiveStartDeliveryStreamName: after, DeliveryStreamType: type } = input;
        const names = [...all()]
            .filter(([, { inputs }]) => type === undefined || type === streamType(inputs))
            .map(([name]) => name)
            .sort()
            .filter((name) => after === undefined || name > after);
        return { DeliveryStreamNames: names.slice(0, limit), HasMoreDeliveryStreams: names.length > limit };
    };

/** https://docs.aws.amazon.com/firehose/latest/APIReference/API_ListTagsForDeliveryStream.html */
export const listTagsForDeliveryStream =
    ({ iam }: Pick<Services, "iam">, arn: (name: string) => string, find: (name: string) => StreamResource) =>
    (
        input: {
            readonly DeliveryStreamName: string;
            readonly ExclusiveStartTagKey?: string;
            readonly Limit?: number;
        },
        caller: Caller,
    ) => {
        refuse([...nameConstraints(input.DeliveryStreamName), ...limitConstraints(input.Limit, 50)]);
        const { DeliveryStreamName: name, ExclusiveStartTagKey: after, Limit: limit = 50 } = input;
        iam.authorize(caller, "firehose:ListTagsForDeliveryStream", arn(name));
        const { inputs, outputs } = find(name);
        const tags = (outputs.tagsAll ?? inputs.tags ?? {}) as Readonly<Record<string, string>>;
        const keys = Object.keys(tags)
            .sort()
            .filter((key) => after === undefined || key > after);
        return {
            Tags: keys.slice(0, limit).map((key) => ({ Key: key, Value: tags[key] })),
            HasMoreTags: keys.length > limit,
        };
    };
