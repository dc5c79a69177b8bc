import * as assert from "node:assert/strict";
import { columnChoices } from "./choices";
import { type Column, defineDataset } from "./dataset";

const choices = (...columns: readonly Column[]) =>
    columnChoices(defineDataset({ name: "payments", columns }), { seed: 1, now: 0 });

describe("columnChoices", () => {
    it("gives values that the generator made, null where there may be none", () => {
        const [amount, state] = choices(
            { name: "amount", type: "int", from: "detail.amount", fake: 'number.int {"min":1,"max":2}' },
            { name: "state", type: "string", optional: true, oneOf: ["TX", "GA"] },
        );
        assert.deepEqual({ ...amount, choices: [] }, { name: "amount", from: "detail.amount", choices: [] });
        assert.deepEqual([...(amount?.choices[0] ?? [])].sort(), [1, 2]);
        assert.deepEqual({ ...state, choices: [] }, { name: "state", choices: [] });
        assert.deepEqual(new Set(state?.choices[0]), new Set(["TX", "GA", null]));
    });

    it("gives no more than the form of personal data", () => {
        const [card] = choices({
            name: "card",
            type: "string",
            pii: "hash",
            fake: 'helpers.fromRegExp "no 99[0-2]{2}[xy]"',
        });
        assert.deepEqual(card?.choices, [["no 99"], "012", "012", "xy"]);
    });

    it("refuses personal data whose values it would have to give", () => {
        for (const fake of ["person.fullName", 'helpers.fromRegExp "(Ada|Bob)"', undefined]) {
            assert.throws(() => choices({ name: "person", type: "string", pii: "mask", ...(fake && { fake }) }), {
                message:
                    'Dataset "payments" has personal data in the column "person", and its fake gives no form that values could be made of. ' +
                    'Write it like helpers.fromRegExp "[A-Z][a-z]{5}".',
            });
        }
    });
});
