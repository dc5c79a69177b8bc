import * as assert from "node:assert/strict";
import { payload } from "./variables";

const TEXT = '{"a":["\u00e9"]}';

describe("a body that is parsed", () => {
    for (const [kind, given] of Object.entries({ text: TEXT, bytes: Buffer.from(TEXT) }))
        it(`is parsed once, until it is released, where it is ${kind}`, () => {
            const body = payload(given);
            const first = body.json();
            assert.deepStrictEqual(first, { a: ["\u00e9"] });
            assert.equal(body.json(), first);
            assert.equal(body.plain(), first);
            body.release();
            assert.notEqual(body.json(), first);
            assert.deepStrictEqual(body.json(), first);
            assert.equal(body.text, TEXT);
        });
});
