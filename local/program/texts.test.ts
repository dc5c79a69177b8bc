import * as assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { PRELOAD } from ".";

const OPTIONS = { entryPoints: ["a.ts"], bundle: true, write: false, format: "cjs", logLevel: "silent" };

/** Builds `a.ts`, compiles a text as ts-node does, and prints both; says what of a failure of either. */
const SCRIPT = `
const { buildSync } = require(${JSON.stringify(require.resolve("esbuild"))});
const { transformSync } = require(${JSON.stringify(require.resolve("@swc/core"))});
const said = (make) => { try { return make(); } catch (error) { return error.message.split("\\n")[0]; } };
const bundle = said(() => buildSync({ ...${JSON.stringify(OPTIONS)}, absWorkingDir: process.cwd() }).outputFiles[0].text);
const options = { swcrc: false, filename: "c.ts", jsc: { parser: { syntax: "typescript" }, target: "es2022" } };
const code = said(() => transformSync(require("node:fs").readFileSync("c.ts", "utf8"), options).code);
console.log(JSON.stringify({ bundle, code }));
`;

describe("What compilers have made before", () => {
    let folder = "";
    const kept = () => path.join(folder, "kept.json");
    const write = (name: string, text: string) => fs.writeFileSync(path.join(folder, "program", name), text);
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-texts-"));
        fs.mkdirSync(path.join(folder, "program/lib/d"), { recursive: true });
        write("a.ts", `import { b } from "./b"; import { d } from "./lib/d"; export const a: number = b + d;`);
        write("b.ts", "export const b: number = 1;");
        write("lib/d/index.ts", "export const d: number = 1;");
        write("c.ts", "export const c: number = 3;");
    });
    afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

    function made(keeping = true): unknown {
        const env = { ...process.env, TRIBUTARY_TEXTS: keeping ? kept() : undefined };
        const args = ["--require", PRELOAD, "-e", SCRIPT];
        return JSON.parse(execFileSync(process.execPath, args, { cwd: path.join(folder, "program"), env }).toString());
    }

    /** Puts a mark into all that is kept, so that what comes from there can be told from what is made. */
    function mark(): void {
        const values = Object.entries(JSON.parse(fs.readFileSync(kept(), "utf8")) as Record<string, object>);
        const outputs = [{ path: "<stdout>", hash: "", contents: Buffer.from("kept bundle").toString("base64") }];
        const marked = values.map(([key, value]) => [key, { ...value, code: "kept code", outputs }]);
        fs.writeFileSync(kept(), JSON.stringify(Object.fromEntries(marked)));
    }

    it("is what they would make", () => {
        const anew = made(false);
        assert.deepEqual([made(), made()], [anew, anew]);
    });

    it("is taken as long as nothing has changed", () => {
        made();
        mark();
        assert.deepEqual(made(), { bundle: "kept bundle", code: "kept code" });
    });

    for (const [change, name, text] of [
        ["a file is edited", "b.ts", "export const b: number = 2;"],
        ["another file takes the place of one", "b.tsx", "export const b: number = 2;"],
        ["a file takes the place of a folder", "lib/d.ts", "export const d: number = 2;"],
        ["a file is broken", "b.ts", "export const"],
        ["settings of the folder change", "tsconfig.json", `{ "compilerOptions": { "alwaysStrict": true } }`],
        ["settings say where others are", "tsconfig.json", `{ "extends": "./other.json" }`],
    ] as const) {
        it(`is made anew when ${change}`, () => {
            made();
            mark();
            write(name, text);
            write("c.ts", "export const c: number = 4;");
            assert.deepEqual(made(), made(false));
        });
    }

    it("is made anew when somebody has spoilt what was kept", () => {
        const anew = made();
        fs.writeFileSync(kept(), "{");
        assert.deepEqual(made(), anew);
        mark();
        assert.deepEqual(made(), { bundle: "kept bundle", code: "kept code" });
    });

    it("fails no program when it cannot be kept", () => {
        fs.mkdirSync(kept());
        assert.deepEqual(made(), made(false));
        assert.deepEqual(
            fs.readdirSync(folder).filter((name) => name.startsWith("kept.json.")),
            [],
        );
    });
});
