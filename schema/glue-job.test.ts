import * as assert from "node:assert/strict";
import { type Column, defineDataset } from "./dataset";
import { columnMapping } from "./glue-job";

const card = { name: "card", type: "string", pii: "mask" } as const;

function mapping(...columns: readonly Column[]) {
    return columnMapping(defineDataset({ name: "payments", columns }));
}

describe("columnMapping", () => {
    it("says for each column where it comes from, what it becomes, and what happens to personal data", () => {
        assert.deepStrictEqual(
            mapping(
                { name: "id", type: "string" },
                { name: "amount", type: "decimal(10,2)", from: "detail.amount.value" },
                { ...card, from: "detail.credit_card", optional: true },
                { name: "person", type: "string", pii: "hash" },
                { name: "message", type: { array: { map: "long" } }, pii: "drop" },
            ),
            [
                { source: "id", target: "id", type: "string", pii: "keep", required: true },
                { source: "detail.amount.value", target: "amount", type: "decimal(10,2)", pii: "keep", required: true },
                { source: "detail.credit_card", target: "card", type: "string", pii: "mask", required: false },
                { source: "person", target: "person", type: "string", pii: "hash", required: true },
                {
                    source: "message",
                    target: "message",
                    type: "array<map<string,bigint>>",
                    pii: "drop",
                    required: true,
                },
            ],
        );
    });

    it("refuses a pii rule that the job would not see, at whatever depth", () => {
        const message =
            'Dataset "payments" has a pii rule within a struct, for "p.card". Make that field a column of its own.';
        for (const type of [
            { struct: [{ name: "ok", type: "int" }, card] },
            { array: { struct: [card] } },
            { map: { array: { struct: [card] } } },
        ] as const) {
            assert.throws(() => mapping({ name: "p", type }), { message });
        }
        assert.throws(() => mapping({ name: "p", type: { struct: [{ name: "q", type: { struct: [card] } }] } }), {
            message:
                'Dataset "payments" has a pii rule within a struct, for "p.q.card". Make that field a column of its own.',
        });
    });
});
