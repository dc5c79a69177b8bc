import { randomInt } from "node:crypto";
import type * as EventBridge from "@aws-sdk/client-eventbridge";
import type { ColumnChoices } from "../schema/choices";
import { type Choose, chooser } from "../schema/choose";
import { sourceDocuments } from "../schema/source-document";
import { environment } from "./environment";
import { inParallel } from "./in-parallel";
import { pauseBefore } from "./pause";
import { deadlineOf, type LambdaContext } from "./time-left";

/** Settings of {@link eventSimulator}. Plain data: it is serialized with the handler. */
export interface SimulatorOptions {
    readonly source: string;
    readonly detailType: string;
    /** What an event's `detail` is made of. */
    readonly columns: readonly ColumnChoices[];
}

/** How many events to send, 1,000 unless given. The same seed gives the same events. */
export interface Simulation {
    readonly count?: number;
    readonly seed?: number;
}

/** What became of the events. */
export interface SimulationReport {
    readonly sent: number;
    /** Not taken, for good or in the time that the call had. */
    readonly failed: number;
    /** How many failed with which of EventBridge's codes. */
    readonly errors: Readonly<Record<string, number>>;
    /** Calls of PutEvents. */
    readonly calls: number;
    readonly seed: number;
}

/** Entries in one call. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const BATCH = 10;
/** Calls under way at once. */
const CONCURRENCY = 8;
const TAKEN = "";
const BUSY = "Busy";
/** Codes after which another try may help. */
const TEMPORARY = /Throttl|LimitExceeded|Internal|Unavailable/;
/** What a call of some minutes can send in the regions that take least. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const MOST = 100_000;

/**
 * Makes the handler that puts events onto the bus in the environment variable `BUS`, ten in a call. What the bus is too busy for is sent again,
 * after pauses with jitter, as long as the call has time; what was not taken then is in the answer.
 */
export function eventSimulator({ source, detailType, columns }: SimulatorOptions) {
    const bus = environment("BUS");
    const detailOf = details(columns);
    let connection: ReturnType<typeof connect> | undefined;

    return async (event: Simulation | null, context?: LambdaContext): Promise<SimulationReport> => {
        const { count, seed } = simulationOf(event ?? {});
        const deadline = deadlineOf(context);
        const choose = chooser(seed);
        const errors: Record<string, number> = {};
        let calls = 0;
        let open: readonly string[] = Array.from({ length: count }, () => detailOf(choose));
        for (let attempt = 0; open.length > 0 && (await pauseBefore(attempt, deadline)); attempt++) {
            const results = await inParallel(CONCURRENCY, chunks(open), async (details) => {
                calls++;
                return put(details);
            });
            const outcomes = results.flat();
            for (const code of outcomes) if (code !== TAKEN && code !== BUSY) errors[code] = (errors[code] ?? 0) + 1;
            open = open.filter((_, i) => outcomes[i] === BUSY);
        }
        if (open.length > 0) errors[BUSY] = open.length;
        const failed = Object.values(errors).reduce((sum, n) => sum + n, 0);
        const report = { sent: count - failed, failed, errors, calls, seed };
        console.log({ outcome: "Simulated", ...report });
        return report;
    };

    /** Makes one call, and says of each event that it was taken, that the bus was busy, or EventBridge's code for why it never will be. */
    async function put(details: readonly string[]): Promise<readonly string[]> {
        connection ??= connect();
        const { client, sdk } = connection;
        const entry = { EventBusName: bus, Source: source, DetailType: detailType };
        const command = new sdk.PutEventsCommand({ Entries: details.map((Detail) => ({ ...entry, Detail })) });
        try {
            const { Entries = [] } = await client.send(command);
            return details.map((_, i) => {
                const code = Entries[i]?.ErrorCode ?? TAKEN;
                return TEMPORARY.test(code) ? BUSY : code;
            });
        } catch (error) {
            if (!isTemporary(error as ServiceError)) throw error;
            return details.map(() => BUSY);
        }
    }
}

/** The SDK is not in the bundle: Lambda has it. */
function connect() {
    const sdk = require("@aws-sdk/client-eventbridge") as typeof EventBridge;
    // The simulator repeats calls itself, so that they end in time and are counted.
    return { sdk, client: new sdk.EventBridgeClient({ maxAttempts: 1 }) };
}

interface ServiceError extends Error {
    readonly $metadata?: { readonly httpStatusCode?: number };
}

function isTemporary({ name, $metadata }: ServiceError): boolean {
    const status = $metadata?.httpStatusCode;
    // Without a status there was no answer.
    return status === undefined || status >= 500 || TEMPORARY.test(name);
}

function simulationOf({ count = 1000, seed = randomInt(2 ** 31) }: Simulation): Required<Simulation> {
    if (!Number.isInteger(count) || count < 1 || count > MOST)
        throw new Error(`"count" must be a whole number from 1 to 100,000, not ${JSON.stringify(count)}.`);
    if (!Number.isSafeInteger(seed)) throw new Error(`"seed" must be a whole number, not ${JSON.stringify(seed)}.`);
    return { count, seed };
}

/** Makes details one after the other, as text. */
function details(columns: readonly ColumnChoices[]): (choose: Choose) => string {
    const documentOf = sourceDocuments(columns);
    return (choose) => {
        const record: Record<string, unknown> = {};
        for (const { name, choices } of columns) record[name] = chosen(choices, choose);
        return JSON.stringify(documentOf(record));
    };
}

/** One of each list, joined to a text when there are several; nothing for null. */
function chosen(choices: ColumnChoices["choices"], choose: Choose): unknown {
    const [first, ...others] = choices;
    if (others.length === 0)
        return first === undefined ? undefined : (choose(first as ArrayLike<unknown>) ?? undefined);
    let text = "";
    for (const from of choices) text += choose(from as ArrayLike<unknown>);
    return text;
}

function chunks<T>(values: readonly T[]): readonly (readonly T[])[] {
    return Array.from({ length: Math.ceil(values.length / BATCH) }, (_, index) =>
        values.slice(index * BATCH, (index + 1) * BATCH),
    );
}
