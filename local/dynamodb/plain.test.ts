import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import type { AttributeValue, Item, TableDescription } from "./model";
import { plainBatch } from "./plain";

/** dynalite's own check: it gives a sentence when something is wrong, and writes numbers as DynamoDB does. */
const { custom } = require("dynalite/validations/batchWriteItem") as {
    custom(data: object, store: object): string | undefined;
};

const TABLE = {
    TableName: "orders",
    TableArn: "arn:aws:dynamodb:us-east-1:000000000000:table/orders",
    KeySchema: [
        { AttributeName: "customer", KeyType: "HASH" },
        { AttributeName: "order", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
        { AttributeName: "customer", AttributeType: "S" },
        { AttributeName: "order", AttributeType: "S" },
    ],
} as const satisfies TableDescription;

const find = (name: string) => (name === "orders" || name === "more" ? TABLE : undefined);
const read = (body: string) => plainBatch(body, find);

const itemOf = (order: string, more: Item = {}): Item => ({ customer: { S: "c" }, order: { S: order }, ...more });
const requestOf = (item: Item) => ({ PutRequest: { Item: item } });
const inputOf = (...items: readonly Item[]) => ({ RequestItems: { orders: items.map(requestOf) } });
const bodyOf = (...items: readonly Item[]) => JSON.stringify(inputOf(...items));
const isPlain = (value: object) => read(bodyOf(itemOf("o", { a: value as AttributeValue }))) !== undefined;

/** JSON as Python's SDK writes it: a space behind each colon and comma, and nothing but ASCII. */
function pythonic(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map(pythonic).join(", ")}]`;
    if (typeof value === "object" && value !== null)
        return `{${Object.entries(value)
            .map(([name, inner]) => `${pythonic(name)}: ${pythonic(inner)}`)
            .join(", ")}}`;
    return JSON.stringify(value).replace(
        /[\u0080-\uffff]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}

const digits = fc.stringMatching(/^-?[0-9]{0,40}(\.[0-9]{0,40})?(e-?[0-9]{1,3})?$/);
const number = fc.oneof(digits, fc.double().map(String), fc.bigInt().map(String));
const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom('"', "\\", "\n", "{", "}", "a") }),
);
const { value: anyValue } = fc.letrec<{ value: AttributeValue }>((tie) => ({
    value: fc.oneof(
        { maxDepth: 3 },
        fc.record({ S: text }),
        fc.record({ N: number }),
        fc.record({ BOOL: fc.boolean() }),
        fc.record({ NULL: fc.boolean() }),
        fc.record({ SS: fc.array(fc.string()) }),
        fc.record({ NS: fc.array(number) }),
        fc.record({ S: fc.string(), N: number }, { requiredKeys: [] }),
        fc.record({ L: fc.array(tie("value"), { maxLength: 3 }) }),
        fc.record({ M: fc.dictionary(text, tie("value"), { maxKeys: 3 }) }),
    ),
}));
const anyItem = fc
    .tuple(fc.dictionary(text, anyValue, { maxKeys: 3 }), fc.constantFrom("a", "b", "c", ""))
    .map(([more, order]) => ({ ...more, ...itemOf(order) }));
const anyBody = fc
    .tuple(fc.array(anyItem, { maxLength: 3 }), fc.constantFrom(JSON.stringify, pythonic))
    .map(([items, write]) => write(inputOf(...items)));

/** Whatever is read as plain is what JSON makes of it, and dynalite neither refuses it nor changes it. */
function isRightlyPlain(body: string): boolean {
    const batch = read(body);
    if (!batch) return false;
    const input = batch.parsed() as ReturnType<typeof inputOf>;
    assert.deepStrictEqual(input, JSON.parse(body));
    const checked = structuredClone(input);
    assert.equal(custom(checked, { options: { maxItemSize: 409_600 } }), undefined);
    assert.deepStrictEqual(checked, input);
    return true;
}

describe("a batch of plain items", () => {
    it("has nothing that dynalite refuses or changes", () => {
        let plain = 0;
        fc.assert(
            fc.property(anyBody, (body) => {
                if (isRightlyPlain(body)) plain++;
            }),
            { numRuns: 3_000 },
        );
        assert.ok(plain > 100, `Only ${plain} of the batches were plain.`);
    });

    it("is JSON to the last character", () => {
        const body = pythonic(inputOf(itemOf("o1", { t: { S: 'a "b" \\ é' }, n: { N: "1.5" } }), itemOf("o2")));
        assert.ok(isRightlyPlain(body));
        const change = fc.tuple(
            fc.nat(body.length),
            fc.nat(2),
            fc.oneof(
                fc.constant(""),
                fc.constantFrom(...'{}[]":, \\/u0-\t\u0000'),
                fc.constantFrom('"a":{"S":"x"},', "}}", "{}"),
            ),
        );
        fc.assert(
            fc.property(change, ([at, without, inserted]) => {
                isRightlyPlain(body.slice(0, at) + inserted + body.slice(at + without));
            }),
            { numRuns: 5_000 },
        );
    });

    it("is what most batches are", () => {
        const numbers = ["0", "-7", "1.1", "-0.05", "9007199254740993", "9".repeat(38)];
        for (const N of numbers) assert.equal(isPlain({ N }), true, N);
        for (const N of ["-0", "01", "1.10", "1e3", "+1", "", ".5", "9".repeat(39)])
            assert.equal(isPlain({ N }), false, N);
        assert.equal(
            isPlain({ M: { a: { L: [{ S: "" }, { NULL: true }, { BOOL: false }, { M: {} }, { L: [] }] } } }),
            true,
        );
        assert.equal(isPlain({ S: 'a "quoted" \\ text\n\u00e9\u{1f600}' }), true);
        for (const other of [{ NULL: false }, { B: "YQ==" }, { SS: ["a"] }, { S: null }, { S: "a", N: "1" }, {}])
            assert.equal(isPlain(other), false, JSON.stringify(other));
    });

    it("keeps each item as it was written, under dynalite's key", () => {
        const batch = read(pythonic(inputOf(itemOf("o1"))));
        assert.deepStrictEqual(batch?.RequestItems, {
            orders: [{ key: "961a1f/63/6f31/", text: '{"customer": {"S": "c"}, "order": {"S": "o1"}}' }],
        });
    });

    it("puts, and does nothing else", () => {
        const others = [
            { RequestItems: { orders: [{ DeleteRequest: { Key: itemOf("o") } }] } },
            { RequestItems: { orders: [{}] } },
            { RequestItems: { orders: [] } },
            { RequestItems: {} },
            { ...inputOf(itemOf("o")), ReturnConsumedCapacity: "TOTAL" },
            { RequestItems: { unknown: [requestOf(itemOf("o"))] } },
            { RequestItems: { [TABLE.TableArn]: [requestOf(itemOf("o"))] } },
        ];
        for (const other of others) assert.equal(read(JSON.stringify(other)), undefined, JSON.stringify(other));
    });

    it("has at most 25 items, each with a key of its own that the table takes", () => {
        const items = (count: number, from = 0) => Array.from({ length: count }, (_, i) => itemOf(`o${from + i}`));
        assert.equal(read(bodyOf(...items(25)))?.RequestItems.orders?.length, 25);
        assert.equal(read(bodyOf(...items(26))), undefined);
        const twoTables = (count: number) =>
            JSON.stringify({
                RequestItems: { orders: items(20).map(requestOf), more: items(count, 20).map(requestOf) },
            });
        assert.deepStrictEqual(Object.keys(read(twoTables(5))?.RequestItems ?? {}), ["orders", "more"]);
        assert.equal(read(twoTables(6)), undefined);
        const refused = [
            [itemOf("o"), itemOf("o")],
            [{ customer: { S: "c" } }],
            [itemOf("")],
            [{ customer: { N: "1" }, order: { S: "o" } }],
            [itemOf("o".repeat(1_025))],
        ];
        for (const some of refused) assert.equal(read(bodyOf(...some)), undefined, bodyOf(...some));
    });

    it("leaves a key attribute that is given twice to JSON", () => {
        const body = bodyOf(itemOf("o1")).replace('"order"', '"order":{"S":"o2"},"order"');
        assert.equal(read(body), undefined);
    });

    it("has no deeper values, and no larger items, than DynamoDB takes", () => {
        const nested = (depth: number): AttributeValue => (depth === 0 ? { S: "x" } : { L: [nested(depth - 1)] });
        assert.equal(isPlain(nested(32)), true);
        assert.equal(isPlain(nested(33)), false);
        assert.equal(isPlain({ S: "x".repeat(136_000) }), true);
        // Whether it is too large is for those to say who count its bytes.
        assert.equal(isPlain({ S: "x".repeat(137_000) }), false);
    });
});
