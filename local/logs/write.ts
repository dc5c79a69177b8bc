import { serviceError } from "../errors";
import type { Resource } from "../resources";
import type { Caller, Logs } from "../services";
import { bytesOf, DAY, first, type Groups, invalid, PAGE } from "./groups";

/** Events may be this much older, and this much newer, than the time at which they come. */
const ACCEPTED = { past: 14 * DAY, future: DAY / 12 } as const;

/** What other services log: lines of now, to a stream that is made when it is missing. */
export const putLines =
    (groups: Groups): Logs["putLogEvents"] =>
    (caller, name, stream, messages) => {
        const group = groups.named(name);
        if (!groups.store.stream(name, stream)) makeStream(groups, caller, group, stream);
        groups.authorize(caller, "logs:PutLogEvents", name, stream);
        const now = groups.now();
        groups.store.append(
            name,
            stream,
            messages.map((message) => ({ timestamp: now, ingested: now, message })),
        );
    };

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html */
export const createLogStream =
    (groups: Groups) =>
    ({ logGroupName, logStreamName }: { logGroupName: string; logStreamName: string }, caller: Caller): void => {
        const group = groups.named(logGroupName);
        if (!/^[^:*]{1,512}$/.test(logStreamName)) {
            const pattern = "failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*";
            throw invalid(`1 validation error detected: Value '${logStreamName}' at 'logStreamName' ${pattern}`);
        }
        if (groups.store.stream(group.id, logStreamName))
            throw serviceError("ResourceAlreadyExistsException", "The specified log stream already exists");
        makeStream(groups, caller, group, logStreamName);
    };

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
export const putLogEvents =
    (groups: Groups) =>
    (
        input: {
            logGroupName: string;
            logStreamName: string;
            logEvents: readonly { timestamp: number; message: string }[];
        },
        caller: Caller,
    ) => {
        const { logStreamName, logEvents } = input;
        const group = groups.named(input.logGroupName);
        groups.authorize(caller, "logs:PutLogEvents", group.id, logStreamName);
        groups.stream(group, logStreamName);
        if (logEvents.some((event, i) => i > 0 && event.timestamp < (logEvents[i - 1]?.timestamp ?? 0)))
            throw invalid("Log events in a single PutLogEvents request must be in chronological order.");
        const size = logEvents.reduce((sum, event) => sum + bytesOf(event), 0);
        if (logEvents.length > PAGE.events || size > PAGE.bytes)
            throw invalid(`Upload too large: ${size} bytes exceeds limit of ${PAGE.bytes}`);
        const now = groups.now();
        const oldest = Math.max(now - ACCEPTED.past, groups.keptSince(group));
        const old = logEvents.filter(({ timestamp }) => timestamp < oldest).length;
        const early = logEvents.findIndex(({ timestamp }) => timestamp > now + ACCEPTED.future);
        const taken = logEvents.slice(old, early < 0 ? undefined : early);
        groups.store.append(
            group.id,
            logStreamName,
            taken.map((event) => ({ ...event, ingested: now })),
        );
        const rejectedLogEventsInfo = {
            ...(old > 0 && { tooOldLogEventEndIndex: old }),
            ...(early >= 0 && { tooNewLogEventStartIndex: early }),
        };
        return {
            nextSequenceToken: "0",
            ...(Object.keys(rejectedLogEventsInfo).length > 0 && { rejectedLogEventsInfo }),
        };
    };

/** Makes a stream, and takes the chance to remove those of its group that hold nothing which is still kept. */
function makeStream({ store, authorize, keptSince, now }: Groups, caller: Caller, group: Resource, name: string): void {
    authorize(caller, "logs:CreateLogStream", group.id, name);
    const since = keptSince(group);
    for (const stream of since > 0 ? store.streams(group.id) : []) {
        const last = first(store.backward(stream))?.timestamp ?? stream.created;
        if (last < since) store.remove(group.id, stream.name);
    }
    store.create(group.id, name, now());
}
