import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { fakeClock } from "../../tests/support/clock";
import { fakeLambda, iamWith, memoryLogs, memoryS3, temporaryPlace } from "../../tests/support/local";
import { createDuck, type DuckEngine } from "../duck";
import type { Properties } from "../resources";
import type { Services } from "../services";
import type { ConversionConfig } from "./config";
import { conversionTo } from "./conversion";
import type { GlueColumn } from "./conversion-table";
import type { Failure } from "./outcome";
import { parquetOf } from "./parquet";
import { type allOk, firehoseFor, lambdaProcessor, objectsBelow, putAll, STREAM, s3Inputs } from "./test-support";

const START = Date.UTC(2026, 10, 20, 12);

/** Settings of a conversion as the provider gives them when nothing is said. */
const OPENX: ConversionConfig = {
    serDe: "openX",
    isCaseInsensitive: true,
    dotsAreUnderscores: false,
    mappings: {},
    timestampFormats: [],
    compression: "SNAPPY",
    table: {
        catalogId: "000000000000",
        databaseName: "shop",
        tableName: "orders",
        region: "us-east-1",
        versionId: "LATEST",
        roleArn: "arn:aws:iam::000000000000:role/delivery",
    },
};
const HIVE: ConversionConfig = { ...OPENX, serDe: "hive" };
const malformed = (message: string): Failure => ({ code: "DataFormatConversion.MalformedData", message });
const misfit = (detail: string) => malformed(`Data does not match the schema. ${detail}`);
const input = (text: string) => misfit(`For input string: ${JSON.stringify(text)}`);

describe("The conversion to Parquet", () => {
    const place = temporaryPlace();
    let duck: DuckEngine;
    let files = 0;
    before(() => {
        duck = createDuck({ place });
    });
    after(() => {
        duck.close();
        place.remove();
    });

    function conversion(columns: readonly GlueColumn[], config = OPENX) {
        const made = conversionTo(columns, config);
        if ("code" in made) throw new Error(made.message);
        return made;
    }
    /** The rows of records in a Parquet file, as DuckDB reads them again. */
    async function readBack(columns: readonly GlueColumn[], texts: readonly string[], config = OPENX) {
        const { columns: sql, rowsOf } = conversion(columns, config);
        // DuckDB remembers files by their names.
        const file = path.join(place.data, `rows-${++files}`);
        const rows = texts.map((text) => rowsOf(Buffer.from(text)));
        for (const row of rows) if (typeof row !== "string") throw new Error(row.message);
        fs.writeFileSync(file, rows.join(""));
        fs.writeFileSync(
            `${file}.read.parquet`,
            await parquetOf(duck, file, { columns: sql, longest: 0 }, config.compression),
        );
        return await duck.query(`SELECT * FROM '${file}.read.parquet'`);
    }
    const failureOf = (type: string, json: string, config = OPENX) =>
        conversion([{ name: "v", type }], config).rowsOf(Buffer.from(`{"v":${json}}`));

    /** Type, JSON in, value out of the Parquet file. */
    const VALUES: readonly (readonly [string, string, unknown])[] = [
        ["string", '"a \\u0000\\u2028 é 😀 \\ud83d"', "a \u0000\u2028 é 😀 \ufffd"],
        ["string", "1.50", "1.50"],
        ["string", "12345678901234567890", "12345678901234567890"],
        ["string", "true", "true"],
        ["string", '{"B":[1.0,{"Cd":null}]}', '{"b":[1.0,{"cd":null}]}'],
        ["varchar(3)", '"abcd"', "abcd"],
        ["tinyint", "-128", -128],
        ["smallint", '"32767"', 32767],
        ["int", "2147483647", 2147483647],
        ["int", "12.0", 12],
        ["int", "-0", 0],
        ["bigint", "9223372036854775807", "9223372036854775807"],
        ["bigint", '"-9223372036854775808"', "-9223372036854775808"],
        ["bigint", "9007199254740993", "9007199254740993"],
        ["float", "1.5", 1.5],
        ["double", "0.1", 0.1],
        ["double", "1e300", 1e300],
        ["double", '"-.5"', -0.5],
        ["boolean", "true", true],
        ["boolean", '"FALSE"', false],
        ["decimal(10,2)", "12.345", "12.35"],
        ["decimal(10,2)", "-0.005", "-0.01"],
        ["decimal(10,2)", '"1e3"', "1000.00"],
        ["decimal(38,18)", "12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"],
        ["decimal", "7.5", "8"],
        ["decimal(3,1)", "0e1000000000", "0.0"],
        ["date", '"2024-2-29"', "2024-02-29"],
        ["timestamp", '"2026-1-2 3:4:5"', "2026-01-02 03:04:05"],
        ["timestamp", '"2026-11-20T23:59:59.123456789Z"', "2026-11-20 23:59:59.123456"],
        ["timestamp", '"2026-11-20T23:59:59"', "2026-11-20 23:59:59"],
        ["timestamp", "1518033528", "2018-02-07 19:58:48"],
        ["timestamp", "1518033528123", "2018-02-07 19:58:48.123"],
        ["timestamp", '"1518033528.5"', "2018-02-07 19:58:48.5"],
        ["timestamp", "-1", "1969-12-31 23:59:59"],
        ["array<int>", "[1,null,3]", [1, null, 3]],
        ["array<string>", '"alone"', ["alone"]],
        ["array<array<double>>", "[[1],[]]", [[1], []]],
        [
            "map<string,int>",
            '{"Key":1,"key":2,"__proto__":3}',
            [
                { key: "key", value: 2 },
                { key: "__proto__", value: 3 },
            ],
        ],
        [
            "map<int,date>",
            '{"7":"2026-01-31","8":null}',
            [
                { key: 7, value: "2026-01-31" },
                { key: 8, value: null },
            ],
        ],
        [
            "struct<zip:string,lines:array<struct<n:bigint>>>",
            '{"ZIP":5,"other":1,"lines":[{"n":9007199254740993},{}]}',
            {
                zip: "5",
                lines: [{ n: "9007199254740993" }, { n: null }],
            },
        ],
        ["struct<a:int,b:int>", "[1]", { a: 1, b: null }],
        ["struct<`a b`:int,toString:int>", '{"a b":1}', { "a b": 1, toString: null }],
    ];
    for (const [type, json, expected] of VALUES)
        it(`takes ${json} for a column of the type ${type}`, async () => {
            const [{ v }] = (await readBack([{ name: "v", type }], [`{"v":${json}}`])) as [{ v: unknown }];
            deepStrictEqual(v, expected);
        });

    it("takes a missing member, null and another type's neighbour for null", async () => {
        for (const type of new Set(VALUES.map(([each]) => each)))
            deepStrictEqual(await readBack([{ name: "v", type }], ["{}", '{"v":null}', '{"w":1}']), [
                { v: null },
                { v: null },
                { v: null },
            ]);
    });

    /** Type, JSON, and what AWS's deserializers say of it. */
    const MISFITS: readonly (readonly [string, string, Failure, Failure?])[] = [
        [
            "int",
            '"oops"',
            input("oops"),
            misfit("Current token (VALUE_STRING) not numeric, can not use numeric value accessors"),
        ],
        ["int", "1.5", input("1.5")],
        ["int", "2147483648", input("2147483648"), misfit("Numeric value (2147483648) out of range of int")],
        [
            "bigint",
            "9223372036854775808",
            input("9223372036854775808"),
            misfit("Numeric value (9223372036854775808) out of range of bigint"),
        ],
        ["bigint", "1e30", input("1e30")],
        ["int", "true", input("true")],
        [
            "double",
            '"1,5"',
            input("1,5"),
            misfit("Current token (VALUE_STRING) not numeric, can not use numeric value accessors"),
        ],
        ["double", "1e400", input("1e400")],
        ["float", "1e39", input("1e39")],
        ["double", "[1]", input("[1]")],
        ["decimal(3,1)", "99.95", input("99.95")],
        ["decimal(3,1)", "1e1000000000", input("1e1000000000")],
        ["boolean", '"yes"', input("yes")],
        ["boolean", "1", input("1")],
        ["date", '"2026-02-29"', input("2026-02-29")],
        ["date", '"2026-01-01T00:00:00Z"', input("2026-01-01T00:00:00Z")],
        ["timestamp", '"yesterday"', input("yesterday")],
        ["timestamp", '"2026-9-7T12:00:02Z"', input("2026-9-7T12:00:02Z")],
        ["timestamp", '"2026-01-01T00:00:00+01:00"', input("2026-01-01T00:00:00+01:00")],
        ["timestamp", '"2026-13-01 00:00:00"', input("2026-13-01 00:00:00")],
        ["timestamp", "1e300", input("1e300")],
        [
            "struct<a:int>",
            "5",
            misfit("Data is not JSONObject  but java.lang.Long with value 5"),
            misfit("java.io.IOException: Start of Object expected"),
        ],
        [
            "map<string,int>",
            "[1]",
            misfit("Data is not JSONObject"),
            misfit("java.io.IOException: Start of Object expected"),
        ],
        ["map<int,int>", '{"a":1}', input("a")],
    ];
    for (const [type, json, openX, hive = openX] of MISFITS)
        it(`refuses ${json} for a column of the type ${type}`, () => {
            deepStrictEqual([failureOf(type, json), failureOf(type, json, HIVE)], [openX, hive]);
        });

    it("refuses with Hive's deserializer what OpenX makes fit", () => {
        deepStrictEqual(
            [
                failureOf("array<int>", "1", HIVE),
                failureOf("struct<a:int>", "[1]", HIVE),
                failureOf("string", '{"a":1}', HIVE),
            ],
            [
                misfit("java.io.IOException: Start of Array expected"),
                misfit("java.io.IOException: Start of Object expected"),
                malformed("One or more fields have incorrect format. Exception when validating field (root)"),
            ],
        );
    });

    it("keeps the keys of maps as they are with Hive's deserializer", async () => {
        deepStrictEqual(await readBack([{ name: "v", type: "map<string,int>" }], ['{"V":{"Key":1}}'], HIVE), [
            { v: [{ key: "Key", value: 1 }] },
        ]);
    });

    it("reads times in the formats that Hive's deserializer is given, and then as ever", async () => {
        const formats = ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", "dd/MM/yyyy H'h'", "millis"];
        const texts = ["2026-11-20T01:02:03.004+02:00", "31/12/2026 7h", "1518033528123", "2026-01-01 00:00:00"];
        deepStrictEqual(
            await readBack(
                [{ name: "v", type: "timestamp" }],
                texts.map((text) => JSON.stringify({ v: text })),
                { ...HIVE, timestampFormats: formats },
            ),
            ["2026-11-19 23:02:03.004", "2026-12-31 07:00:00", "2018-02-07 19:58:48.123", "2026-01-01 00:00:00"].map(
                (v) => ({ v }),
            ),
        );
        deepStrictEqual(
            failureOf("timestamp", '"2026-02-30T01:02:03.004Z"', { ...HIVE, timestampFormats: formats }),
            input("2026-02-30T01:02:03.004Z"),
        );
    });

    it("finds members whatever their case, by their mapping, and by dots, as it is told", async () => {
        const columns = ["order_id", "payment_type"].map((name) => ({ name, type: "string" }));
        const text = '{"Order_ID":"a","ORDER_ID":"b","Payment.Type":"c","Kind":"d"}';
        const of = (over: Partial<ConversionConfig>) => readBack(columns, [text], { ...OPENX, ...over });
        deepStrictEqual(await of({}), [{ order_id: "a", payment_type: null }]);
        deepStrictEqual(await of({ dotsAreUnderscores: true }), [{ order_id: "a", payment_type: "c" }]);
        deepStrictEqual(await of({ isCaseInsensitive: false }), [{ order_id: null, payment_type: null }]);
        deepStrictEqual(await of({ isCaseInsensitive: false, mappings: { payment_type: "Kind" } }), [
            { order_id: null, payment_type: "d" },
        ]);
        deepStrictEqual(await of({ mappings: { order_id: "ORDER_ID", payment_type: "KIND" } }), [
            { order_id: "b", payment_type: "d" },
        ]);
    });

    it("makes a row of each document of a record, however they stand", async () => {
        const columns = [{ name: "a", type: "bigint" }];
        const texts = [
            '{"a":1}{"a":2}',
            '{"a":3}\n{"a":4}\n',
            ' {\n "a":5,\n "b":"}{\\""\n}\r\n {"a":6}  \n\n{"a":9007199254740993}',
            '{"a":7}',
        ];
        deepStrictEqual(
            (await readBack(columns, texts)).map(({ a }) => a),
            ["1", "2", "3", "4", "5", "6", "9007199254740993", "7"],
        );
    });

    it("says what is no JSON, and what is no object", () => {
        const { rowsOf } = conversion([{ name: "a", type: "int" }]);
        const of = (text: string | Buffer) => rowsOf(Buffer.from(text)) as Failure;
        for (const text of [
            "nonsense",
            '{"a":1',
            '{"a":1}}',
            '{"a":1}\n{"a":',
            '{"a":1\n"b":2}',
            "[1\n2]",
            '\ufeff{"a":1}',
        ]) {
            const { code, message } = of(text);
            strictEqual(code, "DataFormatConversion.ParseError", text);
            match(message, /^Encountered malformed JSON\. ./);
        }
        deepStrictEqual(of(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), {
            code: "DataFormatConversion.ParseError",
            message: "Encountered malformed JSON. Invalid UTF-8",
        });
        const primitive =
            "The input JSON contained a primitive at the top level. The top level must be an object or array.";
        deepStrictEqual(
            ["", " \n", "1", '"a"', "null", "[]", '{"a":1}\n5'].map((text) => of(text)),
            [
                malformed("The record was empty or contained only whitespace."),
                malformed("The record was empty or contained only whitespace."),
                malformed(primitive),
                malformed(primitive),
                malformed(primitive),
                misfit("A JSON object is required."),
                malformed(primitive),
            ],
        );
        deepStrictEqual(of(`{"b":${"[".repeat(200_000)}`).code, "DataFormatConversion.ParseError");
    });

    it("says which schema makes no Parquet", () => {
        const of = (type: string) => conversionTo([{ name: "v", type }], OPENX);
        for (const type of [
            "binary",
            "uniontype<int,string>",
            "array<int",
            "map<array<int>,int>",
            "struct<a:int,A:int>",
            "decimal(39,2)",
            "int int",
            "",
        ])
            deepStrictEqual(of(type), {
                code: "DataFormatConversion.InvalidSchema",
                message: `The schema is invalid. The local runtime writes no Parquet column of the type "${type}", which "v" has.`,
            });
        deepStrictEqual(conversionTo([], OPENX), {
            code: "DataFormatConversion.NonExistentColumns",
            message:
                "Could not find a matching schema from AWS Glue. Please make sure the table is configured with a non-null storage descriptor containing the target columns.",
        });
    });

    it("never gives DuckDB rows that it cannot read, whatever the values", async () => {
        const types = [...new Set(VALUES.map(([type]) => type)), "double", "map<timestamp,array<date>>"];
        const columns = types.map((type, index) => ({ name: `c${index}`, type }));
        const hostile = fc.oneof(
            fc.constantFrom(...VALUES.map(([, json]) => json)),
            fc.json({ maxDepth: 3 }),
            fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
            fc.bigInt().map(String),
            fc.date({ noInvalidDate: true }).map((date) => JSON.stringify(date)),
            fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
        );
        const record = fc.dictionary(fc.constantFrom(...columns.map(({ name }) => name)), hostile);
        for (const config of [OPENX, HIVE]) {
            const { columns: sql, rowsOf } = conversion(columns, config);
            const records = fc.sample(record, { numRuns: 1500, seed: 6 });
            const rows = records.map((members) => {
                const text = Object.entries(members).map(([name, json]) => `${JSON.stringify(name)}:${json}`);
                return rowsOf(Buffer.from(`{${text.join(",")}}`));
            });
            const good = rows.filter((row) => typeof row === "string");
            strictEqual(good.length > 100, true, String(good.length));
            const file = path.join(place.data, `hostile-${config.serDe}`);
            fs.writeFileSync(file, good.join(""));
            const parquet = `${file}.read.parquet`;
            fs.writeFileSync(parquet, await parquetOf(duck, file, { columns: sql, longest: 1024 * 1024 }, "GZIP"));
            const [{ count }] = (await duck.query(`SELECT count(*)::INTEGER AS count FROM '${parquet}'`)) as [
                { count: number },
            ];
            strictEqual(count, good.length);
        }
    });

    describe("in a delivery stream", () => {
        const open: (() => Promise<void>)[] = [];
        afterEach(async () => {
            for (const end of open.splice(0)) await end();
        });
        const TABLE = "aws:glue/catalogTable:CatalogTable";
        const inputs = (over: Properties = {}) =>
            s3Inputs({
                bufferingSize: 64,
                errorOutputPrefix: "errors/!{firehose:error-output-type}/",
                cloudwatchLoggingOptions: { enabled: true, logGroupName: "/aws/firehose", logStreamName: "delivery" },
                dataFormatConversionConfiguration: {
                    inputFormatConfiguration: { deserializer: { openXJsonSerDe: {} } },
                    outputFormatConfiguration: { serializer: { parquetSerDe: {} } },
                    schemaConfiguration: {
                        databaseName: "shop",
                        tableName: "orders",
                        roleArn: "arn:aws:iam::000000000000:role/converter",
                    },
                },
                ...over,
            });
        function made(over: Properties = {}, own: Partial<Services> = {}, table = true) {
            const parts = firehoseFor(inputs(over), { clock: fakeClock(START), ...own });
            const engine = createDuck({ place: parts.services.place });
            Object.assign(parts.services, { duck: engine });
            open.push(async () => {
                engine.close();
                parts.services.place.remove();
            });
            const columns = (list: readonly GlueColumn[]) =>
                parts.services.resources.put({
                    type: TABLE,
                    id: "000000000000:shop:orders",
                    inputs: { databaseName: "shop", name: "orders", storageDescriptor: { columns: list } },
                });
            if (table)
                columns([
                    { name: "id", type: "int" },
                    { name: "at", type: "timestamp" },
                ]);
            const start = (firehose = parts.firehose) => {
                open.unshift(() => firehose.close());
                firehose.start();
                return firehose;
            };
            /** The rows of every Parquet object below the prefix. */
            const rows = async () => {
                const found: unknown[] = [];
                for (const [key, body] of parts.services.s3.objects as ReadonlyMap<string, Buffer>) {
                    if (!key.endsWith(".parquet")) continue;
                    const file = path.join(parts.services.place.data, key.slice(key.lastIndexOf("/") + 1));
                    fs.writeFileSync(file, body);
                    found.push(...(await engine.query(`SELECT * FROM '${file}'`)));
                }
                return found;
            };
            const errors = () =>
                Object.values(objectsBelow(parts.services.s3.objects, "lake/errors/format-conversion-failed/")).flatMap(
                    (body) =>
                        body
                            .trimEnd()
                            .split("\n")
                            .map((line) => JSON.parse(line)),
                );
            return { ...parts, columns, start, rows, errors };
        }

        it("converts a batch, reports the records that do not fit as AWS does, and logs it", async () => {
            const logs = memoryLogs();
            const { start, rows, errors, services } = made({}, { logs });
            const firehose = start();
            await putAll(firehose, ['{"id":1,"at":"2026-11-20T10:00:00Z"}', "no", '{"id":"x"}', '{"id":2}{"id":3}']);
            await firehose.flush(STREAM);
            deepStrictEqual(await rows(), [
                { id: 1, at: "2026-11-20 10:00:00" },
                { id: 2, at: null },
                { id: 3, at: null },
            ]);
            const [parse, data] = errors();
            const { lastErrorMessage, sequenceNumber, ...rest } = parse;
            match(lastErrorMessage, /^Encountered malformed JSON\. Unexpected token/);
            match(sequenceNumber, /^4966\d{52}$/);
            deepStrictEqual(Object.keys(parse), [
                "attemptsMade",
                "arrivalTimestamp",
                "lastErrorCode",
                "lastErrorMessage",
                "attemptEndingTimestamp",
                "rawData",
                "sequenceNumber",
                "subSequenceNumber",
                "dataCatalogTable",
            ]);
            deepStrictEqual(rest, {
                attemptsMade: 1,
                arrivalTimestamp: START,
                lastErrorCode: "DataFormatConversion.ParseError",
                attemptEndingTimestamp: START,
                rawData: Buffer.from("no").toString("base64"),
                subSequenceNumber: null,
                dataCatalogTable: {
                    catalogId: "000000000000",
                    databaseName: "shop",
                    tableName: "orders",
                    region: "us-east-1",
                    versionId: "LATEST",
                    roleArn: "arn:aws:iam::000000000000:role/converter",
                },
            });
            deepStrictEqual(
                [data.lastErrorCode, data.lastErrorMessage],
                ["DataFormatConversion.MalformedData", 'Data does not match the schema. For input string: "x"'],
            );
            deepStrictEqual(firehose.status()[STREAM], {
                accepted: 4,
                delivered: 2,
                failed: 2,
                dropped: 0,
                pending: 0,
            });
            const keys = [...(services.s3.objects as ReadonlyMap<string, Buffer>).keys()].sort();
            strictEqual(keys.length, 2);
            match(
                keys[0] as string,
                /^lake\/2026\/11\/20\/12\/visits-1234567-1-2026-11-20-12-00-00-[0-9a-f-]{36}\.parquet$/,
            );
            match(keys[1] as string, /^lake\/errors\/format-conversion-failed\/visits-1234567-1-[0-9a-f-]+$/);
            const [message] = logs.messages("/aws/firehose");
            strictEqual(JSON.parse(message as string).errorCode, "DataFormatConversion.MalformedData");
            const sum = (name: string) => services.metrics.sum("AWS/Firehose", name);
            deepStrictEqual([sum("SucceedConversion.Records"), sum("FailedConversion.Records")], [2, 2]);
        });

        for (const [what, table, deny, code, message] of [
            [
                "without its table",
                false,
                "nothing",
                "EntityNotFound",
                "The specified table/database could not be found. Please ensure that the table/database exists and that the values provided in the schema configuration are correct, especially with regards to casing.",
            ],
            ...["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"].map(
                (action) =>
                    [
                        `without ${action}`,
                        true,
                        action,
                        "AccessDenied",
                        "Access was denied when calling AWS Glue. Please ensure that the role specified in the data format conversion configuration has the necessary permissions.",
                    ] as const,
            ),
        ] as const)
            it(`reports the whole batch ${what}`, async () => {
                const iam = iamWith((caller, action) => !caller.roleArn?.endsWith("converter") || action !== deny);
                const { start, rows, errors } = made({}, { iam }, table);
                const firehose = start();
                await putAll(firehose, ['{"id":1}', '{"id":2}']);
                await firehose.flush(STREAM);
                deepStrictEqual(await rows(), []);
                deepStrictEqual(
                    errors().map((error) => [error.lastErrorCode, error.lastErrorMessage]),
                    [1, 2].map(() => [`DataFormatConversion.${code}`, message]),
                );
            });

        it("converts what the function gives, by partitions, and reports what came in", async () => {
            const lambda = fakeLambda({
                check: (event: Parameters<typeof allOk>[0]) => ({
                    records: event.records.map(({ recordId, data }) => {
                        const id = Number(Buffer.from(data, "base64").toString());
                        const rows = [`{"id":${id}}\n`, id === 3 ? "oops" : `{"id":${id + 10}}\n`].join("");
                        const metadata = { partitionKeys: { parity: id % 2 ? "odd" : "even" } };
                        return { recordId, result: "Ok", data: Buffer.from(rows).toString("base64"), metadata };
                    }),
                }),
            });
            const { start, rows, errors, services } = made(
                {
                    dynamicPartitioningConfiguration: { enabled: true },
                    processingConfiguration: { processors: [lambdaProcessor()] },
                    prefix: "!{partitionKeyFromLambda:parity}/",
                },
                { lambda },
            );
            const firehose = start();
            await putAll(firehose, ["1", "2", "3", "4"]);
            await firehose.flush(STREAM);
            deepStrictEqual(
                (await rows()).map((row) => (row as { id: number }).id),
                [1, 11, 2, 12, 4, 14],
            );
            const folders = [...(services.s3.objects as ReadonlyMap<string, Buffer>).keys()].map(
                (key) => key.split("/")[1],
            );
            deepStrictEqual(folders.sort(), ["errors", "even", "odd"]);
            deepStrictEqual(
                errors().map(({ rawData }) => Buffer.from(rawData, "base64").toString()),
                ["3"],
            );
        });

        it("converts records as large as there are", async () => {
            const { start, rows, columns } = made({}, {});
            columns([{ name: "note", type: "string" }]);
            const firehose = start();
            const notes = ["é".repeat(400_000), "b", "c".repeat(900_000)];
            for (const note of notes) await putAll(firehose, [JSON.stringify({ note })]);
            await firehose.flush(STREAM);
            deepStrictEqual(
                (await rows()).map((row) => (row as { note: string }).note.length),
                notes.map(({ length }) => length),
            );
        });

        it("goes on with the columns that the table has got meanwhile", async () => {
            const { start, rows, columns } = made({ bufferingInterval: 60 });
            const firehose = start();
            await putAll(firehose, ['{"id":1,"note":"a"}']);
            await firehose.flush(STREAM);
            columns([{ name: "note", type: "string" }]);
            await putAll(firehose, ['{"id":2,"note":"b"}']);
            await firehose.flush(STREAM);
            deepStrictEqual(await rows(), [{ id: 1, at: null }, { note: "b" }]);
        });

        for (const at of [
            "transformed",
            "staged",
            "sealed",
            "object:data",
            "object:format-conversion-failed",
            "advanced",
        ])
            it(`writes the same objects again when it is killed after "${at}"`, async () => {
                const { start, reopen, rows, errors, services } = made({}, { s3: memoryS3() });
                const killed = reopen({
                    step(_stream, step) {
                        if (step === at) throw new Error("killed");
                    },
                });
                killed.start();
                await putAll(killed, ['{"id":1}', "no", '{"id":2}']);
                await killed.flush(STREAM).catch(() => undefined);
                await killed.close();
                const again = start(reopen());
                await again.flush(STREAM);
                deepStrictEqual(await rows(), [
                    { id: 1, at: null },
                    { id: 2, at: null },
                ]);
                strictEqual(errors().length, 1);
                strictEqual((services.s3.objects as ReadonlyMap<string, Buffer>).size, 2);
            });
    });
});
