import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { normalNumber } from "./dynamodb-number";

describe("normalNumber", () => {
    for (const [text, normal] of [
        ["0", "0"],
        ["-0.000e5", "0"],
        ["1", "1e0"],
        ["-1.10", "-11e-1"],
        ["1100", "11e2"],
        ["0.00012", "12e-5"],
        ["12e3", "12e3"],
        ["1.2E+4", "12e3"],
        ["120000e-1", "12e3"],
        ["9007199254740993", "9007199254740993e0"],
        [`0.${"1".repeat(38)}`, `${"1".repeat(38)}e-38`],
        [`${"1".repeat(38)}000`, `${"1".repeat(38)}e3`],
        ["9.9999999999999999999999999999999999999e125", "99999999999999999999999999999999999999e88"],
        ["1e-130", "1e-130"],
    ] as const) {
        it(`writes ${text} as ${normal}`, () => assert.equal(normalNumber(text), normal));
    }

    for (const text of ["1".repeat(39), `1.${"0".repeat(38)}1`, "1e126", "-10e125", "1e-131", "0.1e-130", "1e400"]) {
        it(`has nothing for ${text}, which DynamoDB cannot hold`, () => assert.equal(normalNumber(text), undefined));
    }

    it("is the same for the same number however it is written, and another for another", () => {
        const digits = fc.bigInt({ min: 0n, max: 10n ** 20n });
        fc.assert(
            fc.property(digits, digits, fc.nat(9), fc.nat(9), (a, b, zeros, shift) => {
                const moved = `${a}${"0".repeat(shift)}${"0".repeat(zeros)}e-${shift}`;
                assert.equal(normalNumber(`${a}${"0".repeat(zeros)}.${"0".repeat(zeros)}`), normalNumber(moved));
                assert.equal(normalNumber(String(a)) === normalNumber(String(b)), a === b);
            }),
            { seed: 8, numRuns: 500 },
        );
    });
});
