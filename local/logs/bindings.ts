import type { Bindings, Properties } from "../resources";
import type { Services } from "../services";
import { LOG_GROUP } from ".";
import { createLogStore } from "./store";

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html, and 0 for ever. */
const RETENTIONS = [
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Bindings of log groups and log streams; their events lie below the data folder. */
export function logsBindings({ clock, place }: Pick<Services, "clock" | "place">): Bindings {
    const store = createLogStore(place.data);
    const arn = (group: string) => `arn:aws:logs:${place.region}:${place.account}:log-group:${group}`;
    const groupOutputs = (inputs: Properties) => ({
        retentionInDays: 0,
        skipDestroy: false,
        logGroupClass: "STANDARD",
        ...inputs,
        arn: arn(String(inputs.name)),
        tagsAll: inputs.tags ?? {},
        region: place.region,
    });
    return {
        [LOG_GROUP]: {
            name: { property: "name", maxLength: 512 },
            check: ({ name, retentionInDays = 0 }) => [
                ...(typeof name === "string" && !/^[.\-_/#A-Za-z0-9]{1,512}$/.test(name)
                    ? [`"name" may have letters, digits and . - _ / # only, at most 512 of them: ${name}`]
                    : []),
                ...(RETENTIONS.includes(retentionInDays as number)
                    ? []
                    : [`expected retentionInDays to be one of [${RETENTIONS.join(" ")}], got ${retentionInDays}`]),
            ],
            create(inputs) {
                const name = String(inputs.name);
                store.createGroup(name);
                return { id: name, outputs: groupOutputs(inputs) };
            },
            delete: ({ id, inputs }) => {
                if (inputs.skipDestroy !== true) store.remove(id);
            },
        },
        "aws:cloudwatch/logStream:LogStream": {
            name: { property: "name", maxLength: 512 },
            check: ({ name }) =>
                typeof name === "string" && !/^[^:*]{1,512}$/.test(name)
                    ? [`"name" may have neither : nor *, and at most 512 characters: ${name}`]
                    : [],
            create({ name, logGroupName }) {
                const [stream, group] = [String(name), String(logGroupName)];
                if (!store.stream(group, stream)) store.create(group, stream, clock.now());
                return {
                    // The real provider's id is the name alone, which is unique only within the group.
                    id: `${group}:${stream}`,
                    outputs: { name, logGroupName, arn: `${arn(group)}:log-stream:${stream}`, region: place.region },
                };
            },
            delete: ({ outputs }) => store.remove(String(outputs.logGroupName), String(outputs.name)),
        },
    };
}
