import { strictEqual } from "node:assert/strict";
import { jsonArray } from "./json-array";

describe("A JSON array within a text", () => {
    for (const [values, text] of [
        [[], '{"a":[]}'],
        [["1"], '{"a":[1]}'],
        [["1", '"b"', "{}"], '{"a":[1,"b",{}]}'],
    ] as const)
        it(`of ${values.length} values is ${text}`, () => strictEqual(jsonArray('{"a":[', values, "]}"), text));

    it("leaves the list as it is", () => {
        const values = Object.freeze(["1", "2"]);
        strictEqual(jsonArray("[", values, "]"), "[1,2]");
        strictEqual(values.join(), "1,2");
    });
});
