import * as assert from "node:assert/strict";
import { decimalOf, kindOf, ofType, TYPE_KINDS } from "./column-type";
import type { ColumnType } from "./dataset";
import { everything } from "./testing";

describe("column types", () => {
    it("are all in the dataset that tests use", () => {
        const kinds = new Set(everything.columns.map(({ type }) => kindOf(type)));
        assert.deepStrictEqual([...kinds].sort(), [...TYPE_KINDS].sort());
    });

    it("are picked by their kind, with their parts", () => {
        const cases = {
            ...(Object.fromEntries(TYPE_KINDS.map((kind) => [kind, kind])) as Record<
                (typeof TYPE_KINDS)[number],
                string
            >),
            decimal: (precision: number, scale: number) => `decimal of ${precision} and ${scale}`,
            struct: (columns: readonly { name: string }[]) => `struct of ${columns.map(({ name }) => name)}`,
            array: (element: ColumnType) => `array of ${element}`,
            map: (value: ColumnType) => `map of ${value}`,
        };
        const picked = everything.columns.slice(3).map(({ type }) => ofType<string>(type, cases));
        assert.deepStrictEqual(picked, [
            "int",
            "long",
            "double",
            "decimal of 10 and 2",
            "boolean",
            "date",
            "timestamp",
            "struct of zip,floor",
            "array of string",
            "array of [object Object]",
            "map of double",
        ]);
    });

    it("are recognized whatever is passed for one", () => {
        const odd = [
            "",
            "text",
            "tostring",
            "constructor",
            "decimal",
            "decimal(1)",
            "decimal(1,2",
            {},
            { set: "int" },
            [],
        ];
        for (const type of odd) assert.equal(kindOf(type as ColumnType), undefined);
        assert.equal(decimalOf("decimal(38,9)")?.precision, 38);
        assert.equal(decimalOf({ array: "decimal(38,9)" }), undefined);
    });
});
