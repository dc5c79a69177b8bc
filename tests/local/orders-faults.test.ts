import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "@aws-sdk/client-sqs";
import type { PipelineOutputs } from "../../cli/support/stack";
import type { ApiEntrance } from "../../components/blocks/entrance";
import { entrance } from "../../components/orders/entrance";
import { tables } from "../../components/orders/tables";
import { runtimeProcess } from "../support/runtime-process";
import { keyOf, type Order, shop } from "../support/shop";
import { answersOf, utc } from "../support/shop-answers";
import {
    countLogged,
    itemsOf,
    keysOf,
    messagesOf,
    objectsOf,
    recordsOf,
    type StoredRecord,
} from "../support/shop-state";
import { seeded, sized } from "../support/soak";

const OPEN = { auth: { mode: "none", throttle: { rate: 2000, burst: 2000 } } };
const QUICK = { buffer: { intervalSeconds: 1, sizeMiB: 64 }, rows: { intervalSeconds: 0 } };
const COUNT = sized(100_000, 1_000);
const KILLS = sized(5, 1);
const BATCH = sized(500, 50);
const PATIENCE_MS = sized(20 * 60_000, 60_000);

const api = entrance.door as ApiEntrance;

describe(`${COUNT} orders, each sent twice, one in a hundred bad, while DynamoDB throttles and the consumer is killed`, function () {
    this.timeout(30 * 60_000);
    const runtime = runtimeProcess(
        { orders: { ...OPEN, ...QUICK, consumer: { batchSize: BATCH } } },
        {
            seed: 11,
            throttled: { refused: 0.1, unprocessed: 0.02 },
            killed: { function: "consumer", rate: 0.1 },
        },
    );
    const { rounds, good, bad } = shop(COUNT, 11);
    const random = seeded(11);
    let outputs: PipelineOutputs;
    let records: readonly StoredRecord[];
    let isUp = true;

    /** Sends a batch until it is answered that the stream has all of it: what is killed on the way may or may not be there. */
    async function send(batch: readonly string[]): Promise<void> {
        let left = batch;
        while (left.length > 0) {
            while (!isUp) await sleep(20);
            const answer = await post(left).catch(() => undefined);
            if (!answer) continue;
            const outcomes = api.outcomes(answer.status, await answer.text(), left.length);
            assert.ok(!outcomes.includes("refused"), `answered ${answer.status}`);
            left = left.filter((_, index) => outcomes[index] === "again");
        }
    }

    async function post(orders: readonly string[]): Promise<Response> {
        const { method, path, body } = api.request(outputs, orders);
        return fetch(`${outputs.url}${path}`, { method, body, headers: { "content-type": "application/json" } });
    }

    async function sendAll(texts: readonly string[]): Promise<void> {
        const batches = Array.from({ length: Math.ceil(texts.length / BATCH) }, (_, n) =>
            texts.slice(n * BATCH, (n + 1) * BATCH),
        ).values();
        const worker = async () => {
            for (const batch of batches) await send(batch);
        };
        await Promise.all(Array.from({ length: 4 }, worker));
    }

    async function killNowAndThen(until: () => boolean): Promise<void> {
        for (let kill = 0; kill < KILLS && !until(); kill++) {
            await sleep(200 + random() * sized(8000, 300));
            isUp = false;
            await runtime.kill();
            await runtime.start();
            outputs = await runtime.outputs("orders");
            isUp = true;
        }
    }

    /** Waits until each of the five readers has done with the whole stream. */
    async function untilWorkedOff(): Promise<void> {
        const deadline = Date.now() + PATIENCE_MS;
        const rejected = records.filter(({ text }) => bad.has(text)).length;
        const rows = async () =>
            Object.values((await runtime.status()).delivery).map(
                ({ delivered, failed, dropped }) => delivered + failed + dropped,
            );
        const kept = async () => (await keysOf(runtime, outputs.bucket ?? "", "errors/rejected/")).length;
        const last = async () =>
            (await itemsOf(runtime, outputs.itemTable ?? "")).filter(
                (item) => good.get(keyOf(item as unknown as Order))?.status === item.status,
            ).length;
        // The cheap questions first: to ask all of them all the time would keep the runtime from its work.
        const isDone = async () =>
            (await rows()).every((count) => count >= records.length) &&
            (await kept()) >= rejected &&
            (await last()) >= good.size;
        while (!(await isDone())) {
            const far = async () => `${await rows()} of ${records.length} rows, ${await kept()} of ${rejected} kept`;
            if (Date.now() > deadline) assert.fail(`Not worked off: ${await far()}, ${await last()} items.`);
            await sleep(sized(2000, 200));
        }
    }

    before(async () => {
        await runtime.start();
        outputs = await runtime.outputs("orders");
        let isSent = false;
        const killing = killNowAndThen(() => isSent);
        for (const round of rounds) await sendAll(round);
        isSent = true;
        await killing;
        records = await recordsOf(runtime, outputs.stream ?? "");
        await untilWorkedOff();
    });
    after(() => runtime.remove());

    it("are read by a consumer that was killed", async () => {
        const ends = await countLogged(runtime, outputs.logs?.consumer ?? "", '"Runtime.ExitError"');
        assert.ok(ends > 0, `killed ${ends} times`);
    });

    it("are in the stream at least twice", () => {
        const times = new Map<string, number>();
        for (const { text } of records) times.set(text, (times.get(text) ?? 0) + 1);
        const sent = new Set([...rounds[0], ...rounds[1]]);
        assert.deepEqual([...times.keys()].filter((text) => !sent.has(text)).length, 0);
        assert.deepEqual([...sent].filter((text) => !times.has(text)).length, 0);
        assert.ok(records.length >= 2 * COUNT);
    });

    it("are one item each, whole and as they were sent last, and nothing else is", async () => {
        const items = await itemsOf(runtime, outputs.itemTable ?? "");
        assert.equal(items.length, good.size);
        for (const item of items) assert.deepEqual(item, good.get(keyOf(item as unknown as Order)));
    });

    for (const query of Object.keys(answersOf({ rounds, good, bad }))) {
        it(`count once in the named query ${query}`, async () => {
            const expected = answersOf({ rounds, good, bad })[query] ?? [];
            const rows = await runtime.named("orders", query);
            if (query !== "average-order-value") return assert.deepEqual(rows, expected);
            // Adding doubles up in another order makes another last digit.
            const near = rows.map(([currency, count, average], n) => {
                const mean = expected[n]?.[2] ?? "";
                return [currency, count, Math.abs(Number(average) - Number(mean)) < 0.011 ? mean : average];
            });
            assert.deepEqual(near, expected);
        });
    }

    for (const { dataset } of Object.values(tables)) {
        it(`are in ${dataset.name} by their keys, and nothing else is`, async () => {
            const key = dataset.key ?? [];
            const found = await runtime.rows("orders", `SELECT DISTINCT ${key.join(", ")} FROM ${dataset.name}`);
            const versions = [...new Set([...rounds[0], ...rounds[1]])].filter((text) => !bad.has(text));
            const lines = versions.flatMap((text) => {
                const order = JSON.parse(text) as Order;
                if (!key.includes("line")) return [keyOf(order)];
                return order.product_details.map((_, index) => `${keyOf(order)} ${index + 1}`);
            });
            const expected = [...new Set(lines)].sort();
            assert.deepEqual(found.map((values) => values.join(" ")).sort(), expected);
        });
    }

    it("lie in the folder of the day that they are of in UTC", async () => {
        const sql = "SELECT DISTINCT customer_id, order_id, year, month, day FROM orders";
        for (const [customer_id = "", order_id = "", ...day] of await runtime.rows("orders", sql)) {
            const order = good.get(keyOf({ customer_id, order_id }));
            assert.deepEqual(
                day.map(Number),
                utc(order?.order_date ?? "")
                    .slice(0, 10)
                    .split("-")
                    .map(Number),
            );
        }
    });

    it("are kept when they are bad, each once for each time it came, with the reason", async () => {
        const kept = await objectsOf(runtime, outputs.bucket ?? "", "errors/");
        const rejections = [...kept.values()].map((text) => JSON.parse(text) as Record<string, string>);
        const came = records.filter(({ text }) => bad.has(text));
        assert.deepEqual(
            rejections.map(({ sequenceNumber }) => sequenceNumber).sort(),
            came.map(({ sequenceNumber }) => sequenceNumber).sort(),
        );
        for (const { rawData = "", errorMessage = "" } of rejections) {
            const reason = bad.get(Buffer.from(rawData, "base64").toString());
            assert.match(errorMessage, reason ?? /^$/);
        }
        assert.ok([...kept.keys()].every((key) => key.startsWith("errors/rejected/")));
    });

    it("are never given up", async () => {
        assert.deepEqual(await messagesOf(runtime, outputs.deadLetters ?? ""), []);
        const { delivery } = await runtime.status();
        assert.deepEqual(
            Object.values(delivery).map(({ failed }) => failed),
            [0, 0, 0, 0],
        );
    });
});

describe("An order that kills the consumer each time", function () {
    this.timeout(120_000);
    const RETRIES = 3;
    const runtime = runtimeProcess(
        { orders: { ...OPEN, ...QUICK, consumer: { batchSize: 64, retries: RETRIES } } },
        { seed: 12, killed: { function: "consumer", text: '"partitionKey":"deadly"' } },
    );
    const texts = [...shop(64, 12).good.values()].map((order, n) =>
        JSON.stringify(n === 20 ? { ...order, customer_id: "deadly" } : order),
    );
    const isDeadly = (text: string) => text.includes('"deadly"');
    let outputs: PipelineOutputs;
    let letters: readonly Message[] = [];

    before(async () => {
        await runtime.start();
        outputs = await runtime.outputs("orders");
        const { path, body } = api.request(outputs, texts);
        const headers = { "content-type": "application/json" };
        const answer = await fetch(`${outputs.url}${path}`, { method: "POST", headers, body });
        assert.equal(answer.status, 200, await answer.text());
        while (letters.length === 0) letters = await messagesOf(runtime, outputs.deadLetters ?? "");
        // Those behind it on its shard come after it.
        while ((await itemsOf(runtime, outputs.itemTable ?? "")).length < texts.length - 1) await sleep(100);
        await delivered();
    });
    after(() => runtime.remove());

    async function delivered(): Promise<void> {
        const isDone = async () =>
            Object.values((await runtime.status()).delivery).every(
                (each) => each.delivered + each.failed + each.dropped === texts.length,
            );
        while (!(await isDone())) await sleep(100);
    }

    it("is in the queue, alone and once, after as many tries as it has", async () => {
        const [{ Body = "" } = {}, ...others] = [...letters, ...(await messagesOf(runtime, outputs.deadLetters ?? ""))];
        assert.deepEqual(others, []);
        const { requestContext, KinesisBatchInfo: place } = JSON.parse(Body);
        assert.deepEqual([requestContext.condition, place.batchSize], ["RetryAttemptsExhausted", 1]);
        const records = await recordsOf(runtime, outputs.stream ?? "");
        const deadly = records.find(({ text }) => isDeadly(text));
        assert.equal(place.startSequenceNumber, deadly?.sequenceNumber);
    });

    it("keeps no other from its item, before it or behind it", async () => {
        const items = await itemsOf(runtime, outputs.itemTable ?? "");
        const expected = texts.filter((text) => !isDeadly(text)).map((text) => keyOf(JSON.parse(text)));
        assert.deepEqual(items.map((item) => keyOf(item as unknown as Order)).sort(), expected.sort());
    });

    it("costs no more calls than its tries, and those that its batch is halved in", async () => {
        const calls = await countLogged(runtime, outputs.logs?.consumer ?? "", '"Runtime.ExitError"');
        // A batch of 64 is halved six times until the order is alone in it.
        assert.ok(calls <= 6 + 1 + RETRIES, `killed ${calls} times`);
    });

    it("is a row all the same, as the tables are filled by others", async () => {
        const rows = await runtime.rows("orders", "SELECT customer_id FROM orders WHERE customer_id = 'deadly'");
        assert.deepEqual(rows, [["deadly"]]);
    });
});
