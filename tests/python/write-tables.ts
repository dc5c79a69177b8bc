import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { createDuck } from "../../local/duck";
import { createIceberg, type IcebergTables } from "../../local/iceberg";
import { tableInput } from "../../local/iceberg/input";
import { fakeResources } from "../support/local";

/** What the reader is to find in a table. */
interface Expected {
    readonly name: string;
    readonly location: string;
    readonly rows: readonly Row[];
    readonly filters?: readonly { readonly filter: string; readonly rows: readonly Row[] }[];
    readonly snapshots?: readonly { readonly id: number; readonly rows: number }[];
}

type Row = Readonly<Record<string, unknown>>;

/** An operation, a document as a client sends it, and the row that it stands for: exact numbers as text. */
interface Change {
    readonly op: "insert" | "update" | "delete";
    readonly document: Row;
    readonly row: Row;
}

const folder = path.resolve(process.argv[2]);
const clock = { now: () => Date.UTC(2026, 10, 20, 12), sleep: async () => undefined };
const place = { data: folder };
const duck = createDuck({ place });
const resources = fakeResources();
const iceberg: IcebergTables = createIceberg({
    place,
    duck,
    clock,
    resources,
    s3: { file: (bucket, key) => path.join(folder, "s3", bucket, key) },
    randomHex: (digits) => crypto.randomBytes(digits).toString("hex").slice(0, digits),
});

/** Numbers from 0 to 1, the same in each run. */
function numbers(seed: number): () => number {
    let state = seed;
    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
    };
}

let sequence = 0;

async function write(location: string, changes: readonly Change[], uniqueKeys: readonly string[]): Promise<void> {
    const file = path.join(folder, "batch.ndjson");
    const lines = changes.map(({ op, document }) => exactJson({ __seq: ++sequence, __op: op, ...document }));
    fs.writeFileSync(file, lines.join("\n"));
    const { rejected } = await iceberg.write(location, { file, uniqueKeys });
    if (rejected.length > 0) throw new Error(`Rejected: ${JSON.stringify(rejected.slice(0, 3))}`);
}

/** A number that JSON.stringify could not write exactly. */
const exact = (digits: string) => ({ exact: digits });

function exactJson(document: Row): string {
    return JSON.stringify(document).replace(/\{"exact":"([^"]+)"\}/g, "$1");
}

/** What is in a table after some changes, by key. */
function apply(rows: Map<string, Row>, changes: readonly Change[], keyOf: (row: Row) => string): void {
    for (const { op, row } of changes) {
        if (op === "delete") rows.delete(keyOf(row));
        else rows.set(keyOf(row), row);
    }
}

const EVENTS = ["visit", "view", "a b/c=d", "été", "purchase"];

/** A row of every type, with a document to match. `version` makes the values of an update differ. */
function everyType(id: number, version: number): { document: Row; row: Row } {
    const next = numbers(id * 31 + version);
    const pick = <T>(choices: readonly T[]) => choices[Math.floor(next() * choices.length)];
    const big = String(9007199254740993n + BigInt(id) * 1000003n);
    const event = EVENTS[id % EVENTS.length];
    const day = `2026-0${1 + (id % 3)}-1${id % 10}`;
    const time = `${day}T0${id % 10}:30:00.${String(100000 + version * 7919 + (id % 100)).slice(0, 6)}`;
    const text = pick([
        "plain",
        'quote " and \\',
        "line\nfeed",
        "\u2028 and \u0000",
        "😀 ü 漢字",
        "",
        "x".repeat(3000),
    ]);
    const note = next() < 0.3 ? null : text;
    const amount = `${(id * 7919) % 100000}.${String(version).padStart(2, "0")}`;
    const huge = `${"123456789".repeat(3)}.${String(1000000000 + id)}`;
    const nested = { street: `Street ${id}`, zip: id % 2 ? id : null, tags: [pick(["a", "b"]), `t${version}`] };
    const double = next() * 10 ** Math.floor(next() * 30 - 15);
    const document = {
        id: `id-${id}`,
        event,
        small: id - 50,
        large: exact(big),
        amount: exact(amount),
        huge,
        ratio: double,
        flag: next() < 0.5,
        day,
        timestamp: `${time}Z`,
        "zoned at": id % 2 ? `${time}+02:00` : `${time}Z`,
        'odd "name"': note,
        ...(note === null ? {} : { order: note }),
        address: nested,
        counts: { a: id, "b c": version },
        "list of maps": [{ k: exact(big) }, {}],
    };
    const zoned =
        id % 2
            ? new Date(Date.parse(`${time.slice(0, 19)}Z`) - 7_200_000).toISOString().slice(0, 19)
            : time.slice(0, 19);
    const row = {
        ...document,
        small: String(id - 50),
        large: big,
        amount,
        timestamp: time,
        "zoned at": `${zoned}.${time.slice(20)}`,
        order: note,
        address: { ...nested, zip: nested.zip === null ? null : String(nested.zip) },
        counts: { a: String(id), "b c": String(version) },
        "list of maps": [{ k: big }, {}],
    };
    return { document, row };
}

const required = ["id", "event", "timestamp"];

const field = (id: number, name: string, type: unknown) => ({
    id,
    name,
    required: required.includes(name),
    type: JSON.stringify(type),
});

const EVERY_TYPE = [
    field(1, "id", "string"),
    field(2, "event", "string"),
    field(3, "small", "int"),
    field(4, "large", "long"),
    field(5, "amount", "decimal(10,2)"),
    field(6, "huge", "decimal(38,10)"),
    field(7, "ratio", "double"),
    field(8, "flag", "boolean"),
    field(9, "day", "date"),
    field(10, "timestamp", "timestamp"),
    field(11, "zoned at", "timestamptz"),
    field(12, 'odd "name"', "string"),
    field(13, "order", "string"),
    field(14, "address", {
        type: "struct",
        fields: [
            { id: 17, name: "street", required: true, type: "string" },
            { id: 18, name: "zip", required: false, type: "long" },
            {
                id: 19,
                name: "tags",
                required: true,
                type: { type: "list", "element-id": 20, element: "string", "element-required": true },
            },
        ],
    }),
    field(15, "counts", {
        type: "map",
        "key-id": 21,
        key: "string",
        "value-id": 22,
        value: "int",
        "value-required": true,
    }),
    field(16, "list of maps", {
        type: "list",
        "element-id": 23,
        element: { type: "map", "key-id": 24, key: "string", "value-id": 25, value: "long", "value-required": false },
        "element-required": true,
    }),
];

/** Twelve commits of inserts, updates and deletions, in partitions by value and by day. */
async function everyTypeTable(): Promise<Expected> {
    const location = "s3://lake/every type".replace(" ", "_");
    await iceberg.create(
        tableInput({
            location,
            schema: { fields: EVERY_TYPE, identifierFieldIds: [1] },
            partitionSpec: {
                fields: [
                    { name: "event", sourceId: 2, fieldId: 1000, transform: "identity" },
                    { name: "timestamp_day", sourceId: 10, fieldId: 1001, transform: "day" },
                ],
            },
            sortOrder: {
                orderId: 1,
                fields: [{ sourceId: 1, transform: "identity", direction: "desc", nullOrder: "nulls-last" }],
            },
            properties: { "write.parquet.compression-codec": "snappy" },
        }),
    );
    const rows = new Map<string, Row>();
    const snapshots: { id: number; rows: number }[] = [];
    const next = numbers(7);
    for (let version = 0; version < 12; version++) {
        const changes = Array.from({ length: 60 }, (): Change => {
            const id = Math.floor(next() * 200);
            const op = version === 0 ? "update" : (["update", "update", "delete"] as const)[Math.floor(next() * 3)];
            return { op, ...everyType(id, version) };
        });
        await write(location, changes, ["id"]);
        apply(rows, changes, ({ id }) => id as string);
        const metadata = iceberg.describe(location)?.metadata;
        snapshots.push({ id: metadata?.["current-snapshot-id"] ?? 0, rows: rows.size });
    }
    const all = [...rows.values()];
    const view = all.filter(({ event }) => event === "view");
    const small = all.filter((row) => Number(row.small) > 100);
    return {
        name: "every type, partitioned by value and day, twelve commits of updates and deletions",
        location,
        rows: all,
        filters: [
            { filter: "event == 'view'", rows: view },
            { filter: "small > 100", rows: small },
            {
                filter: "timestamp >= '2026-02-01T00:00:00'",
                rows: all.filter((row) => String(row.timestamp) >= "2026-02"),
            },
            { filter: `large == ${all[0].large}`, rows: all.filter((row) => row.large === all[0].large) },
        ],
        snapshots,
    };
}

/** One table for each partition transform; a filter on the source makes the reader prune by our partition values. */
async function transformTables(): Promise<readonly Expected[]> {
    const tables: readonly (readonly [string, string, string])[] = [
        ["text", "bucket[4]", "string"],
        ["number", "bucket[4]", "long"],
        ["small", "bucket[3]", "int"],
        ["day", "bucket[5]", "date"],
        ["at", "bucket[5]", "timestamp"],
        ["amount", "bucket[5]", "decimal(12,3)"],
        ["text", "truncate[2]", "string"],
        ["number", "truncate[10]", "long"],
        ["amount", "truncate[50]", "decimal(12,3)"],
        ["at", "year", "timestamp"],
        ["at", "month", "timestamp"],
        ["at", "hour", "timestamp"],
        ["day", "month", "date"],
        ["flag", "identity", "boolean"],
        ["number", "identity", "long"],
        ["day", "identity", "date"],
        ["amount", "identity", "decimal(12,3)"],
        ["at", "identity", "timestamp"],
    ];
    const expected: Expected[] = [];
    for (const [column, transform, type] of tables) expected.push(await transformTable(column, transform, type));
    return expected;
}

function sample(column: string, at: number): { value: unknown; row: unknown; filter: string } {
    const moment = new Date(Date.UTC(1969, 6, 1) + at * 7_919_000_000).toISOString();
    switch (column) {
        case "text": {
            const text = ["alpha", "älpha", "", "beta", "漢字", "be"][at % 6] + (at % 4);
            return { value: text, row: text, filter: `'${text}'` };
        }
        case "small":
            return { value: at - 12, row: String(at - 12), filter: String(at - 12) };
        case "number": {
            const digits = String(BigInt(at - 12) * 1234567891011n);
            return { value: exact(digits), row: digits, filter: digits };
        }
        case "amount": {
            const text = `${at % 2 ? "-" : ""}${at * 17}.${String(at * 37)
                .padStart(3, "0")
                .slice(-3)}`;
            const amount = text === "-0.000" ? "0.000" : text;
            return { value: amount, row: amount, filter: amount };
        }
        case "flag":
            return { value: at % 2 === 0, row: at % 2 === 0, filter: String(at % 2 === 0) };
        case "day":
            return { value: moment.slice(0, 10), row: moment.slice(0, 10), filter: `'${moment.slice(0, 10)}'` };
    }
    const micros = `${moment.slice(0, 23)}123`;
    return { value: `${micros}Z`, row: micros, filter: `'${micros}'` };
}

async function transformTable(column: string, transform: string, type: string): Promise<Expected> {
    const location = `s3://lake/${column}_${transform.replace(/\W+/g, "_")}`;
    await iceberg.create(
        tableInput({
            location,
            schema: { fields: [field(1, "n", "int"), field(2, column, type)] },
            partitionSpec: { fields: [{ name: `${column}_part`, sourceId: 2, fieldId: 1000, transform }] },
        }),
    );
    const values = Array.from({ length: 24 }, (_, at) => (at === 23 ? undefined : sample(column, at)));
    const rows = values.map((each, n) => ({ n: String(n), [column]: each?.row ?? null }));
    const changes = values.map(
        (each, n): Change => ({ op: "insert", document: { n, [column]: each?.value ?? null }, row: rows[n] }),
    );
    await write(location, changes, []);
    const probes = values.filter((each) => each !== undefined).slice(0, 8);
    return {
        name: `${transform} of ${type}`,
        location,
        rows,
        filters: [
            ...probes.map(({ row, filter }) => ({
                filter: `${column} == ${filter}`,
                rows: rows.filter((each) => each[column] === row),
            })),
            { filter: `${column} is null`, rows: rows.filter((each) => each[column] === null) },
        ],
    };
}

/** A table whose schema has changed since its first rows were written: columns renamed, widened, added and dropped. */
async function evolvedTable(): Promise<Expected> {
    const location = "s3://lake/evolved";
    const create = (fields: ReturnType<typeof field>[]) => iceberg.create(tableInput({ location, schema: { fields } }));
    const insert = (document: Row): Change => ({ op: "insert", document, row: document });
    await create([field(1, "n", "int"), field(2, "old", "string"), field(3, "gone", "string")]);
    await write(location, [insert({ n: 1, old: "a", gone: "x" })], []);
    await create([field(2, "renamed", "string"), field(1, "n", "long"), field(4, "added", "double")]);
    await write(location, [insert({ n: exact("9007199254740993"), renamed: "b", added: 1.5 })], []);
    const rows = [
        { n: "1", renamed: "a", added: null },
        { n: "9007199254740993", renamed: "b", added: 1.5 },
    ];
    return {
        name: "a schema that has changed",
        location,
        rows,
        filters: [{ filter: "renamed == 'a'", rows: [rows[0]] }],
    };
}

/** A table that was compacted and whose old snapshots have expired. */
async function compactedTable(): Promise<Expected> {
    const location = "s3://lake/compacted";
    await iceberg.create(tableInput({ location, schema: { fields: [field(1, "k", "int"), field(2, "v", "int")] } }));
    resources.put({
        type: "aws:glue/catalogTable:CatalogTable",
        id: "compacted",
        inputs: {
            databaseName: "lake",
            name: "compacted",
            openTableFormatInput: { icebergInput: { icebergTableInput: { location } } },
        },
    });
    resources.put({
        type: "aws:glue/catalogTableOptimizer:CatalogTableOptimizer",
        id: "compacted",
        inputs: {
            databaseName: "lake",
            tableName: "compacted",
            type: "compaction",
            configuration: {
                enabled: true,
                compactionConfiguration: { icebergConfiguration: { minInputFiles: 4 } },
            },
        },
    });
    const rows = new Map<string, Row>();
    for (let commit = 0; commit < 140; commit++) {
        const changes = [commit % 9, commit % 5].map((k, at): Change => {
            const op = at === 1 && commit % 4 === 0 ? "delete" : "update";
            return { op, document: { k, v: commit }, row: { k: String(k), v: String(commit) } };
        });
        await write(location, changes, ["k"]);
        apply(rows, changes, ({ k }) => k as string);
    }
    await iceberg.idle();
    return { name: "140 commits, compacted and expired", location, rows: [...rows.values()] };
}

/** A table without a snapshot. */
async function emptyTable(): Promise<Expected> {
    const location = "s3://lake/empty";
    await iceberg.create(tableInput({ location, schema: { fields: [field(1, "n", "int")] } }));
    return { name: "no rows yet", location, rows: [] };
}

async function main(): Promise<void> {
    const expected = [
        await emptyTable(),
        await everyTypeTable(),
        await evolvedTable(),
        await compactedTable(),
        ...(await transformTables()),
    ];
    fs.writeFileSync(path.join(folder, "expected.json"), JSON.stringify(expected));
    await duck.close();
}

main().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
});
