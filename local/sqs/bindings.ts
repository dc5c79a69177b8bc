import * as fs from "node:fs/promises";
import { serviceError, unsupported } from "../errors";
import type { Bindings, Made, Properties, Resource } from "../resources";
import type { Services } from "../services";
import { QUEUE_TYPE, type QueueInputs, queueArn, queueUrl, redriveOf } from "./config";

/** What the bindings ask of the service at work. */
export interface QueueLife {
    /** The folder of a queue. */
    folder(queueName: string): string;
    /** Stops a queue for good; nobody finds it from then on, until one of that name is made. */
    retire(queueName: string): void;
    /** Lets a new queue take a name. */
    welcome(queueName: string): void;
}

/** The bindings of SQS' resource types. */
export function sqsBindings(
    { clock, place, resources }: Pick<Services, "clock" | "place" | "resources">,
    life: QueueLife,
): Bindings {
    const made = (inputs: Properties, old?: Resource): Made => {
        const name = String(inputs.name);
        const url = queueUrl(place, name);
        const outputs = {
            contentBasedDeduplication: false,
            delaySeconds: 0,
            fifoQueue: false,
            kmsDataKeyReusePeriodSeconds: 300,
            maxMessageSize: 262_144,
            messageRetentionSeconds: 345_600,
            receiveWaitTimeSeconds: 0,
            region: place.region,
            sqsManagedSseEnabled: !inputs.kmsMasterKeyId,
            tagsAll: inputs.tags ?? {},
            visibilityTimeoutSeconds: 30,
            ...inputs,
            arn: queueArn(place, name),
            url,
            createdTimestamp: old?.outputs.createdTimestamp ?? clock.now(),
            modifiedTimestamp: clock.now(),
        };
        return { id: url, outputs };
    };
    return {
        [QUEUE_TYPE]: {
            name: { property: "name", maxLength: 80 },
            check: queueProblems,
            async create(inputs) {
                const [lacking] = unsupportedIn(inputs as QueueInputs);
                if (lacking) throw unsupported(lacking);
                const name = String(inputs.name);
                if (resources.get(QUEUE_TYPE, queueUrl(place, name)))
                    throw serviceError("QueueNameExists", "A queue already exists with the same name.");
                await fs.rm(life.folder(name), { recursive: true, force: true });
                life.welcome(name);
                return made(inputs);
            },
            update: (old: Resource, inputs) => made(inputs, old),
            async delete({ inputs, outputs }) {
                const name = String(outputs.name ?? inputs.name);
                life.retire(name);
                await fs.rm(life.folder(name), { recursive: true, force: true });
            },
        },
        "aws:sqs/queuePolicy:QueuePolicy": {
            check: ({ policy }) =>
                typeof policy === "string" && !isJson(policy) ? ['"policy" contains an invalid JSON'] : [],
            create: (inputs) => ({ id: String(inputs.queueUrl), outputs: { region: place.region, ...inputs } }),
        },
    };
}

/** What AWS would refuse in the inputs of a queue beyond its schema, and what the local runtime lacks: a sentence each. */
function queueProblems(properties: Properties): readonly string[] {
    const inputs = properties as QueueInputs;
    const lacking = unsupportedIn(inputs);
    if (lacking.length > 0) return lacking.map((what) => unsupported(what).message);
    return [
        ...(inputs.name === undefined || /^[a-zA-Z0-9_-]{1,80}$/.test(inputs.name)
            ? []
            : [`"name" must be 1 to 80 letters, digits, "_" or "-", not "${inputs.name}".`]),
        ...range("delaySeconds", inputs.delaySeconds, 0, 900),
        ...range("maxMessageSize", inputs.maxMessageSize, 1024, 1_048_576),
        ...range("messageRetentionSeconds", inputs.messageRetentionSeconds, 60, 1_209_600),
        ...range("receiveWaitTimeSeconds", inputs.receiveWaitTimeSeconds, 0, 20),
        ...range("visibilityTimeoutSeconds", inputs.visibilityTimeoutSeconds, 0, 43_200),
        ...redriveProblems(inputs.redrivePolicy),
    ];
}

function unsupportedIn({ fifoQueue, name, policy }: QueueInputs): string[] {
    return [
        ...(fifoQueue || name?.endsWith(".fifo") ? ["A FIFO queue"] : []),
        ...(policy ? ['"policy" of an SQS queue (use aws.sqs.QueuePolicy)'] : []),
    ];
}

function redriveProblems(policy: string | undefined): string[] {
    if (!policy) return [];
    const redrive = redriveOf(policy);
    if (!redrive)
        return [
            '"redrivePolicy" must be a JSON document with "deadLetterTargetArn" and "maxReceiveCount" (1 to 1,000).',
        ];
    return range("redrivePolicy.maxReceiveCount", redrive.maxReceiveCount, 1, 1000);
}

function range(path: string, value: number | undefined, least: number, most: number): string[] {
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
    return [`"${path}" must be between ${least} and ${most}, not ${value}.`];
}

function isJson(text: string): boolean {
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}
