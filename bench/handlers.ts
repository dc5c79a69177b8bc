import { pageEvents } from "../components/web-analytics/dataset";
import type { TransformEvent, TransformResult } from "../functions/firehose-events";
import { firehoseTransform } from "../functions/firehose-transform";
import { validatorSource } from "../schema/validator";
import { deployed, type Handler, withEnvironment } from "../tests/support/deployed";
import type { Figure } from "./figure";

const ROUNDS = 25;
const BATCHES_PER_ROUND = 50;
const RECORDS_PER_BATCH = 500;

/**
 * Measures each handler as deployed, beside itself as written and beside the floor: what has to be done at least. The three take turns,
 * and each ratio is the median of those of single rounds, so that what else the machine does weighs on all alike.
 */
export async function handlers(): Promise<readonly Figure[]> {
    const environment = { DATABASE: "lake", TABLE: pageEvents.name };
    const options = { dataset: pageEvents, validator: validatorSource(pageEvents) };
    return compare("handlers.firehose-transform", webEvents(), {
        floor: passThrough,
        written: withEnvironment(environment, () => firehoseTransform(options)),
        deployed: await deployed(firehoseTransform, options, environment),
    });
}

type Transform = Handler<TransformEvent, TransformResult>;

async function compare(
    name: string,
    event: TransformEvent,
    forms: Record<"floor" | "written" | "deployed", Transform>,
) {
    const rounds: Record<keyof typeof forms, number>[] = [];
    for (let round = -3; round < ROUNDS; round++) {
        const rates = {
            floor: await rate(forms.floor, event),
            written: await rate(forms.written, event),
            deployed: await rate(forms.deployed, event),
        };
        // The first rounds are the engine's, to optimize in.
        if (round >= 0) rounds.push(rates);
    }
    return [
        {
            name: `${name}.records_per_second`,
            value: median(rounds.map(({ deployed }) => deployed)),
            unit: "records/s",
        },
        {
            name: `${name}.deployed_vs_floor`,
            value: median(rounds.map(({ deployed, floor }) => deployed / floor)),
            unit: "x",
            target: 0.6,
        },
        {
            name: `${name}.deployed_vs_written`,
            value: median(rounds.map(({ deployed, written }) => deployed / written)),
            unit: "x",
            target: 0.9,
        },
    ];
}

/** Records a second of one round. */
async function rate(handler: Transform, event: TransformEvent): Promise<number> {
    const start = performance.now();
    for (let batch = 0; batch < BATCHES_PER_ROUND; batch++) {
        const { records } = await handler(event);
        if (records.some(({ result }) => result !== "Ok"))
            throw new Error("A record of the benchmark was not accepted.");
    }
    return (BATCHES_PER_ROUND * RECORDS_PER_BATCH * 1000) / (performance.now() - start);
}

/** The floor: decodes each record, parses it, and passes it on. */
async function passThrough({ records }: TransformEvent): Promise<TransformResult> {
    return {
        records: records.map(({ recordId, data }) => {
            JSON.parse(Buffer.from(data, "base64").toString());
            return { recordId, result: "Ok", data };
        }),
    };
}

/** A batch of different events of 366 bytes, each with a newline at its end, as the API writes them. */
function webEvents(): TransformEvent {
    return {
        records: Array.from({ length: RECORDS_PER_BATCH }, (_, index) => ({
            recordId: `4954698668313554428650745793632162567570019247115678515400${String(index).padStart(4, "0")}`,
            data: Buffer.from(`${JSON.stringify(webEvent(index))}\n`).toString("base64"),
        })),
    };
}

function webEvent(index: number) {
    return {
        user_id: `3f0e8d7c-1b2a-4c5d-9e8f-${String(index).padStart(12, "0")}`,
        session_id: "a1b2c3d4e5f6a7b8c9d0e1f2",
        event: ["visit", "view", "list", "like"][index % 4],
        referrer: "www.referrer.example",
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0",
        ip: "203.0.113.42",
        hostname: "shop.example.com",
        os: "Linux",
        timestamp: "2026-11-20T10:15:30Z",
        uri: "/list?page=12&q=books",
    };
}

function median(values: readonly number[]): number {
    return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
