import * as assert from "node:assert/strict";
import { payload } from "./variables";

describe("a body that is parsed", () => {
    it("is parsed once, until it is released", () => {
        const body = payload('{"a":[1]}');
        const first = body.json();
        assert.deepStrictEqual(first, { a: [1] });
        assert.equal(body.json(), first);
        assert.equal(body.plain(), first);
        body.release();
        assert.notEqual(body.json(), first);
        assert.deepStrictEqual(body.json(), first);
        assert.equal(body.text, '{"a":[1]}');
    });
});
