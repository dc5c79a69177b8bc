import { type ServiceError, serviceError } from "../errors";
import type { Resource } from "../resources";
import type { Caller, Services } from "../services";
import { createLogStore, type LogStore, type StoredStream } from "./store";

/** The type whose resources are the log groups. */
export const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";

/** Milliseconds of a day. */
export const DAY = 24 * 60 * 60 * 1000;

/** Most events of one page or of one upload, and most bytes of them. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
export const PAGE = { events: 10_000, bytes: 1024 * 1024 } as const;

/** Bytes of an event as AWS counts them: those of the message, and 26. */
export function bytesOf(event: { readonly message: string }): number {
    return Buffer.byteLength(event.message) + 26;
}

/** How a request names its group. */
export interface InGroup {
    readonly logGroupName?: string;
    /** Name or ARN. */
    readonly logGroupIdentifier?: string;
}

/** The log groups of the program and their streams, with AWS's errors for those that do not exist. */
export interface Groups {
    readonly store: LogStore;
    /** Milliseconds since 1970. */
    now(): number;
    /** Every group of the program. */
    all(): readonly Resource[];
    named(name: string): Resource;
    of(request: InGroup): Resource;
    stream(group: Resource, name: string): StoredStream;
    /** The earliest time whose events a group still keeps. */
    keptSince(group: Resource): number;
    /** Throws unless the caller may do that to a stream of the group, or to the group. */
    authorize(caller: Caller, action: string, group: string, stream?: string): void;
    /** ARN of a stream. */
    arn(group: string, stream: string): string;
}

/** Makes {@link Groups}. */
export function createGroups({
    clock,
    place,
    resources,
    iam,
}: Pick<Services, "clock" | "place" | "resources" | "iam">): Groups {
    const store = createLogStore(place.data);
    const arn = (group: string, stream: string) =>
        `arn:aws:logs:${place.region}:${place.account}:log-group:${group}:log-stream:${stream}`;

    function named(name: string): Resource {
        const group = resources.get(LOG_GROUP, name);
        if (!group) throw serviceError("ResourceNotFoundException", "The specified log group does not exist.");
        return group;
    }

    return {
        store,
        now: () => clock.now(),
        all: () => resources.all(LOG_GROUP),
        named,
        of({ logGroupName, logGroupIdentifier }) {
            const name = logGroupName ?? logGroupIdentifier?.replace(/^arn:[^/]*?:log-group:([^:]+).*$/, "$1");
            if (!name) throw invalid("Either logGroupName or logGroupIdentifier must be given.");
            return named(name);
        },
        stream(group, name) {
            const stream = store.stream(group.id, name);
            if (!stream) throw serviceError("ResourceNotFoundException", "The specified log stream does not exist.");
            return stream;
        },
        keptSince({ inputs }) {
            const days = Number(inputs.retentionInDays ?? 0);
            return days > 0 ? clock.now() - days * DAY : 0;
        },
        authorize: (caller, action, group, stream = "") => iam.authorize(caller, action, arn(group, stream)),
        arn,
    };
}

/** AWS's error for a value that it does not take. */
export function invalid(message: string): ServiceError {
    return serviceError("InvalidParameterException", message);
}

/** The first thing that an iterator gives, or undefined. */
export function first<T>(of: Iterable<T>): T | undefined {
    for (const item of of) return item;
    return undefined;
}
