import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { fakeClock } from "../../tests/support/clock";
import { fakeLambda, iamWith, memoryLogs, memoryMetrics, memoryS3 } from "../../tests/support/local";
import { serviceError } from "../errors";
import {
    allOk,
    eventually,
    firehoseFor,
    icebergInputs,
    LOCATION,
    lambdaProcessor,
    objectsBelow,
    passingTime,
    putAll,
    STREAM,
    s3Inputs,
    type TransformEvent,
} from "./test-support";

const START = Date.UTC(2026, 10, 20, 12);
const LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:check:$LATEST";
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("Delivery", () => {
    const open: (() => Promise<void>)[] = [];
    function started(...args: Parameters<typeof firehoseFor>) {
        const made = firehoseFor(...args);
        made.firehose.start();
        open.push(async () => {
            await made.firehose.close();
            made.services.place.remove();
        });
        return made;
    }
    afterEach(async () => {
        for (const end of open.splice(0)) await end();
    });

    describe("to an Iceberg table", () => {
        const lambda = fakeLambda({ check: allOk });

        it("puts each record into the one table that the stream names, as it came", async () => {
            const { firehose, iceberg } = started(icebergInputs(), { lambda });
            await putAll(firehose, ['{"id": 1, "name":"a"}\n', ' {"id":2,\n"name":"\\u2028 \u2028"} ', "{}"]);
            await firehose.flush(STREAM);
            deepStrictEqual(iceberg.rows.get(LOCATION), [{ id: 1, name: "a" }, { id: 2, name: "\u2028 \u2028" }, {}]);
            deepStrictEqual(firehose.status(), {
                [STREAM]: { accepted: 3, delivered: 3, failed: 0, dropped: 0, pending: 0 },
            });
        });

        it("waits for the hints of the function, then for those of the destination", async () => {
            const clock = fakeClock(START);
            const calls: number[] = [];
            const steps: string[] = [];
            const options = { step: (_name: string, step: string) => void steps.push(step) };
            const lambda = fakeLambda({
                check: (event: TransformEvent) => {
                    calls.push(clock.now() - START);
                    return allOk(event);
                },
            });
            const inputs = icebergInputs({}, { BufferIntervalInSeconds: "20" });
            const { firehose, iceberg } = started(inputs, { clock, lambda }, options);
            await putAll(firehose, ['{"id":1}']);
            await clock.advance(19_999);
            deepStrictEqual(calls, []);
            await clock.advance(1);
            await eventually(() => steps.includes("staged"));
            deepStrictEqual(calls, [20_000]);
            await clock.advance(59_999);
            deepStrictEqual([steps.includes("sealed"), iceberg.commits], [false, 0]);
            await clock.advance(1);
            await eventually(() => iceberg.commits > 0);
        });

        it("calls the function as soon as its buffer is full, and never with more than fits", async () => {
            const sizes: number[] = [];
            const { firehose, iceberg } = started(icebergInputs({}, { BufferSizeInMBs: "0.2" }), {
                lambda: fakeLambda({
                    check: (event: TransformEvent) => {
                        sizes.push(
                            event.records.reduce((sum, { data }) => sum + Buffer.from(data, "base64").length, 0),
                        );
                        return allOk(event);
                    },
                }),
            });
            const text = JSON.stringify({ id: 1, text: "x".repeat(1000) });
            for (let batch = 0; batch < 3; batch++) await putAll(firehose, new Array(400).fill(text));
            await eventually(() => iceberg.commits > 0);
            strictEqual(sizes.length >= 5, true);
            for (const size of sizes) strictEqual(size > 204_800 - text.length && size <= 209_715, true);
            await firehose.flush(STREAM);
            strictEqual(iceberg.rows.get(LOCATION)?.length, 1200);
        });

        it("gives the function AWS's event", async () => {
            const events: TransformEvent[] = [];
            const { firehose } = started(icebergInputs(), {
                lambda: fakeLambda({
                    check: (event: TransformEvent) => {
                        events.push(event);
                        return allOk(event);
                    },
                }),
            });
            await putAll(firehose, ['{"id":1}', ""]);
            await firehose.flush(STREAM);
            const [event] = events as [TransformEvent];
            deepStrictEqual(Object.keys(event), ["invocationId", "deliveryStreamArn", "region", "records"]);
            match(event.invocationId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
            strictEqual(event.deliveryStreamArn, `arn:aws:firehose:us-east-1:000000000000:deliverystream/${STREAM}`);
            strictEqual(event.region, "us-east-1");
            for (const { recordId } of event.records) match(recordId, /^\d{62}$/);
            deepStrictEqual(
                event.records.map(({ recordId: _id, ...rest }) => rest),
                [
                    { approximateArrivalTimestamp: START, data: base64('{"id":1}') },
                    { approximateArrivalTimestamp: START, data: "" },
                ],
            );
        });

        it("routes by otfMetadata, and inserts, updates and deletes by the keys that the stream names", async () => {
            const routed = (event: TransformEvent) => ({
                records: event.records.map(({ recordId, data }) => {
                    const { op, table, ...row } = JSON.parse(Buffer.from(data, "base64").toString());
                    const otfMetadata = {
                        destinationDatabaseName: "web",
                        destinationTableName: table ?? "visits",
                        operation: op,
                    };
                    return { recordId, result: "Ok", data: base64(JSON.stringify(row)), metadata: { otfMetadata } };
                }),
            });
            const keyed = [{ databaseName: "web", tableName: "visits", uniqueKeys: ["id"] }];
            const { firehose, iceberg, services } = started(icebergInputs({ destinationTableConfigurations: keyed }), {
                lambda: fakeLambda({ check: routed }),
            });
            services.resources.put({
                type: "aws:glue/catalogTable:CatalogTable",
                id: "000000000000:web:others",
                inputs: {
                    databaseName: "web",
                    name: "others",
                    openTableFormatInput: { icebergInput: { icebergTableInput: { location: "s3://lake/others" } } },
                },
            });
            const records = [
                { op: "insert", id: 1, n: 1 },
                { op: "update", id: 1, n: 2 },
                { op: "insert", id: 2, n: 1 },
                { op: "delete", id: 2 },
                { op: "insert", table: "others", id: 3 },
                { op: "update", table: "others", id: 3 },
                { op: "upsert", id: 4 },
                { op: "insert", table: "", id: 5 },
            ];
            await putAll(
                firehose,
                records.map((record) => JSON.stringify(record)),
            );
            await firehose.flush(STREAM);
            deepStrictEqual(iceberg.rows.get(LOCATION), [{ id: 1, n: 2 }]);
            deepStrictEqual(iceberg.rows.get("s3://lake/others"), [{ id: 3 }]);
            deepStrictEqual(
                errorsIn(services.s3.objects, "lake/errors/2026/11/20/12/iceberg-failed/").map((e) => [
                    e.errorCode,
                    e.errorMessage,
                ]),
                [
                    [
                        "Iceberg.UniqueKeysNotFound",
                        'The operation "update" needs unique keys, and the delivery stream names none for the table web.others.',
                    ],
                    ["Iceberg.InvalidOperation", 'The operation must be insert, update or delete, not "upsert".'],
                    ["Iceberg.InvalidTableName", "A null or empty table name is passed."],
                ],
            );
        });

        it("reports what is not one JSON object, and delivers the rest", async () => {
            const { firehose, iceberg, services } = started(icebergInputs(), { lambda });
            await putAll(firehose, [
                '{"id":1}',
                "[1]",
                '{"a":1}{"b":2}',
                "",
                '\ufeff{"a":1}',
                '{"__seq":7}',
                "nonsense",
            ]);
            const put = firehose.service.operations.PutRecordBatch as (input: object, caller: object) => Promise<void>;
            await put({ DeliveryStreamName: STREAM, Records: [{ Data: Buffer.from([0x7b, 0x22, 0xff, 0x22]) }] }, {});
            await firehose.flush(STREAM);
            deepStrictEqual(iceberg.rows.get(LOCATION), [{ id: 1 }]);
            const errors = errorsIn(services.s3.objects, "lake/errors/2026/11/20/12/iceberg-failed/");
            strictEqual(errors.length, 7);
            deepStrictEqual(errors[0], {
                rawData: base64("[1]"),
                errorCode: "Iceberg.InvalidJson",
                errorMessage: "The record is not a single JSON object in UTF-8.",
                attemptsMade: 1,
                arrivalTimestamp: START,
                attemptEndingTimestamp: START,
            });
            deepStrictEqual(firehose.status()[STREAM], {
                accepted: 8,
                delivered: 1,
                failed: 7,
                dropped: 0,
                pending: 0,
            });
        });

        it("reports what the table rejects, with the document and its arrival", async () => {
            const { firehose, iceberg, services } = started(
                icebergInputs({
                    destinationTableConfigurations: [
                        { databaseName: "web", tableName: "visits", s3ErrorOutputPrefix: "visits-errors/" },
                    ],
                }),
                { lambda },
            );
            iceberg.before = (documents) =>
                Object.fromEntries(
                    documents.filter(({ id }) => id === "b").map(({ __seq }) => [__seq, "id is not a number"]),
                );
            await putAll(firehose, ['{"id":1}']);
            await services.clock.advance(5);
            await putAll(firehose, ['{"id":"b", "name":"é"}', '{"id":3}']);
            await firehose.flush(STREAM);
            deepStrictEqual(iceberg.rows.get(LOCATION), [{ id: 1 }, { id: 3 }]);
            deepStrictEqual(errorsIn(services.s3.objects, "lake/visits-errors/iceberg-failed/2026/11/20/12/"), [
                {
                    rawData: base64('{"id":"b", "name":"é"}'),
                    errorCode: "Iceberg.InvalidRecord",
                    errorMessage: "id is not a number",
                    attemptsMade: 1,
                    arrivalTimestamp: START + 5,
                    attemptEndingTimestamp: START + 5,
                },
            ]);
            deepStrictEqual(firehose.status()[STREAM], {
                accepted: 3,
                delivered: 2,
                failed: 1,
                dropped: 0,
                pending: 0,
            });
        });

        it("tries again for the retry duration, then reports everything and goes on", async () => {
            const clock = fakeClock(START);
            const logs = memoryLogs();
            const { firehose, iceberg, services } = started(icebergInputs({ retryDuration: 10 }), {
                clock,
                lambda,
                logs,
            });
            let attempts = 0;
            iceberg.before = () => {
                attempts++;
                throw serviceError("CommitFailedException", "The table is on fire.");
            };
            await putAll(firehose, ['{"id":1}', '{"id":2}']);
            await passingTime(clock, firehose.flush(STREAM));
            strictEqual(attempts, 4);
            deepStrictEqual(
                errorsIn(services.s3.objects, "lake/errors/").map((e) => [
                    e.errorCode,
                    e.errorMessage,
                    e.attemptsMade,
                    e.rawData,
                ]),
                [
                    ["Iceberg.CommitFailedException", "The table is on fire.", 4, base64('{"id":1}')],
                    ["Iceberg.CommitFailedException", "The table is on fire.", 4, base64('{"id":2}')],
                ],
            );
            deepStrictEqual(JSON.parse(logs.messages("/aws/firehose", "delivery")[0] as string), {
                deliveryStreamARN: `arn:aws:firehose:us-east-1:000000000000:deliverystream/${STREAM}`,
                destination: "arn:aws:glue:us-east-1:000000000000:catalog",
                deliveryStreamVersionId: 1,
                message: "The table is on fire.",
                errorCode: "Iceberg.CommitFailedException",
            });
            iceberg.before = () => undefined;
            await putAll(firehose, ['{"id":3}']);
            await firehose.flush(STREAM);
            deepStrictEqual(iceberg.rows.get(LOCATION), [{ id: 3 }]);
            deepStrictEqual(firehose.status()[STREAM], {
                accepted: 3,
                delivered: 1,
                failed: 2,
                dropped: 0,
                pending: 0,
            });
        });

        for (const [what, denied, code] of [
            ["read the table", "glue:GetTable", "Glue.AccessDenied"],
            ["commit to the table", "glue:UpdateTable", "Glue.AccessDenied"],
            ["write the table's files", "s3:PutObject", "S3.AccessDenied"],
        ] as const)
            it(`reports ${code} when the role may not ${what}`, async () => {
                const { firehose, services } = started(icebergInputs({ retryDuration: 0 }), {
                    lambda,
                    iam: iamWith((_caller, action) => action !== denied),
                });
                await putAll(firehose, ['{"id":1}']);
                await firehose.flush(STREAM);
                deepStrictEqual(
                    errorsIn(services.s3.objects, "lake/errors/").map((e) => e.errorCode),
                    [code],
                );
            });

        it("reports Iceberg.NoSuchTable when there is no table", async () => {
            const { firehose, services } = started(icebergInputs({ retryDuration: 0 }), { lambda });
            services.resources.remove("aws:glue/catalogTable:CatalogTable", "000000000000:web:visits");
            await putAll(firehose, ['{"id":1}']);
            await firehose.flush(STREAM);
            deepStrictEqual(
                errorsIn(services.s3.objects, "lake/errors/").map((e) => [e.errorCode, e.errorMessage]),
                [["Iceberg.NoSuchTable", "The table web.visits does not exist, or is not in Iceberg V2 format."]],
            );
        });
    });

    describe("through a function", () => {
        it("writes AWS's error object byte by byte for a record that the function fails", async () => {
            const clock = fakeClock(1789014240448);
            let called = false;
            const { firehose, services } = started(icebergInputs(), {
                clock,
                lambda: fakeLambda({
                    check: async ({ records }: TransformEvent) => {
                        called = true;
                        await clock.sleep(1081);
                        return { records: records.map(({ recordId }) => ({ recordId, result: "ProcessingFailed" })) };
                    },
                }),
            });
            await putAll(firehose, ["FAIL this one\n"]);
            await eventually(() => firehose.status()[STREAM]?.accepted === 1);
            await new Promise<void>((resolve) => setTimeout(resolve, 20));
            await clock.advance(60_000);
            await eventually(() => called);
            await clock.advance(1081);
            const objects = await passingTime(
                clock,
                eventually(() => services.s3.objects.size > 0 && services.s3.objects),
            );
            const [[key, body]] = [...objects] as [[string, Buffer]];
            match(
                key,
                new RegExp(
                    `^lake/errors/2026/09/10/04/processing-failed/${STREAM}-1-2026-09-10-04-24-00-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`,
                ),
            );
            strictEqual(
                body.toString(),
                `{"rawData":"RkFJTCB0aGlzIG9uZQo=","errorCode":"Lambda.ProcessingFailedStatus","errorMessage":"ProcessingFailed status set for record","attemptsMade":1,"arrivalTimestamp":1789014240448,"attemptEndingTimestamp":1789014301529,"lambdaARN":"${LAMBDA}"}\n`,
            );
        });

        it("calls a function that throws four times, with new invocation ids and the same records, then gives the batch up", async () => {
            const clock = fakeClock(START);
            const logs = memoryLogs();
            const metrics = memoryMetrics();
            const events: TransformEvent[] = [];
            const { firehose, services } = started(icebergInputs(), {
                clock,
                logs,
                metrics,
                lambda: fakeLambda({
                    check: (event: TransformEvent) => {
                        events.push(event);
                        throw new Error("boom");
                    },
                }),
            });
            await putAll(firehose, ["a", "b"]);
            await passingTime(clock, firehose.flush(STREAM));
            strictEqual(new Set(events.map(({ invocationId }) => invocationId)).size, 4);
            strictEqual(new Set(events.map(({ records }) => JSON.stringify(records))).size, 1);
            const errors = errorsIn(services.s3.objects, "lake/errors/2026/11/20/12/processing-failed/");
            deepStrictEqual(
                errors.map(({ attemptEndingTimestamp: _ended, ...rest }) => rest),
                ["a", "b"].map((text) => ({
                    rawData: base64(text),
                    errorCode: "Lambda.FunctionError",
                    errorMessage: "The Lambda function was successfully invoked but it returned an error result.",
                    attemptsMade: 4,
                    arrivalTimestamp: START,
                    lambdaARN: LAMBDA,
                })),
            );
            deepStrictEqual(
                logs.messages("/aws/firehose").map((line) => JSON.parse(line).errorCode),
                ["Lambda.FunctionError"],
            );
            strictEqual(metrics.sum("AWS/Firehose", "ExecuteProcessing.Success"), 0);
            deepStrictEqual(firehose.status()[STREAM], {
                accepted: 2,
                delivered: 0,
                failed: 2,
                dropped: 0,
                pending: 0,
            });
        });

        it("goes on when the function recovers in time", async () => {
            const clock = fakeClock(START);
            let calls = 0;
            const { firehose, iceberg } = started(icebergInputs({}, { NumberOfRetries: "1" }), {
                clock,
                lambda: fakeLambda({
                    check: (event: TransformEvent) => {
                        if (++calls === 1) throw new Error("boom");
                        return allOk(event);
                    },
                }),
            });
            await putAll(firehose, ['{"id":1}']);
            await passingTime(clock, firehose.flush(STREAM));
            deepStrictEqual([calls, iceberg.rows.get(LOCATION)], [2, [{ id: 1 }]]);
        });

        for (const [what, error, code] of [
            ["the role may not call it", serviceError("AccessDeniedException", "no", 403), "Lambda.InvokeAccessDenied"],
            ["it is throttled", serviceError("TooManyRequestsException", "no", 429), "Lambda.InvokeLimitExceeded"],
            ["it does not exist", serviceError("ResourceNotFoundException", "no", 404), "Lambda.ResourceNotFound"],
        ] as const)
            it(`reports ${code} when ${what}`, async () => {
                const { firehose, services } = started(icebergInputs({}, { NumberOfRetries: "0" }), {
                    lambda: { invoke: () => Promise.reject(error) },
                });
                await putAll(firehose, ["a"]);
                await firehose.flush(STREAM);
                deepStrictEqual(
                    errorsIn(services.s3.objects, "lake/errors/").map((e) => e.errorCode),
                    [code],
                );
            });

        it("gives a function five minutes", async () => {
            const clock = fakeClock(START);
            let called = 0;
            const { firehose, services } = started(icebergInputs({}, { NumberOfRetries: "0" }), {
                clock,
                lambda: {
                    invoke() {
                        called = clock.now();
                        return new Promise(() => undefined);
                    },
                },
            });
            await putAll(firehose, ["a"]);
            await passingTime(clock, firehose.flush(STREAM));
            const [error] = errorsIn(services.s3.objects, "lake/errors/");
            strictEqual(error?.errorCode, "Lambda.FunctionTimedOut");
            strictEqual(Number(error?.attemptEndingTimestamp) - called, 300_000);
        });

        it("takes an answer of more than 6 MiB for an error of the function", async () => {
            const { firehose, services } = started(icebergInputs({}, { NumberOfRetries: "0" }), {
                lambda: fakeLambda({
                    check: ({ records }: TransformEvent) => ({
                        records: records.map(({ recordId }) => ({
                            recordId,
                            result: "Ok",
                            data: "QUJD".repeat(1_600_000),
                        })),
                    }),
                }),
            });
            await putAll(firehose, ["a"]);
            await firehose.flush(STREAM);
            deepStrictEqual(
                errorsIn(services.s3.objects, "lake/errors/").map((e) => e.errorCode),
                ["Lambda.FunctionError"],
            );
        });

        it("leaves no trace of what the function drops but the count", async () => {
            const { firehose, services, iceberg } = started(icebergInputs(), {
                lambda: fakeLambda({
                    check: ({ records }: TransformEvent) => ({
                        records: records.map(({ recordId }) => ({ recordId, result: "Dropped" })),
                    }),
                }),
            });
            await putAll(firehose, ["a", "b"]);
            await firehose.flush(STREAM);
            deepStrictEqual([services.s3.objects.size, iceberg.commits], [0, 0]);
            deepStrictEqual(firehose.status()[STREAM], {
                accepted: 2,
                delivered: 0,
                failed: 0,
                dropped: 2,
                pending: 0,
            });
        });

        it("waits no more than one batch ahead while it stages another", async () => {
            let running = 0;
            let most = 0;
            const clock = fakeClock(START);
            const { firehose, iceberg } = started(icebergInputs({}, { BufferSizeInMBs: "0.2" }), {
                clock,
                lambda: fakeLambda({
                    check: async (event: TransformEvent) => {
                        most = Math.max(most, ++running);
                        await clock.sleep(10);
                        running--;
                        return allOk(event);
                    },
                }),
            });
            const text = JSON.stringify({ text: "x".repeat(10_000) });
            await putAll(firehose, new Array(200).fill(text));
            await passingTime(clock, firehose.flush(STREAM));
            deepStrictEqual([most, iceberg.rows.get(LOCATION)?.length], [1, 200]);
        });
    });

    describe("to a bucket", () => {
        it("joins the records as they are, below the hour of the first", async () => {
            const { firehose, services } = started(s3Inputs({ prefix: "raw/" }));
            await putAll(firehose, ["one", "", "two\n", "three"]);
            await firehose.flush(STREAM);
            const [[key, body]] = Object.entries(objectsBelow(services.s3.objects, "lake/")) as [[string, string]];
            match(key, new RegExp(`^lake/raw/2026/11/20/12/${STREAM}-1-2026-11-20-12-00-00-[0-9a-f-]{36}$`));
            strictEqual(body, "onetwo\nthree");
            deepStrictEqual(firehose.status()[STREAM], {
                accepted: 4,
                delivered: 4,
                failed: 0,
                dropped: 0,
                pending: 0,
            });
        });

        it("puts a line feed between the records when the stream has a delimiter", async () => {
            const processingConfiguration = {
                processors: [
                    {
                        type: "AppendDelimiterToRecord",
                        parameters: [{ parameterName: "Delimiter", parameterValue: "\\n" }],
                    },
                ],
            };
            const { firehose, services } = started(s3Inputs({ processingConfiguration }));
            await putAll(firehose, ["one", "two"]);
            await putAll(firehose, ["three"]);
            await firehose.flush(STREAM);
            deepStrictEqual(Object.values(objectsBelow(services.s3.objects, "lake/")), ["one\ntwo\nthree"]);
        });

        it("compresses with GZIP, errors too, and keeps what came in when a backup is asked for", async () => {
            const written: Record<string, unknown>[] = [];
            const s3 = memoryS3();
            const { firehose } = started(
                s3Inputs({
                    compressionFormat: "GZIP",
                    fileExtension: ".json.gz",
                    prefix: "data/!{timestamp:yyyy}/",
                    errorOutputPrefix: "errors/!{firehose:error-output-type}/!{firehose:random-string}/",
                    processingConfiguration: { processors: [lambdaProcessor()] },
                    s3BackupMode: "Enabled",
                    s3BackupConfiguration: {
                        roleArn: "arn:aws:iam::000000000000:role/backup",
                        bucketArn: "arn:aws:s3:::vault",
                        prefix: "in/",
                    },
                }),
                {
                    s3: {
                        ...s3,
                        putObject: async (caller, bucket, key, body, headers) => {
                            const text = headers?.contentEncoding
                                ? gunzipSync(body as Buffer).toString()
                                : body.toString();
                            written.push({ role: caller.roleArn, key: `${bucket}/${key}`, text, ...headers });
                        },
                    },
                    lambda: fakeLambda({
                        check: ({ records }: TransformEvent) => ({
                            records: records.map(({ recordId, data }) =>
                                data === base64("bad")
                                    ? { recordId, result: "ProcessingFailed" }
                                    : { recordId, result: "Ok", data: base64(`<${Buffer.from(data, "base64")}>`) },
                            ),
                        }),
                    }),
                },
            );
            await putAll(firehose, ["a", "bad", "b"]);
            await firehose.flush(STREAM);
            const headers = { contentType: "application/octet-stream", contentEncoding: "gzip" };
            const short = written.map(({ key, text, ...rest }) => ({
                key: String(key)
                    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, "UUID")
                    .replace(/\/[0-9a-f]{11}\//, "/RANDOM/"),
                text: String(text).startsWith("{") ? JSON.parse(String(text)).rawData : text,
                ...rest,
            }));
            deepStrictEqual(short, [
                {
                    key: `vault/in/2026/11/20/12/${STREAM}-1-2026-11-20-12-00-00-UUID`,
                    text: "abadb",
                    role: "arn:aws:iam::000000000000:role/backup",
                    contentType: "application/octet-stream",
                },
                {
                    key: `lake/data/2026/${STREAM}-1-2026-11-20-12-00-00-UUID.json.gz`,
                    text: "<a><b>",
                    role: "arn:aws:iam::000000000000:role/delivery",
                    ...headers,
                },
                {
                    key: `lake/errors/processing-failed/RANDOM/${STREAM}-1-2026-11-20-12-00-00-UUID.json.gz`,
                    text: base64("bad"),
                    role: "arn:aws:iam::000000000000:role/delivery",
                    ...headers,
                },
            ]);
        });

        it("turns the year at midnight", async () => {
            const clock = fakeClock(Date.UTC(2026, 11, 31, 23, 59, 59, 999));
            const { firehose, services } = started(s3Inputs(), { clock });
            await putAll(firehose, ["old"]);
            await firehose.flush(STREAM);
            await clock.advance(1);
            await putAll(firehose, ["new"]);
            await firehose.flush(STREAM);
            deepStrictEqual(
                Object.entries(objectsBelow(services.s3.objects, "lake/")).map(([key, body]) => [
                    key.slice(0, 19),
                    body,
                ]),
                [
                    ["lake/2026/12/31/23/", "old"],
                    ["lake/2027/01/01/00/", "new"],
                ],
            );
        });

        it("delivers when the buffer is full, without being asked", async () => {
            const { firehose, services } = started(s3Inputs());
            await putAll(firehose, new Array(5).fill("x".repeat(250_000)));
            await eventually(() => services.s3.objects.size > 0);
            strictEqual((firehose.status()[STREAM]?.delivered ?? 0) >= 4, true);
        });

        it("never gives up, and tells the log why it waits", async () => {
            const clock = fakeClock(START);
            const logs = memoryLogs();
            const s3 = memoryS3();
            let denied = 1500;
            const { firehose } = started(
                s3Inputs({ cloudwatchLoggingOptions: { enabled: true, logGroupName: "g", logStreamName: "s" } }),
                {
                    clock,
                    logs,
                    s3: {
                        ...s3,
                        putObject: async (...args) => {
                            if (denied-- > 0) throw serviceError("AccessDenied", "Access Denied", 403);
                            return s3.putObject(...args);
                        },
                    },
                },
            );
            await putAll(firehose, ["a"]);
            await passingTime(clock, firehose.flush(STREAM), 3_600_000);
            deepStrictEqual(Object.values(objectsBelow(s3.objects, "lake/")), ["a"]);
            strictEqual(clock.now() - START > 24 * 3_600_000, true);
            deepStrictEqual(JSON.parse(logs.messages("g", "s")[0] as string), {
                deliveryStreamARN: `arn:aws:firehose:us-east-1:000000000000:deliverystream/${STREAM}`,
                destination: "arn:aws:s3:::lake",
                deliveryStreamVersionId: 1,
                message:
                    "Access was denied. Ensure that the trust policy for the provided IAM role allows Amazon Data Firehose to assume the role, and the access policy allows access to the S3 bucket.",
                errorCode: "S3.AccessDenied",
            });
        });
    });

    it("counts in CloudWatch what came and what became of it", async () => {
        const clock = fakeClock(START);
        const metrics = memoryMetrics();
        const { firehose, iceberg } = started(icebergInputs(), {
            clock,
            metrics,
            lambda: fakeLambda({ check: allOk }),
        });
        iceberg.before = (documents) => ({ [documents[0]?.__seq as number]: "no" });
        await putAll(firehose, ['{"id":1}', '{"id":2}', "[]"]);
        await clock.advance(2000);
        await firehose.flush(STREAM);
        const sum = (name: string) => metrics.sum("AWS/Firehose", name, { DeliveryStreamName: STREAM });
        deepStrictEqual(
            Object.fromEntries(
                [
                    "IncomingRecords",
                    "IncomingBytes",
                    "IncomingPutRequests",
                    "ExecuteProcessing.Success",
                    "SucceedProcessing.Records",
                    "DeliveryToIceberg.IncomingRowCount",
                    "DeliveryToIceberg.SuccessfulRowCount",
                    "DeliveryToIceberg.FailedRowCount",
                    "DeliveryToIceberg.Bytes",
                    "DeliveryToIceberg.DataFreshness",
                    "DeliveryToS3.Records",
                ].map((name) => [name, sum(name)]),
            ),
            {
                IncomingRecords: 3,
                IncomingBytes: 18,
                IncomingPutRequests: 1,
                "ExecuteProcessing.Success": 1,
                "SucceedProcessing.Records": 3,
                "DeliveryToIceberg.IncomingRowCount": 2,
                "DeliveryToIceberg.SuccessfulRowCount": 1,
                "DeliveryToIceberg.FailedRowCount": 1,
                "DeliveryToIceberg.Bytes": 16,
                "DeliveryToIceberg.DataFreshness": 2,
                "DeliveryToS3.Records": 1,
            },
        );
    });

    it("resolves idle when everything is delivered, without hurrying it", async () => {
        const clock = fakeClock(START);
        const { firehose, iceberg } = started(icebergInputs(), { clock, lambda: fakeLambda({ check: allOk }) });
        await firehose.idle();
        await putAll(firehose, ['{"id":1}']);
        await passingTime(clock, firehose.idle(STREAM));
        strictEqual(iceberg.commits, 1);
        strictEqual(clock.now() - START >= 120_000, true);
    });
});

interface ErrorRecord {
    readonly rawData: string;
    readonly errorCode: string;
    readonly errorMessage: string;
    readonly attemptsMade: number;
    readonly attemptEndingTimestamp: number;
}

function errorsIn(objects: ReadonlyMap<string, Buffer>, prefix: string): ErrorRecord[] {
    return Object.values(objectsBelow(objects, prefix)).flatMap((body) =>
        body
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line) as ErrorRecord),
    );
}
