import { strict as assert } from "node:assert";
import { fileName } from "./files";

describe("fileName", () => {
    it("keeps what needs no other spelling", () => assert.equal(fileName("web-analytics_1.2"), "web-analytics_1.2"));

    it("leads nowhere else", () => {
        assert.equal(fileName(".."), "%2E%2E");
        assert.equal(fileName("../a"), "..%2Fa");
    });

    it("gives any other text a name of its own that a file system takes", () => {
        const texts = ["", "\ud800", "\ud801", "\ufffd", "ü".repeat(255), "ü".repeat(254)];
        const names = texts.map(fileName);
        assert.equal(new Set(names).size, texts.length);
        assert.ok(names.every((name) => /^[\w%.-]{1,200}$/.test(name)));
    });
});
