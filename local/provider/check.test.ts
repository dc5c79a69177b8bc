import * as assert from "node:assert/strict";
import { problemsIn } from "./check";
import type { Rules } from "./rules";

const rules: Rules = {
    properties: ["name", "namePrefix", "blocks", "key", "keyId", "tags", "one", "two"],
    required: ["name", "blocks.role", "blocks.parts.size"],
    replaces: [],
    conflicts: { name: ["namePrefix"], namePrefix: ["name"] },
    requiredWith: { keyId: ["key"] },
    exactlyOne: [["blocks.a", "blocks.b"]],
    atLeastOne: [["one", "two"]],
    minItems: { blocks: 1 },
    maxItems: { blocks: 2 },
};
const good = { name: "n", one: 1, blocks: [{ role: "r", a: 1, parts: [{ size: 1 }] }] };

describe("problemsIn", () => {
    const cases: readonly (readonly [string, Record<string, unknown>, readonly string[]])[] = [
        ["accepts what the rules allow", {}, []],
        [
            "names an unknown property, and the known ones",
            { nam: "n" },
            ['Unknown property "nam". Its properties are: name, namePrefix, blocks, key, keyId, tags, one, two.'],
        ],
        ["names a missing property", { name: undefined }, ['Missing required property "name".']],
        ["takes no number for a name", { name: 7 }, ['"name" must be a string, not 7.']],
        [
            "takes no half of a character",
            { name: "n\ud800" },
            ['"name" has half of a surrogate pair, which no request can carry.'],
        ],
        ["takes no list for a name", { name: ["n"] }, ['"name" must be a string, not ["n"].']],
        [
            "asks for what a block needs only where the block is given",
            { blocks: [{ a: 1, parts: [{}] }] },
            ['Missing required property "blocks.role".', 'Missing required property "blocks.parts.size".'],
        ],
        [
            "reports a pair that conflicts once",
            { namePrefix: "p" },
            ['"name" conflicts with "namePrefix": give only one of them.'],
        ],
        ["asks for the companion of a property", { keyId: "k" }, ['"keyId" needs "key", which is missing.']],
        [
            "wants exactly one of a group in each block",
            { blocks: [{ role: "r", a: 1, b: 2 }] },
            ['Exactly one of "blocks.a", "blocks.b" must be given, not 2.'],
        ],
        ["wants at least one of a group", { one: undefined }, ['At least one of "one", "two" must be given.']],
        [
            "counts the items of a list",
            { blocks: [good.blocks[0], good.blocks[0], good.blocks[0]] },
            ['"blocks" has 3 items, but may have at most 2.'],
        ],
    ];
    for (const [title, change, expected] of cases) {
        it(title, () => assert.deepEqual(problemsIn(rules, { ...good, ...change }), expected));
    }
});
