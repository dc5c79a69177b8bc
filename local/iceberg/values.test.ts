import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { fromAvro, toAvro } from "./avro";
import { avroName, manifestSchema } from "./manifest";
import { newMetadata, problemsIn } from "./metadata";
import { bucketHash, partitionValue, transformOf } from "./transforms";
import { binaryValue, compareBinary, lowerBound, upperBound } from "./values";

describe("Iceberg's binary values", () => {
    const cases: readonly (readonly [string, string, string])[] = [
        ["boolean", "true", "01"],
        ["boolean", "0", "00"],
        ["int", "-2", "feffffff"],
        ["date", "1969-12-31", "ffffffff"],
        ["long", "9007199254740993", "0100000000002000"],
        ["timestamp", "1970-01-01 00:00:00.000001", "0100000000000000"],
        ["timestamptz", "1969-12-31 23:59:59.999999+00", "ffffffffffffffff"],
        ["float", "1.5", "0000c03f"],
        ["double", "-1.5", "000000000000f8bf"],
        ["decimal(9,2)", "-0.01", "ff"],
        ["decimal(9,2)", "1.28", "0080"],
        ["string", "é", "c3a9"],
    ];
    for (const [type, text, hex] of cases) {
        it(`write ${text} of type ${type} as ${hex}`, () => {
            assert.strictEqual(binaryValue(type, text)?.toString("hex"), hex);
        });
    }

    it("order as the values do", () => {
        const decimals = ["-300.00", "-1.28", "0.00", "1.27", "1.28", "255.00"];
        const binary = decimals.map((text) => binaryValue("decimal(9,2)", text) as Buffer);
        const shuffled = [...binary].reverse().sort((a, b) => compareBinary("decimal(9,2)", a, b));
        assert.deepStrictEqual(shuffled, binary);
    });

    it("bound every text from below and above, in at most 16 characters", () => {
        fc.assert(
            fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), (text) => {
                const value = Buffer.from(text);
                const lower = lowerBound("string", text) as Buffer;
                const upper = upperBound("string", text);
                assert.ok(Buffer.compare(lower, value) <= 0);
                assert.ok(!upper || Buffer.compare(upper, value) >= 0);
                assert.ok([...lower.toString()].length <= 16 && [...(upper?.toString() ?? "")].length <= 16);
            }),
            { seed: 20261120 },
        );
        assert.strictEqual(upperBound("string", "\u{10ffff}".repeat(17)), undefined);
        assert.strictEqual(upperBound("string", `${"a".repeat(15)}\ud7ff!`)?.toString(), `${"a".repeat(15)}\ue000`);
    });
});

describe("Iceberg's partition transforms", () => {
    // https://iceberg.apache.org/spec/#appendix-b-32-bit-hash-requirements
    const hashes: readonly (readonly [string, string, number])[] = [
        ["int", "34", 2017239379],
        ["long", "34", 2017239379],
        ["decimal(9,2)", "14.20", -500754589],
        ["date", "2017-11-16", -653330422],
        ["timestamp", "2017-11-16 22:31:08", -2047944441],
        ["timestamp", "2017-11-16 22:31:08.000001", -1207196810],
        ["timestamptz", "2017-11-16 22:31:08+00", -2047944441],
        ["string", "iceberg", 1210000089],
    ];
    for (const [type, text, hash] of hashes) {
        it(`hash ${text} of type ${type} as the specification says`, () => {
            assert.strictEqual(bucketHash(type, text), hash);
        });
    }

    it("refuse what Iceberg does not have", () => {
        const refused = (transform: string, type: string) => ({
            name: "LocalUnsupported",
            message: `The partition transform "${transform}" of a column of type "${type}" is not supported by the local runtime.`,
        });
        assert.throws(() => transformOf("hour", "date"), refused("hour", "date"));
        assert.throws(() => transformOf("day", "string"), refused("day", "string"));
        assert.throws(() => transformOf("bucket[4]", "double"), refused("bucket[4]", "double"));
        assert.throws(() => transformOf("truncate[0]", "string"), refused("truncate[0]", "string"));
        assert.throws(() => transformOf("void", "string"), refused("void", "string"));
    });

    it("give the manifests the values that Avro wants", () => {
        assert.deepStrictEqual(
            [
                partitionValue("date", "1970-01-02"),
                partitionValue("long", "9007199254740993"),
                partitionValue("timestamp", "1970-01-01 00:00:01"),
                partitionValue("decimal(9,2)", "-1.00"),
                partitionValue("boolean", "true"),
                partitionValue("int", null),
            ],
            [1, 9007199254740993n, 1000000n, Buffer.from("ffffff9c", "hex"), true, null],
        );
    });
});

describe("Iceberg's manifests", () => {
    const input = {
        location: "s3://lake/t",
        fields: [
            { id: 1, name: "n", required: false, type: "long" },
            { id: 2, name: "d", required: false, type: "decimal(20,2)" },
        ],
        identifierFieldIds: [],
        partition: [
            { name: "n part", "source-id": 1, "field-id": 1000, transform: "identity" },
            { name: "1d", "source-id": 2, "field-id": 1001, transform: "identity" },
        ],
        sort: [],
        properties: {},
    };

    it("keep partitions of odd names and large numbers through Avro", () => {
        const [schema] = newMetadata(input, "uuid", 0).schemas;
        const file = {
            content: 0,
            file_path: "s3://lake/t/data/a.parquet",
            file_format: "PARQUET",
            partition: { n_x20part: 9007199254740993n, _1d: partitionValue("decimal(20,2)", "-1.00") },
            record_count: 1,
            file_size_in_bytes: 2,
            column_sizes: null,
            value_counts: [{ key: 1, value: 1 }],
            null_value_counts: null,
            lower_bounds: [{ key: 1, value: Buffer.of(1) }],
            upper_bounds: null,
            sort_order_id: 0,
        };
        const entry = { status: 1, snapshot_id: 7, sequence_number: 1, file_sequence_number: 1, data_file: file };
        const avro = toAvro(
            manifestSchema(schema, input.partition),
            { content: "data" },
            [entry, entry],
            Buffer.alloc(16),
        );
        const read = JSON.stringify(fromAvro(avro), (_key, value) => (typeof value === "bigint" ? `${value}` : value));
        const written = JSON.stringify([entry, entry], (_key, value) =>
            typeof value === "bigint" ? `${value}` : value,
        );
        assert.strictEqual(read, written);
    });

    it("spell names as Avro allows them", () => {
        assert.deepStrictEqual(["event", "a b", "1st", "é-x"].map(avroName), ["event", "a_x20b", "_1st", "_xE9_x2Dx"]);
    });

    it("say everything that is wrong with a table", () => {
        const problems = problemsIn({
            ...input,
            fields: [
                { id: 1, name: "__op", required: false, type: "uuid" },
                {
                    id: 2,
                    name: "m",
                    required: false,
                    type: {
                        type: "map",
                        "key-id": 3,
                        key: "long",
                        "value-id": 4,
                        value: "int",
                        "value-required": true,
                    },
                },
            ],
            partition: [{ name: "p", "source-id": 9, "field-id": 1000, transform: "identity" }],
            identifierFieldIds: [2, 8],
        });
        assert.deepStrictEqual(problems, [
            'The Iceberg type "uuid" is not supported by the local runtime.',
            'The column "__op" has a name that the local runtime uses itself.',
            `The column "m" holds a map whose keys are not strings, as JSON's are.`,
            'The partition "p" names the field 9, which the schema does not have.',
            'The identifier field "m" must be required.',
            "The identifier fields names the field 8, which the schema does not have.",
        ]);
    });
});
