import * as assert from "node:assert/strict";
import { readPulumiCommand } from "./pulumi-command";

describe("A command line of Pulumi", () => {
    it("has a word, a stack, and maybe another folder", () => {
        const debugs = false;
        assert.deepEqual(readPulumiCommand(["-v", "3", "up", "--yes", "--stack=me/shop/dev"]), {
            word: "up",
            stack: "dev",
            deploys: "changes",
            elsewhere: false,
            debugs: true,
        });
        assert.deepEqual(readPulumiCommand(["-C", "up", "pre", "-sdev"]), {
            word: "pre",
            stack: "dev",
            deploys: "looks",
            elsewhere: true,
            debugs,
        });
        assert.deepEqual(readPulumiCommand(["stack", "ls"]), {
            word: "stack",
            stack: undefined,
            deploys: undefined,
            elsewhere: false,
            debugs,
        });
    });

    it("shows debug messages of the program after these flags alone", () => {
        for (const args of [["--debug"], ["-d"], ["-yd"], ["-v=9"], ["-v9"], ["--verbose", "9"], ["-s", "x", "-d"]])
            assert.equal(readPulumiCommand(["up", ...args]).debugs, true, String(args));
        for (const args of [["--diff"], ["-s", "-d"], ["-sdev"], ["-y"], ["--config", "d"], ["--", "-d"]])
            assert.equal(readPulumiCommand(["up", ...args]).debugs, false, String(args));
    });
});
