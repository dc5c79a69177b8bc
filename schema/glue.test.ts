import * as assert from "node:assert/strict";
import { type Column, defineDataset } from "./dataset";
import { glueColumns, gluePartitionKeys, partitionProjection } from "./glue";

const at = { name: "at", type: "timestamp" } as const;

/** A dataset whose partitions a Hive table can have. */
function dataset(columns: readonly Column[], ...partitionBy: readonly string[]) {
    return defineDataset({ name: "orders", columns, partitionBy });
}

const orders = dataset(
    [
        { name: "id", type: "string", doc: "What identifies it." },
        { name: "country", type: "string", oneOf: ["CH", "IN"] },
        { name: "lines", type: { array: { struct: [{ name: "tags", type: { map: "decimal(5,2)" } }] } } },
        at,
    ],
    "country",
    "day(at)",
);

describe("glueColumns", () => {
    it("are the columns in their order, without those that are partition keys", () => {
        assert.deepStrictEqual(glueColumns(orders), [
            { name: "id", type: "string", comment: "What identifies it." },
            { name: "lines", type: "array<struct<tags:map<string,decimal(5,2)>>>" },
            { name: "at", type: "timestamp" },
        ]);
    });
});

describe("gluePartitionKeys", () => {
    it("are the folders, outermost first", () => {
        assert.deepStrictEqual(gluePartitionKeys(orders), [
            { name: "country", type: "string" },
            { name: "year", type: "int" },
            { name: "month", type: "int" },
            { name: "day", type: "int" },
        ]);
    });

    it("reach as deep as the transform", () => {
        const names = ["year", "month", "day", "hour"].map((transform) =>
            gluePartitionKeys(dataset([at], `${transform}(at)`)).map(({ name }) => name),
        );
        assert.deepStrictEqual(names, [
            ["year"],
            ["year", "month"],
            ["year", "month", "day"],
            ["year", "month", "day", "hour"],
        ]);
    });

    it("cannot be buckets", () => {
        assert.throws(() => gluePartitionKeys(dataset([at], "bucket(16, at)")), {
            message: 'Dataset "orders" is partitioned by bucket(at), which only an Iceberg table can be.',
        });
    });

    it("do not take the name of a column", () => {
        assert.throws(() => gluePartitionKeys(dataset([at, { name: "month", type: "int" }], "day(at)")), {
            message: 'Dataset "orders" has a column "month", so day(at) cannot make folders of that name.',
        });
    });
});

describe("partitionProjection", () => {
    const location = "s3://bucket/orders";

    it("lets Athena work out the folders of a day that Firehose writes", () => {
        assert.deepStrictEqual(partitionProjection(orders, { location, ranges: { year: "2026,2036" } }), {
            "projection.enabled": "true",
            "projection.country.type": "enum",
            "projection.country.values": "CH,IN",
            "projection.year.type": "integer",
            "projection.year.range": "2026,2036",
            "projection.year.digits": "4",
            "projection.month.type": "integer",
            "projection.month.range": "1,12",
            "projection.month.digits": "2",
            "projection.day.type": "integer",
            "projection.day.range": "1,31",
            "projection.day.digits": "2",
            "storage.location.template":
                "s3://bucket/orders/country=${country}/year=${year}/month=${month}/day=${day}/",
        });
    });

    it("goes down to the hour, wherever the location has its slash", () => {
        const hourly = partitionProjection(dataset([at], "hour(at)"), {
            location: "s3://bucket/json//",
            ranges: { year: "2026,2036" },
        });
        assert.equal(hourly["projection.hour.range"], "0,23");
        assert.equal(hourly["projection.hour.digits"], "2");
        assert.equal(
            hourly["storage.location.template"],
            "s3://bucket/json/year=${year}/month=${month}/day=${day}/hour=${hour}/",
        );
    });

    it("projects every type of key whose values can be foretold", () => {
        const keys: readonly (readonly [Column["type"], Record<string, string>])[] = [
            ["string", { type: "injected" }],
            ["int", { type: "integer", range: "first,last" }],
            ["long", { type: "integer", range: "first,last" }],
            ["boolean", { type: "enum", values: "false,true" }],
            ["date", { type: "date", range: "first,last", format: "yyyy-MM-dd" }],
        ];
        for (const [type, rules] of keys) {
            const projection = partitionProjection(dataset([at, { name: "k", type }], "k"), {
                location,
                ranges: { k: "first,last" },
            });
            const expected = Object.entries(rules).map(([rule, value]) => [`projection.k.${rule}`, value]);
            assert.deepStrictEqual(projection, {
                "projection.enabled": "true",
                ...Object.fromEntries(expected),
                "storage.location.template": "s3://bucket/orders/k=${k}/",
            });
        }
    });

    const REFUSED: readonly (readonly [what: string, key: Column, sentence: string])[] = [
        ["a time", at, 'Dataset "orders" is partitioned by "at", which Athena cannot project: it is a timestamp.'],
        [
            "a decimal",
            { name: "k", type: "decimal(5,2)" },
            'Dataset "orders" is partitioned by "k", which Athena cannot project: it is a decimal(5,2).',
        ],
        [
            "a number without a range",
            { name: "k", type: "int" },
            'Dataset "orders" needs a range for its partition key "k", such as { k: "first,last" }.',
        ],
        [
            "an optional column, whose rows without a value no query would find",
            { name: "k", type: "string", oneOf: ["a"], optional: true },
            'Dataset "orders" may lack "k", and Athena would not find the rows of such a partition.',
        ],
        [
            "a value with a comma",
            { name: "k", type: "string", oneOf: ["a", "b,c"] },
            'Dataset "orders" allows "b,c" in its partition key "k", which a list for Athena cannot hold.',
        ],
    ];
    for (const [what, key, sentence] of REFUSED) {
        it(`refuses ${what}`, () => {
            const partitioned = dataset([{ name: "c", type: "int" }, key], key.name);
            assert.throws(() => partitionProjection(partitioned, { location }), { message: sentence });
        });
    }

    it("asks for the years", () => {
        assert.throws(() => partitionProjection(orders, { location }), {
            message: 'Dataset "orders" needs a range for its partition key "year", such as { year: "first,last" }.',
        });
    });
});
