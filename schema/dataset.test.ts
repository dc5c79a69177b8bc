import * as assert from "node:assert/strict";
import { type Dataset, defineDataset, type RecordOf } from "./dataset";

const id = { name: "id", type: "string" } as const;

/** What is wrong, and the whole sentence that says so. */
const WRONG: readonly (readonly [what: string, dataset: Dataset, sentence: string])[] = [
    [
        "a name that Glue would fold",
        { name: "PageEvents", columns: [id] },
        'Dataset "PageEvents" cannot have that name. A name is a lower-case letter, then up to 254 lower-case letters, digits and _.',
    ],
    ["no columns", { name: "d", columns: [] }, 'Dataset "d" has no columns.'],
    [
        "no fields in a struct",
        { name: "d", columns: [{ name: "s", type: { struct: [] } }] },
        'Dataset "d" has no fields in "s".',
    ],
    ["a column twice", { name: "d", columns: [id, id] }, 'Dataset "d" has the column "id" twice.'],
    [
        "a field twice, in a struct in an array",
        { name: "d", columns: [{ name: "l", type: { array: { struct: [id, id] } } }] },
        'Dataset "d" has the column "l.id" twice.',
    ],
    ...["detail-type", "_id", "1st", "", "é", "a".repeat(256), "constructor", "__proto__"].map(
        (name) =>
            [
                `the column name ${JSON.stringify(name.slice(0, 20))}`,
                { name: "d", columns: [{ name, type: "string" }] },
                `Dataset "d" cannot have a column "${name}". A name is a lower-case letter, then up to 254 lower-case letters, digits and _.`,
            ] as const,
    ),
    ...["varchar", "decimal", "decimal(5)", "decimal(5, 2)", "constructor", "struct"].map(
        (type) =>
            [
                `the type ${type}`,
                { name: "d", columns: [{ name: "c", type: type as "string" }] },
                `Dataset "d" gives the column "c" the unknown type "${type}". A type is string, int, long, double, boolean, date, timestamp, decimal(p,s), { struct }, { array } or { map }.`,
            ] as const,
    ),
    [
        "a type with two parts",
        { name: "d", columns: [{ name: "c", type: { array: "int", map: "int" } }] },
        'Dataset "d" gives the column "c" the unknown type {"array":"int","map":"int"}. A type is string, int, long, double, boolean, date, timestamp, decimal(p,s), { struct }, { array } or { map }.',
    ],
    ...(["decimal(0,0)", "decimal(39,0)", "decimal(2,3)"] as const).map(
        (type) =>
            [
                `the type ${type}`,
                { name: "d", columns: [{ name: "c", type }] },
                `Dataset "d" gives the column "c" the type "${type}". A decimal has 1 to 38 digits, and no more behind the point than in all.`,
            ] as const,
    ),
    [
        "oneOf for a number",
        { name: "d", columns: [{ name: "c", type: "int", oneOf: ["1"] }] },
        'Dataset "d" gives the column "c" oneOf, which only a string can have; it is "int".',
    ],
    [
        "a pattern for a struct",
        { name: "d", columns: [{ name: "c", type: { struct: [id] }, pattern: "^a" }] },
        'Dataset "d" gives the column "c" pattern, which only a string can have; it is a struct.',
    ],
    [
        "a masked number",
        { name: "d", columns: [{ name: "c", type: "double", pii: "mask" }] },
        'Dataset "d" gives the column "c" pii: "mask", which only a string can have; it is "double".',
    ],
    [
        "an unknown pii rule",
        { name: "d", columns: [{ name: "c", type: "string", pii: "blur" as "mask" }] },
        'Dataset "d" gives the column "c" pii: "blur". It is keep, mask, hash or drop.',
    ],
    [
        "an empty oneOf",
        { name: "d", columns: [{ name: "c", type: "string", oneOf: [] }] },
        'Dataset "d" gives the column "c" a oneOf without values.',
    ],
    [
        "a value twice in oneOf",
        { name: "d", columns: [{ name: "c", type: "string", oneOf: ["a", "b", "a"] }] },
        'Dataset "d" gives the column "c" the value "a" twice in oneOf.',
    ],
    [
        "a pattern that does not compile",
        { name: "d", columns: [{ name: "c", type: "string", pattern: "[" }] },
        'Dataset "d" gives the column "c" the pattern "[", which is not a regular expression.',
    ],
    [
        "a pattern that is no unicode one",
        { name: "d", columns: [{ name: "c", type: "string", pattern: "\\-" }] },
        'Dataset "d" gives the column "c" the pattern "\\-", which is not a regular expression.',
    ],
    [
        "a value that its pattern refuses",
        { name: "d", columns: [{ name: "c", type: "string", oneOf: ["a", "b"], pattern: "^a$" }] },
        'Dataset "d" allows "b" in the column "c", but its pattern "^a$" does not.',
    ],
    [
        "a partition by no column",
        { name: "d", columns: [id, { ...id, name: "c" }], partitionBy: ["event"] },
        'Dataset "d" has no column "event". Its columns are: id, c.',
    ],
    ...["minute(id)", "bucket(id)", "bucket(0, id)", "day(id", "", "id; DROP"].map(
        (text) =>
            [
                `a partition by ${JSON.stringify(text)}`,
                { name: "d", columns: [id], partitionBy: [text] },
                `Dataset "d" cannot be partitioned by "${text}". Write a column's name, or year(c), month(c), day(c), hour(c), bucket(n, c) or truncate(n, c).`,
            ] as const,
    ),
    [
        "the day of a text",
        { name: "d", columns: [id], partitionBy: ["day(id)"] },
        'Dataset "d" cannot be partitioned by "day(id)": day takes date or timestamp, and "id" is "string".',
    ],
    [
        "the hour of a date",
        { name: "d", columns: [{ name: "on", type: "date" }], partitionBy: ["hour(on)"] },
        'Dataset "d" cannot be partitioned by "hour(on)": hour takes timestamp, and "on" is "date".',
    ],
    [
        "a partition by a double",
        { name: "d", columns: [{ name: "x", type: "double" }], partitionBy: ["x"] },
        'Dataset "d" cannot be partitioned by "x": identity takes string, int, long, boolean, date, timestamp or decimal, and "x" is "double".',
    ],
    [
        "the truncation of a date",
        { name: "d", columns: [{ name: "on", type: "date" }], partitionBy: ["truncate(4, on)"] },
        'Dataset "d" cannot be partitioned by "truncate(4, on)": truncate takes string, int, long or decimal, and "on" is "date".',
    ],
    [
        "a partition twice",
        { name: "d", columns: [id], partitionBy: ["bucket(4, id)", "bucket(8, id)"] },
        'Dataset "d" is partitioned by "bucket(8, id)" twice.',
    ],
    [
        "a partition called like a column",
        {
            name: "d",
            columns: [
                { name: "at", type: "timestamp" },
                { name: "at_day", type: "date" },
            ],
            partitionBy: ["day(at)"],
        },
        'Dataset "d" cannot be partitioned by "day(at)": the partition would be called "at_day", like a column.',
    ],
    [
        "a key of no column",
        { name: "d", columns: [id], key: ["id", "at"] },
        'Dataset "d" has no column "at". Its columns are: id.',
    ],
    [
        "a column twice in the key",
        { name: "d", columns: [id], key: ["id", "id"] },
        'Dataset "d" has the column "id" twice in its key.',
    ],
    [
        "an optional key",
        { name: "d", columns: [{ ...id, optional: true }], key: ["id"] },
        'Dataset "d" has the optional column "id" in its key. Every record must have its key.',
    ],
    [
        "a key that is a double",
        { name: "d", columns: [{ name: "x", type: "double" }], key: ["x"] },
        'Dataset "d" has the column "x" in its key, which is "double". A key takes string, int, long, boolean, date, timestamp or decimal.',
    ],
    [
        "a key that is a map",
        { name: "d", columns: [{ name: "m", type: { map: "int" } }], key: ["m"] },
        'Dataset "d" has the column "m" in its key, which is a map. A key takes string, int, long, boolean, date, timestamp or decimal.',
    ],
];

describe("defineDataset", () => {
    it("returns the dataset as it is", () => {
        const dataset: Dataset = {
            name: "events",
            columns: [id, { name: "at", type: "timestamp" }, { name: "n", type: "decimal(38,38)" }],
            partitionBy: ["day(at)", "bucket(16, id)", "truncate(4,id)", "id"],
            key: ["id", "at", "n"],
        };
        assert.equal(defineDataset(dataset), dataset);
    });

    for (const [what, dataset, sentence] of WRONG) {
        it(`refuses ${what}`, () => {
            assert.throws(() => defineDataset(dataset), { message: sentence });
        });
    }

    it("survives serialization: a dataset is plain data", () => {
        const dataset = defineDataset({ name: "d", columns: [id], partitionBy: ["id"] });
        assert.deepStrictEqual(JSON.parse(JSON.stringify(dataset)), dataset);
    });
});

describe("RecordOf", () => {
    const orders = defineDataset({
        name: "orders",
        columns: [
            { name: "id", type: "string" },
            { name: "state", type: "string", oneOf: ["open", "paid"] },
            { name: "amount", type: "decimal(10,2)" },
            { name: "count", type: "long", optional: true },
            { name: "gift", type: "boolean" },
            { name: "at", type: "timestamp" },
            {
                name: "lines",
                type: { array: { struct: [id, { name: "tags", type: { map: "int" }, optional: true }] } },
            },
        ],
    });
    type Order = RecordOf<typeof orders>;

    it("is the type of a record, which the compiler checks here", () => {
        type Expected = {
            readonly id: string;
            readonly state: "open" | "paid";
            readonly amount: number | string;
            readonly count?: number | null;
            readonly gift: boolean;
            readonly at: string;
            readonly lines: readonly {
                readonly id: string;
                readonly tags?: { readonly [key: string]: number } | null;
            }[];
        };
        const same: Same<Order, Expected> = true;
        assert.ok(same);
    });
});

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
