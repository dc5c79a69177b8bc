import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { Figure } from "./figure";
import { type Measured, measuredHandlers, RECORDS } from "./measured-handlers";

const ROUNDS = 11;
const BATCHES_PER_ROUND = 80;

/** What the process is told to measure. */
export interface Order {
    readonly name: string;
    /** The text of the handler as deployed. */
    readonly text: string;
}

type Form = "floor" | "written" | "deployed";

process.once("message", async ({ name, text }: Order) => {
    process.send?.(await measure(name, measuredHandlers[name] as Measured, text));
    process.disconnect();
});

/**
 * Measures a handler as deployed, beside itself as written and beside the floor. The three take turns, and each figure is the median of those of
 * single rounds.
 */
async function measure(name: string, handler: Measured, text: string): Promise<readonly Figure[]> {
    Object.assign(process.env, handler.environment);
    letServicesTakeAll();
    // What Lambda does with a line is not measured.
    console.log = () => undefined;
    const forms: Record<Form, () => unknown> = {
        floor: () => handler.floor(handler.event),
        written: checked(name, handler, handler.factory(handler.options)),
        deployed: checked(name, handler, started(text)),
    };
    const { records = RECORDS } = handler;
    const rounds: Record<Form, number>[] = [];
    for (let round = -3; round < ROUNDS; round++) {
        const rates = {
            floor: await rate(forms.floor, records),
            written: await rate(forms.written, records),
            deployed: await rate(forms.deployed, records),
        };
        // The first rounds are the engine's, to optimize in.
        if (round >= 0) rounds.push(rates);
    }
    const figure = (unit: string, value: (rates: Record<Form, number>) => number) => ({
        value: median(rounds.map(value)),
        unit,
    });
    return [
        { name: `handlers.${name}.records_per_second`, ...figure("records/s", ({ deployed }) => deployed) },
        {
            name: `handlers.${name}.deployed_vs_floor`,
            ...figure("x", ({ deployed, floor }) => deployed / floor),
            target: 0.6,
        },
        {
            name: `handlers.${name}.deployed_vs_written`,
            ...figure("x", ({ deployed, written }) => deployed / written),
            target: 0.9,
        },
    ];
}

/** Records a second of one round: of the processor's time, so that it matters little what else the machine does. */
async function rate(handle: () => unknown, records: number): Promise<number> {
    const start = process.threadCpuUsage();
    for (let batch = 0; batch < BATCHES_PER_ROUND; batch++) await handle();
    const { user, system } = process.threadCpuUsage(start);
    return (BATCHES_PER_ROUND * records * 1e6) / (user + system);
}

function checked(
    name: string,
    { event, accepted, records = RECORDS }: Measured,
    handler: ReturnType<Measured["factory"]>,
) {
    return async () => {
        if (accepted((await handler(event)) as never) !== records)
            throw new Error(`A record of the benchmark was not accepted by ${name}.`);
    };
}

/** Starts a container, so to say. */
function started(text: string): ReturnType<Measured["factory"]> {
    const exports = {} as { handler: ReturnType<Measured["factory"]> };
    new Function("exports", "require", text)(exports, require);
    return exports.handler;
}

function letServicesTakeAll(): void {
    const taken = Promise.resolve({ UnprocessedItems: {}, Entries: [] });
    for (const client of [DynamoDBClient, EventBridgeClient]) Object.assign(client.prototype, { send: () => taken });
}

function median(values: readonly number[]): number {
    return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
