import * as assert from "node:assert/strict";
import { Ajv } from "ajv";
import { createExternalTable, createIcebergTable } from "./athena";
import { TYPE_KINDS, type TypeKind } from "./column-type";
import { type ColumnType, type Dataset, defineDataset } from "./dataset";
import { formatConversion } from "./firehose-conversion";
import { generator } from "./generate";
import { glueColumns } from "./glue";
import { columnMapping } from "./glue-job";
import { icebergSchema } from "./iceberg";
import { apiModel, jsonSchema } from "./json-schema";
import { DATE_PATTERN, TIMESTAMP_PATTERN } from "./timestamp";
import { validatorOf } from "./validator";

/** What every derivation makes of one kind of type. */
interface Expected {
    readonly type: ColumnType;
    readonly hive: string;
    readonly iceberg: unknown;
    readonly schema: Readonly<Record<string, unknown>>;
    readonly model: Readonly<Record<string, unknown>>;
    /** What the validator says the column `c` is not. */
    readonly wanted: string;
    readonly good: readonly unknown[];
    readonly bad: readonly unknown[];
}

const zip = { name: "zip", type: "string" } as const;

/** A kind that is missing here does not compile, and fails the first test below. */
const EXPECTED: Readonly<Record<TypeKind, Expected>> = {
    string: {
        type: "string",
        hive: "string",
        iceberg: "string",
        schema: { type: "string" },
        model: { type: "string" },
        wanted: "a string",
        good: ["", "a", "é\u2028\0'\"\\"],
        bad: [null, 1, true, {}, ["a"]],
    },
    int: {
        type: "int",
        hive: "int",
        iceberg: "int",
        schema: { type: "integer", minimum: -2147483648, maximum: 2147483647 },
        model: { type: "integer" },
        wanted: "a whole number of 32 bits",
        good: [0, -0, 1.0, -2147483648, 2147483647],
        bad: [null, "1", 1.5, 2147483648, -2147483649, true, [1]],
    },
    long: {
        type: "long",
        hive: "bigint",
        iceberg: "long",
        schema: { type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 },
        model: { type: "integer" },
        wanted: "a whole number within 9007199254740991 of zero",
        good: [0, 2147483648, 9007199254740991, -9007199254740991],
        bad: [null, "1", 0.5, 9007199254740992, -9007199254740992, 1e300],
    },
    double: {
        type: "double",
        hive: "double",
        iceberg: "double",
        schema: { type: "number" },
        model: { type: "number" },
        wanted: "a number",
        good: [0, -1.5, 1e300, 5e-324],
        bad: [null, "1.5", true, JSON.parse("1e999"), [1]],
    },
    boolean: {
        type: "boolean",
        hive: "boolean",
        iceberg: "boolean",
        schema: { type: "boolean" },
        model: { type: "boolean" },
        wanted: "true or false",
        good: [true, false],
        bad: [null, 0, 1, "true", {}],
    },
    date: {
        type: "date",
        hive: "date",
        iceberg: "date",
        schema: { type: "string", pattern: DATE_PATTERN },
        model: { type: "string", pattern: DATE_PATTERN },
        wanted: "a date such as 2026-02-28",
        good: ["2026-02-28", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"],
        bad: [
            null,
            "",
            "2026-02-29",
            "1900-02-29",
            "2026-2-8",
            "2026-13-01",
            "0000-01-01",
            "2026-02-28T00:00:00Z",
            " 2026-02-28",
            "2026-02-28\n",
            20260228,
        ],
    },
    timestamp: {
        type: "timestamp",
        hive: "timestamp",
        iceberg: "timestamp",
        schema: { type: "string", pattern: TIMESTAMP_PATTERN },
        model: { type: "string", pattern: TIMESTAMP_PATTERN },
        wanted: "an ISO 8601 time",
        good: ["2026-11-20T12:00:00Z", "2026-11-20T12:00:00.123456789+05:30", "2024-02-29T23:59:59.1-2359"],
        bad: [
            null,
            "",
            "2026-02-31T00:00:00Z",
            "2026-11-20T12:00:60Z",
            "2026-11-20T12:00:00",
            "2026-1-2T3:4:5Z",
            1789014240448,
        ],
    },
    decimal: {
        type: "decimal(5,2)",
        hive: "decimal(5,2)",
        iceberg: "decimal(5,2)",
        schema: {
            type: ["string", "number"],
            pattern: "^-?\\d{1,3}(?:\\.\\d{1,2})?$",
            minimum: -999.99,
            maximum: 999.99,
        },
        model: {},
        wanted: "a number with at most 3 digits before the point and 2 behind",
        good: [0, 999.99, -999.99, 1.005, "0", "-999.99", "007.5"],
        bad: [null, "", "1000", "1.005", "1e2", "+1", ".5", "1.", 1000, -1000, true],
    },
    struct: {
        type: { struct: [zip, { name: "floor", type: "int", optional: true }] },
        hive: "struct<zip:string,floor:int>",
        iceberg: {
            type: "struct",
            fields: [
                { id: 2, name: "zip", required: true, type: "string" },
                { id: 3, name: "floor", required: false, type: "int" },
            ],
        },
        schema: {
            type: "object",
            required: ["zip"],
            properties: {
                zip: { type: "string" },
                floor: { type: ["integer", "null"], minimum: -2147483648, maximum: 2147483647 },
            },
        },
        model: { type: "object", required: ["zip"], properties: { zip: { type: "string" }, floor: {} } },
        wanted: "an object",
        good: [{ zip: "1" }, { zip: "1", floor: null, more: 1 }, { zip: "1", floor: 2 }],
        bad: [null, "zip", 1, [], [{ zip: "1" }]],
    },
    array: {
        type: { array: "int" },
        hive: "array<int>",
        iceberg: { type: "list", "element-id": 2, element: "int", "element-required": true },
        schema: { type: "array", items: { type: "integer", minimum: -2147483648, maximum: 2147483647 } },
        model: { type: "array", items: { type: "integer" } },
        wanted: "an array",
        good: [[], [1], [1, 2, 3]],
        bad: [null, {}, "1,2", 1, { length: 0 }],
    },
    map: {
        type: { map: "double" },
        hive: "map<string,double>",
        iceberg: { type: "map", "key-id": 2, key: "string", "value-id": 3, value: "double", "value-required": true },
        schema: { type: "object", additionalProperties: { type: "number" } },
        model: { type: "object" },
        wanted: "an object",
        good: [{}, { a: 1 }, JSON.parse('{"":1.5,"__proto__":2}')],
        bad: [null, [], "a", 1],
    },
};

describe("the derivations of a dataset", () => {
    it("are tried with every kind of column type", () => {
        assert.deepStrictEqual(Object.keys(EXPECTED), TYPE_KINDS);
    });

    for (const [kind, expected] of Object.entries(EXPECTED)) {
        describe(`of ${kind}`, () => derivationsOf(expected));
    }
});

function derivationsOf(expected: Expected): void {
    const verdicts = judge();
    const required = defineDataset({ name: "events", columns: [{ name: "c", type: expected.type }] });
    const optional = defineDataset({ name: "events", columns: [{ name: "c", type: expected.type, optional: true }] });

    it("are a Glue column, a column in Athena's definitions and one in a Glue job", () => {
        assert.deepStrictEqual(glueColumns(required), [{ name: "c", type: expected.hive }]);
        const place = { database: "lake", location: "s3://bucket/events/" };
        const column = `    \`c\` ${expected.hive}`;
        assert.equal(createIcebergTable(required, place).split("\n")[1], column);
        assert.equal(createExternalTable(required, { ...place, format: "parquet" }).split("\n")[1], column);
        assert.deepStrictEqual(columnMapping(required), [
            { sources: ["c"], target: "c", type: expected.hive, pii: "keep", required: true },
        ]);
    });

    it("are an Iceberg field, required unless the column is optional", () => {
        for (const dataset of [required, optional]) {
            const field = { id: 1, name: "c", required: dataset === required, type: expected.iceberg };
            assert.deepStrictEqual(icebergSchema(dataset), { type: "struct", fields: [field], identifierFieldIds: [] });
        }
    });

    it("are a property in the JSON Schema and in the model of API Gateway", () => {
        assert.deepStrictEqual(jsonSchema(required).properties, { c: expected.schema });
        const { type, ...rest } = expected.schema;
        assert.deepStrictEqual(jsonSchema(optional).properties, { c: { type: [type, "null"].flat(), ...rest } });
        assert.deepStrictEqual(apiModel(required).properties, { c: expected.model });
        assert.deepStrictEqual(apiModel(optional).properties, { c: {} });
    });

    it("accept every good value", () => {
        for (const value of expected.good) {
            for (const dataset of [required, optional])
                assert.deepStrictEqual(verdicts(dataset, { c: value }), OK, shown(value));
        }
    });

    it("refuse every bad value, and say what was expected", () => {
        for (const value of expected.bad) {
            const sentence = `c is not ${expected.wanted}`;
            assert.deepStrictEqual(
                verdicts(required, { c: value }),
                { ajv: false, problems: [sentence] },
                shown(value),
            );
            const allowed = value === null ? OK : { ajv: false, problems: [sentence] };
            assert.deepStrictEqual(verdicts(optional, { c: value }), allowed, shown(value));
        }
    });

    it("miss a required column, and no optional one", () => {
        assert.deepStrictEqual(verdicts(required, {}), { ajv: false, problems: ["c is missing"] });
        assert.deepStrictEqual(verdicts(optional, {}), OK);
    });

    it("look into structs, arrays and maps", () => {
        const nested = defineDataset({
            name: "events",
            columns: [{ name: "o", type: { struct: [{ name: "l", type: { array: { map: expected.type } } }] } }],
        });
        for (const value of expected.good) assert.deepStrictEqual(verdicts(nested, { o: { l: [{ k: value }] } }), OK);
        for (const value of expected.bad) {
            const problems = [`o.l[].* is not ${expected.wanted}`];
            assert.deepStrictEqual(
                verdicts(nested, { o: { l: [{ k: value }] } }),
                { ajv: false, problems },
                shown(value),
            );
        }
    });

    it("generate values that the validator takes", () => {
        for (const dataset of [required, optional]) {
            const records = generator(dataset, { seed: 1, now: 0 });
            for (let i = 0; i < 100; i++) assert.deepStrictEqual(verdicts(dataset, records.next()), OK);
        }
    });

    it("convert in Firehose", () => {
        const { inputFormatConfiguration } = formatConversion(required, {
            databaseName: "lake",
            tableName: "events",
            roleArn: "arn",
        });
        assert.deepStrictEqual(inputFormatConfiguration, {
            deserializer: { openXJsonSerDe: { caseInsensitive: false } },
        });
    });
}

const OK = { ajv: true, problems: [] };

/** Says what the JSON Schema means in the hands of another validator, and what ours says. */
function judge() {
    const judges = new Map<Dataset, (record: unknown) => { ajv: boolean; problems: readonly string[] }>();
    return (dataset: Dataset, record: unknown) => {
        if (!judges.has(dataset)) {
            const ajv = new Ajv({ allowUnionTypes: true }).compile(jsonSchema(dataset));
            const problemsIn = validatorOf(dataset);
            judges.set(dataset, (candidate) => ({ ajv: ajv(candidate), problems: problemsIn(candidate) }));
        }
        return judges.get(dataset)?.(record);
    };
}

function shown(value: unknown): string {
    return JSON.stringify(value) ?? String(value);
}
