import * as fs from "node:fs/promises";
import { serviceError } from "../errors";
import type { Bindings, Made, Properties, Resource } from "../resources";
import type { Services } from "../services";
import { streamProblems } from "./check";
import { STREAM_TYPE, type StreamInputs, shardCountOf, streamArn } from "./config";
import { streamFolder } from "./shards";

/** What the bindings ask of the service at work. */
export interface StreamLife {
    /** Stops a stream for good; nobody finds it from then on, until one of that name is made. */
    retire(streamName: string): Promise<void>;
    /** Lets a new stream take a name. */
    welcome(streamName: string): void;
    /** Cuts a stream into so many shards. */
    reshard(streamName: string, shardCount: number): void;
}

/** The bindings of Kinesis' resource types. */
export function kinesisBindings(
    { place, resources }: Pick<Services, "place" | "resources">,
    life: StreamLife,
): Bindings {
    const made = (inputs: Properties): Made => {
        const arn = streamArn(place, String(inputs.name));
        const outputs = {
            encryptionType: "NONE",
            enforceConsumerDeletion: false,
            maxRecordSizeInKib: 1024,
            region: place.region,
            retentionPeriod: 24,
            streamModeDetails: { streamMode: "PROVISIONED" },
            tagsAll: inputs.tags ?? {},
            ...inputs,
            arn,
        };
        return { id: arn, outputs };
    };
    return {
        [STREAM_TYPE]: {
            name: { property: "name", maxLength: 128 },
            check: streamProblems,
            async create(inputs) {
                const name = String(inputs.name);
                const { id } = made(inputs);
                if (resources.get(STREAM_TYPE, id))
                    throw serviceError(
                        "ResourceInUseException",
                        `Stream ${name} under account ${place.account} already exists.`,
                    );
                // What a creation that was cut short has left is no stream.
                await fs.rm(streamFolder(place.data, name), { recursive: true, force: true });
                life.welcome(name);
                return made(inputs);
            },
            /** Records stay. Another number of shards closes those that there are; a change to on-demand keeps them, as on AWS. */
            update(_old: Resource, inputs) {
                const shards = shardCountOf(inputs as StreamInputs);
                if (shards !== undefined) life.reshard(String(inputs.name), shards);
                return made(inputs);
            },
            async delete({ inputs, outputs }) {
                const name = String(outputs.name ?? inputs.name);
                await life.retire(name);
                await fs.rm(streamFolder(place.data, name), { recursive: true, force: true });
            },
        },
    };
}
