import * as assert from "node:assert/strict";
import { documents } from "./corrupt";
import { defineDataset } from "./dataset";
import { sourceDocuments } from "./source-document";

const payments = defineDataset({
    name: "payments",
    columns: [
        { name: "id", type: "string" },
        { name: "amount", type: "double", from: "detail.amount.value" },
        { name: "currency", type: "string", from: "detail.amount.currency", optional: true },
        { name: "name", type: "string", from: "detail.first detail.last" },
        { name: "message", type: "string", from: "detail.message", pii: "drop" },
        { name: "request", type: "string", from: "$context.requestId", optional: true },
    ],
});

describe("sourceDocuments", () => {
    const of = (record: object) => sourceDocuments(payments.columns)(record);

    it("puts each value where the source has it", () => {
        assert.deepEqual(of({ id: "1", amount: 2.5, currency: null, name: "Ada King", message: "m", request: "r" }), {
            id: "1",
            detail: { amount: { value: 2.5, currency: null }, first: "Ada", last: "King", message: "m" },
            request: "r",
        });
    });

    it("leaves out what the record lacks", () =>
        assert.deepEqual(of({ amount: 1 }), { detail: { amount: { value: 1 } } }));

    it("parts a text at its spaces among several paths, the last of which has the rest", () => {
        assert.deepEqual(of({ name: "Ada King Noel" }), { detail: { first: "Ada", last: "King Noel" } });
        assert.deepEqual(of({ name: "Ada" }), { detail: { first: "Ada" } });
        assert.deepEqual(of({ name: null }), { detail: { first: null, last: null } });
        assert.deepEqual(of({ name: [] }), { detail: { first: [], last: [] } });
    });
});

describe("documents of a dataset whose columns come from paths", () => {
    const made = (options: { readonly badEvery?: number }, count: number) => {
        const source = documents(payments, { seed: 3, now: Date.UTC(2026, 0, 1), ...options });
        return Array.from({ length: count }, () => source.next());
    };

    it("are what the source sends", () => {
        const [{ text }] = made({}, 1);
        const { detail } = JSON.parse(text) as { detail: Record<string, unknown> };
        assert.deepEqual(Object.keys(detail), ["amount", "first", "message"]);
    });

    it("are spoiled where somebody will look: not in a column that is dropped", () => {
        for (const { text, why } of made({ badEvery: 2 }, 400)) {
            if (why !== "missing column" && why !== "null column" && why !== "wrong type") continue;
            const { detail } = JSON.parse(text) as { detail: { message?: unknown } };
            assert.equal(typeof detail.message, "string", text);
        }
    });
});
