import { deepStrictEqual, strictEqual } from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { fakeLambda } from "../../tests/support/local";
import { createFirehose, type Firehose } from "./index";
import {
    eventually,
    firehoseFor,
    icebergInputs,
    LOCATION,
    objectsBelow,
    putAll,
    STREAM,
    s3Inputs,
    type TransformEvent,
} from "./test-support";

/** Everything that delivery does with a batch that a table and both kinds of error objects have a share in. */
const STEPS = [
    "transformed",
    "staged",
    "sealed",
    "table:committed",
    "table:reported",
    "object:processing-failed",
    "object:iceberg-failed",
    "advanced",
    "unsealed",
    "trimmed",
];

/** Some are dropped, some fail in the function, some are no object, some the table rejects. What a record says decides. */
const lambda = fakeLambda({
    check: ({ records }: TransformEvent) => ({
        records: records.map(({ recordId, data }) => {
            const text = Buffer.from(data, "base64").toString();
            if (text.includes("drop")) return { recordId, result: "Dropped" };
            if (text.includes("fail")) return { recordId, result: "ProcessingFailed" };
            return { recordId, result: "Ok", data };
        }),
    }),
});
const RECORDS = ['{"id":1}', "fail 2", "drop 3", "[4]", '{"id":"reject 5"}', '{"id":6}', "fail 7"];
const EXPECTED = {
    rows: [{ id: 1 }, { id: 6 }],
    errors: ["Iceberg.InvalidJson [4]", 'Iceberg.InvalidRecord {"id":"reject 5"}', "Lambda fail 2", "Lambda fail 7"],
    status: { accepted: 7, delivered: 2, failed: 4, dropped: 1, pending: 0 },
};

describe("A delivery that is killed", () => {
    const open: (() => Promise<void>)[] = [];
    afterEach(async () => {
        for (const end of open.splice(0)) await end();
    });
    function made() {
        const parts = firehoseFor(icebergInputs(), { lambda });
        parts.iceberg.before = (documents) =>
            Object.fromEntries(
                documents.filter(({ id }) => String(id).startsWith("reject")).map(({ __seq }) => [__seq, "rejected"]),
            );
        open.push(async () => parts.services.place.remove());
        return parts;
    }
    function outcome({ iceberg, services }: ReturnType<typeof made>, firehose: Firehose) {
        const lines = Object.values(objectsBelow(services.s3.objects, "lake/errors/")).flatMap((body) =>
            body.trimEnd().split("\n"),
        );
        const errors = lines.map((line) => {
            const { errorCode, rawData } = JSON.parse(line);
            return `${errorCode.replace(".ProcessingFailedStatus", "")} ${Buffer.from(rawData, "base64")}`;
        });
        return { rows: iceberg.rows.get(LOCATION), errors: errors.sort(), status: firehose.status()[STREAM] };
    }

    it("does each of its steps", async () => {
        const parts = made();
        const seen: string[] = [];
        const firehose = parts.reopen({ step: (_stream, step) => void seen.push(step) });
        open.unshift(() => firehose.close());
        firehose.start();
        await putAll(firehose, RECORDS);
        await firehose.flush(STREAM);
        deepStrictEqual([...seen].sort(), [...STEPS].sort());
        deepStrictEqual(outcome(parts, firehose), EXPECTED);
    });

    for (const at of STEPS)
        it(`after the step "${at}" is done again, and nothing is lost or doubled`, async () => {
            const parts = made();
            let killed = false;
            const first = parts.reopen({
                step(_stream, step) {
                    if (step !== at) return;
                    killed = true;
                    throw new Error("killed");
                },
            });
            first.start();
            await putAll(first, RECORDS);
            const flushed = first.flush(STREAM).catch(() => undefined);
            await eventually(() => killed);
            await first.close();
            await flushed;

            const second = parts.reopen();
            open.unshift(() => second.close());
            second.start();
            await second.flush(STREAM);
            deepStrictEqual(outcome(parts, second), EXPECTED);
            await putAll(second, ['{"id":8}']);
            await second.flush(STREAM);
            deepStrictEqual(outcome(parts, second).rows, [...EXPECTED.rows, { id: 8 }]);
        });

    it("does not ask the function again for what was sealed", async () => {
        const parts = firehoseFor(icebergInputs(), {
            lambda: fakeLambda({
                check: ({ records }: TransformEvent) => ({
                    records: records.map(({ recordId }) => ({
                        recordId,
                        result: "Ok",
                        data: Buffer.from(`{"call":${++calls}}`).toString("base64"),
                    })),
                }),
            }),
        });
        let calls = 0;
        open.push(async () => parts.services.place.remove());
        const first = parts.reopen({
            step(_stream, step) {
                if (step === "table:committed") throw new Error("killed");
            },
        });
        first.start();
        await putAll(first, ["a"]);
        await first.flush(STREAM).catch(() => undefined);
        await first.close();
        const second = parts.reopen();
        open.unshift(() => second.close());
        second.start();
        await second.flush(STREAM);
        deepStrictEqual([calls, parts.iceberg.rows.get(LOCATION), parts.iceberg.commits], [1, [{ call: 1 }], 1]);
    });

    it("keeps every acknowledged record exactly once through any kills, S3 objects too", async () => {
        const at = fc.constantFrom("transformed", "staged", "sealed", "object:data", "advanced", "unsealed", "trimmed");
        const round = fc.record({ puts: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }), kill: at });
        await fc.assert(
            fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
                const { services, reopen } = firehoseFor(s3Inputs({ bufferingInterval: 0 }));
                const sent: string[] = [];
                for (const { puts, kill } of rounds) {
                    const killed = reopen({
                        step(_stream, step) {
                            if (step === kill) throw new Error("killed");
                        },
                    });
                    killed.start();
                    for (const count of puts) {
                        const texts = Array.from({ length: count }, () => `<${sent.length}>`).map(
                            (_each, i) => `<${sent.length + i}>`,
                        );
                        await putAll(killed, texts);
                        sent.push(...texts);
                    }
                    await killed.close();
                }
                const last = reopen();
                last.start();
                await last.flush(STREAM);
                await last.close();
                const found = Object.values(objectsBelow(services.s3.objects, "lake/")).join("").match(/<\d+>/g) ?? [];
                deepStrictEqual([...found].sort(), [...sent].sort());
                services.place.remove();
            }),
            { numRuns: 25, seed: 11 },
        );
    });

    it("removes what it had staged and not sealed", async () => {
        const parts = made();
        const folder = path.join(parts.services.place.data, "firehose", STREAM, "staging");
        fs.mkdirSync(folder, { recursive: true });
        fs.writeFileSync(path.join(folder, "table-0.ndjson"), '{"__seq":99,"__op":"insert","id":99}\n');
        const { firehose } = parts;
        open.unshift(() => firehose.close());
        firehose.start();
        await putAll(firehose, RECORDS);
        await firehose.flush(STREAM);
        deepStrictEqual(outcome(parts, firehose), EXPECTED);
    });

    it("starts again by itself after an error that nobody expected", async () => {
        const parts = made();
        const errors: unknown[] = [];
        const firehose = createFirehose(parts.services, { onError: (_stream, error) => void errors.push(error) });
        open.unshift(() => firehose.close());
        firehose.start();
        const { put } = parts.services.metrics;
        parts.services.metrics.put = (namespace, name, dimensions, value) => {
            parts.services.metrics.put = put;
            throw new Error(`no metric ${namespace} ${name} ${Object.values(dimensions)} ${value}`);
        };
        await putAll(firehose, RECORDS).catch(() => undefined);
        parts.services.metrics.put = (...args) => {
            if (args[1] === "DeliveryToIceberg.Bytes" && errors.length === 0) throw new Error("no metric");
            put(...args);
        };
        const flushed = firehose.flush(STREAM);
        await eventually(() => errors.length > 0);
        await parts.services.clock.advance(1000);
        await flushed;
        deepStrictEqual([(errors[0] as Error).message, errors.length], ["no metric", 1]);
        deepStrictEqual(outcome(parts, firehose), EXPECTED);
    });

    it("and has lost its cursor goes on with what is kept", async () => {
        const { firehose, reopen, services, iceberg } = made();
        firehose.start();
        await putAll(firehose, ['{"id":1}']);
        await firehose.flush(STREAM);
        await putAll(firehose, ['{"id":2}']);
        await firehose.close();
        fs.rmSync(path.join(services.place.data, "firehose", STREAM, "cursor.json"));
        const again = reopen();
        open.unshift(() => again.close());
        again.start();
        await again.flush(STREAM);
        deepStrictEqual(iceberg.rows.get(LOCATION), [{ id: 1 }, { id: 2 }]);
    });

    it("of a former stream with the same name is not taken for its own", async () => {
        const parts = made();
        const { firehose, services, iceberg } = parts;
        open.unshift(() => firehose.close());
        firehose.start();
        await putAll(firehose, ['{"id":1}']);
        await firehose.flush(STREAM);
        const type = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";
        const [resource] = services.resources.all(type);
        const binding = firehose.bindings[type];
        if (!resource || !binding?.delete) throw new Error("There is no such binding.");
        await binding.delete(resource);
        services.resources.remove(type, resource.id);
        services.resources.put({ ...resource, ...(await binding.create(resource.inputs, "visits")) });
        strictEqual(firehose.status()[STREAM]?.accepted, 0);
        await putAll(firehose, ['{"id":2}']);
        await firehose.flush(STREAM);
        deepStrictEqual(iceberg.rows.get(LOCATION), [{ id: 1 }, { id: 2 }]);
    });
});
