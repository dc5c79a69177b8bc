import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as z from "zod";
import { registry } from "../../stacks/registry";

interface Option {
    readonly path: string;
    /** Undefined when the option may be left out. */
    readonly default: unknown;
}

/** Every option that is not a group, by its path. */
function optionsOf(schema: z.core.$ZodType, value: unknown, path: readonly string[] = []): readonly Option[] {
    if (schema instanceof z.ZodObject) {
        const inner = value as Record<string, unknown> | undefined;
        return Object.entries(schema.shape).flatMap(([name, part]) => optionsOf(part, inner?.[name], [...path, name]));
    }
    const { innerType } = schema._zod.def as { innerType?: z.core.$ZodType };
    const nested = innerType && optionsOf(innerType, value, path);
    return nested && nested.length > 0 && nested[0].path !== path.join(".")
        ? nested
        : [{ path: path.join("."), default: value }];
}

for (const [kind, { options: schema }] of Object.entries(registry)) {
    describe(`The README of ${kind}`, () => {
        const text = fs.readFileSync(path.join(__dirname, "../../components", kind, "README.md"), "utf8");
        const [, section = ""] = /\n## Options\n(.*?)\n## /s.exec(text) ?? [];
        const rows = section.split("\n").filter((line) => line.startsWith("| `"));
        const table = new Map(
            rows.map((row) => row.split("|").map((cell) => cell.trim())).map(([, name, value]) => [name, value]),
        );
        const options = optionsOf(schema, schema.parse({}));

        it("has a row for every option, and for no other", () => {
            assert.deepEqual(
                [...table.keys()],
                options.map((option) => `\`${option.path}\``),
            );
        });

        for (const option of options.filter((each) => each.default !== undefined)) {
            it(`tells the default of ${option.path}`, () => {
                const shown = typeof option.default === "string" ? option.default : JSON.stringify(option.default);
                assert.equal(table.get(`\`${option.path}\``), shown);
            });
        }

        it("names every file that it links to as it is called", () => {
            for (const [, file = ""] of text.matchAll(/\]\(([^):]+)\)/g)) {
                assert.ok(fs.existsSync(path.join(__dirname, "../../components", kind, file)), file);
            }
        });
    });
}
