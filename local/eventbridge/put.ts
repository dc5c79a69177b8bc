import type { PutEventsRequest, PutEventsRequestEntry, PutEventsResultEntry } from "@aws-sdk/client-eventbridge";
import { serviceError, unsupported } from "../errors";
import type { Caller, Services } from "../services";
import { busArn, busNameOf } from "./arn";
import { type BusEvent, eventText, uuidOf } from "./event";

/** Most entries of a request: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MAX_ENTRIES = 10;

/** The entries of a request must be smaller than this together: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MAX_BYTES = 1024 * 1024;

/** Bytes that a time counts for: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
const TIME_BYTES = 14;

/** Levels of nested JSON that are processed: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MAX_DEPTH = 1000;

const BUS_NAME = /^(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/.\-_A-Za-z0-9]+$/;

/** What putting events needs. */
export interface PutAccess {
    readonly services: Pick<Services, "clock" | "iam" | "metrics" | "place" | "randomHex">;
    /** Takes events to the rules of their buses; they are on disk when this resolves. An event to a bus that is not there goes nowhere. */
    accept(events: readonly BusEvent[]): Promise<void>;
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export const putEvents =
    ({ services, accept }: PutAccess) =>
    async ({ Entries: entries = [], EndpointId: endpoint }: PutEventsRequest, caller: Caller) => {
        const { clock, iam, metrics, place, randomHex } = services;
        if (endpoint !== undefined) throw unsupported("A global endpoint of EventBridge");
        requireBatch(entries);
        for (const { EventBusName, Source = "", DetailType = "" } of entries)
            iam.authorize(caller, "events:PutEvents", busArn(place, busNameOf(EventBusName)), {
                "events:source": Source,
                "events:detail-type": DetailType,
            });
        const ingested = clock.now();
        const events: BusEvent[] = [];
        const results = entries.map((entry): PutEventsResultEntry => {
            const failure = failureOf(entry);
            if (failure) return failure;
            const id = uuidOf(randomHex(32));
            const text = eventText(place, {
                id,
                detailType: String(entry.DetailType),
                source: String(entry.Source),
                time: entry.Time?.getTime() ?? ingested,
                resources: entry.Resources ?? [],
                detail: String(entry.Detail),
            });
            events.push({ bus: busNameOf(entry.EventBusName), id, text, ingested });
            return { EventId: id };
        });
        await accept(events);
        const failed = results.length - events.length;
        metrics.put("AWS/Events", "PutEventsApproximateCallCount", {}, 1);
        metrics.put("AWS/Events", "PutEventsEntriesCount", {}, entries.length);
        metrics.put("AWS/Events", "PutEventsFailedEntriesCount", {}, failed);
        return { FailedEntryCount: failed, Entries: results };
    };

function requireBatch(entries: readonly PutEventsRequestEntry[]): void {
    const problems = [
        ...(entries.length === 0
            ? [
                  "Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1",
              ]
            : []),
        ...(entries.length > MAX_ENTRIES
            ? [
                  `Value '[${entries.map(shown).join(", ")}]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to ${MAX_ENTRIES}`,
              ]
            : []),
        ...entries.flatMap(({ EventBusName: name }, index) =>
            name === undefined || BUS_NAME.test(name)
                ? []
                : [
                      `Value '${name}' at 'entries.${index + 1}.member.eventBusName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+`,
                  ],
        ),
    ];
    const [count, s] = [problems.length, problems.length > 1 ? "s" : ""];
    if (count > 0)
        throw serviceError("ValidationException", `${count} validation error${s} detected: ${problems.join("; ")}`);
    if (entries.reduce((bytes, entry) => bytes + bytesOf(entry), 0) >= MAX_BYTES)
        throw serviceError("ValidationException", "Total size of the entries in the request is over the limit.");
}

function bytesOf({ Time, Source = "", DetailType = "", Detail = "", Resources = [] }: PutEventsRequestEntry): number {
    const texts = [Source, DetailType, Detail, ...Resources];
    return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), Time ? TIME_BYTES : 0);
}

/** An entry as AWS shows it in an error. */
function shown(entry: PutEventsRequestEntry): string {
    const { Time, Source, Resources, DetailType, Detail, EventBusName, TraceHeader } = entry;
    const members = {
        time: Time?.toISOString(),
        source: Source,
        resources: Resources && `[${Resources.join(", ")}]`,
        detailType: DetailType,
        detail: Detail,
        eventBusName: EventBusName,
        traceHeader: TraceHeader,
        kmsKeyIdentifier: undefined,
        internalMetadata: undefined,
    };
    const texts = Object.entries(members).map(([name, value]) => `${name}=${value ?? "null"}`);
    return `PutEventsRequestEntry(${texts.join(", ")})`;
}

/** Why an entry is no event, if it is none. */
function failureOf({ Source, DetailType, Detail }: PutEventsRequestEntry): PutEventsResultEntry | undefined {
    const [lacking] = Object.entries({ Source, DetailType, Detail }).find(([, value]) => !value) ?? [];
    if (lacking)
        return {
            ErrorCode: "InvalidArgument",
            ErrorMessage: `Parameter ${lacking} is not valid. Reason: ${lacking} is a required argument.`,
        };
    if (Source?.startsWith("aws."))
        return { ErrorCode: "NotAuthorizedForSource", ErrorMessage: "Not authorized for the source." };
    if (!isObject(String(Detail))) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
    return undefined;
}

function isObject(json: string): boolean {
    try {
        const value: unknown = JSON.parse(json);
        return typeof value === "object" && value !== null && !Array.isArray(value) && !isTooDeep(json);
    } catch {
        return false;
    }
}

/** Most texts are too short to be deep. */
function isTooDeep(json: string): boolean {
    if (json.length <= 2 * MAX_DEPTH) return false;
    let [depth, deepest] = [0, 0];
    for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
        if (token === "{" || token === "[") deepest = Math.max(deepest, ++depth);
        else if (token === "}" || token === "]") depth -= 1;
    }
    return deepest > MAX_DEPTH;
}
