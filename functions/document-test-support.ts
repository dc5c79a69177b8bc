import { defineDataset } from "../schema/dataset";
import { validatorSource } from "../schema/validator";
import type { DocumentRules } from "./document-check";

/** Documents for tests: sales with nested parts and a list. */
export const sales = defineDataset({
    name: "sales",
    columns: [
        { name: "client", type: "string", pattern: "^.{1,8}$" },
        { name: "id", type: "string" },
        { name: "at", type: "timestamp" },
        { name: "paid", type: { struct: [{ name: "amount", type: "double" }] } },
        {
            name: "goods",
            type: {
                array: {
                    struct: [
                        { name: "name", type: "string" },
                        { name: "kind", type: { struct: [{ name: "color", type: "string" }] }, optional: true },
                    ],
                },
            },
        },
    ],
    key: ["client", "id"],
});

/** How they are read: with a misspelt name of one part, and in a few years alone. */
export const rules: DocumentRules = {
    validator: validatorSource(sales),
    aliases: { payed: "paid" },
    time: { column: "at", firstYear: 2020, lastYear: 2030 },
};

/** One that conforms. */
export const sale = {
    client: "ann",
    id: "1",
    at: "2026-11-20T10:15:30Z",
    paid: { amount: 59.99 },
    goods: [{ name: "pen" }],
};

const { paid, ...unpaid } = sale;

/** What conforms to no rule, with what is wrong with it. */
export const wrong: readonly [title: string, text: string, ...problems: string[]][] = [
    ["no JSON", "client=ann", "not JSON"],
    ["nothing", "", "empty"],
    ["text instead of a document", JSON.stringify(JSON.stringify(sale)), "not a JSON object"],
    ["a list", JSON.stringify([sale]), "not a JSON object"],
    ["two documents", `${JSON.stringify(sale)}${JSON.stringify(sale)}`, "more than one JSON document"],
    [
        "a key that comes twice",
        `${JSON.stringify(sale).slice(0, -1)},"client":"eve"}`,
        "a key comes twice in one object",
    ],
    ["missing parts", '{"client":"ann"}', "id is missing", "at is missing", "paid is missing", "goods is missing"],
    ["a wrong type deep inside", JSON.stringify({ ...sale, goods: [{ name: 7 }] }), "goods[].name is not a string"],
    [
        "an id that is too long",
        JSON.stringify({ ...sale, client: "x".repeat(9) }),
        "client is not a string that matches ^.{1,8}$",
    ],
    ["a time without a zone", JSON.stringify({ ...sale, at: "2026-11-20T10:15:30" }), "at is not an ISO 8601 time"],
    [
        "a time before the first year",
        JSON.stringify({ ...sale, at: "2019-12-31T23:59:59Z" }),
        "at is not in 2020 to 2030",
    ],
    [
        "a time that is after the last year in UTC",
        JSON.stringify({ ...sale, at: "2030-12-31T23:30:00-01:00" }),
        "at is not in 2020 to 2030",
    ],
    ["a part under both of its names", JSON.stringify({ ...sale, payed: paid }), "has both payed and paid"],
    ["a part that is wrong under its other name", JSON.stringify({ ...unpaid, payed: 1 }), "paid is not an object"],
    [
        "a number that no item holds",
        `${JSON.stringify(sale).slice(0, -1)},"n":1e400}`,
        "a number that DynamoDB cannot hold",
    ],
    [
        "a document larger than an item",
        JSON.stringify({ ...sale, note: "x".repeat(410_000) }),
        "larger than 400 KB as an item",
    ],
    ["a name that no item has", `${JSON.stringify(sale).slice(0, -1)},"":1}`, "an attribute has no name"],
    [
        "a part deeper than an item",
        `${JSON.stringify(sale).slice(0, -1)},"deep":${"[".repeat(40)}${"]".repeat(40)}}`,
        "nested more than 32 levels deep",
    ],
];
