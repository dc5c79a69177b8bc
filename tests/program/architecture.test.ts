import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";

const ROOT = path.join(__dirname, "../..");

/** Each layer with what it may import of ours. `local/` takes types of `components/`'s provider from packages only; nothing imports it but `cli/`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
    schema: [],
    functions: ["schema"],
    components: ["schema", "functions"],
    stacks: ["schema", "functions", "components"],
    "index.ts": ["stacks"],
    local: [],
    cli: ["schema", "components", "stacks", "local"],
};

describe("The architecture", () => {
    for (const [layer, allowed] of Object.entries(MAY_IMPORT)) {
        it(`lets ${layer} import ${["itself", ...allowed].join(", ")} and nothing else of ours`, () => {
            const wrong = sourcesOf(layer).flatMap((file) =>
                importsOf(file)
                    .filter((imported) => ![layer, ...allowed].includes(layerOf(imported)))
                    .map((imported) => `${path.relative(ROOT, file)} imports ${path.relative(ROOT, imported)}`),
            );
            assert.deepEqual(wrong, []);
        });
    }

    it("keeps pipelines apart: one imports nothing of another", () => {
        const wrong = sourcesOf("components").flatMap((file) =>
            importsOf(file)
                .filter((imported) => layerOf(imported) === "components")
                .filter((imported) => ![folderOf(file), "blocks"].includes(folderOf(imported)))
                .map((imported) => `${path.relative(ROOT, file)} imports ${path.relative(ROOT, imported)}`),
        );
        assert.deepEqual(wrong, []);
    });

    it("keeps handlers ignorant of pipelines, and blocks too", () => {
        const blocks = sourcesOf("components").filter((file) => folderOf(file) === "blocks");
        const wrong = blocks.filter((file) =>
            importsOf(file).some((imported) => layerOf(imported) === "components" && folderOf(imported) !== "blocks"),
        );
        assert.deepEqual(wrong, []);
    });

    it("keeps index.ts under 20 lines", () => {
        const lines = fs.readFileSync(path.join(ROOT, "index.ts"), "utf8").split("\n");
        assert.ok(lines.length < 20, `${lines.length} lines`);
    });
});

/** The TypeScript files of a layer that are not tests. */
function sourcesOf(layer: string): readonly string[] {
    const root = path.join(ROOT, layer);
    if (layer.endsWith(".ts")) return [root];
    const files = fs.readdirSync(root, { recursive: true, encoding: "utf8" });
    return files
        .filter((file) => file.endsWith(".ts") && !/\.test\.ts$|test-support/.test(file))
        .map((file) => path.join(root, file));
}

/** Absolute paths of what a file imports of ours, types included. */
function importsOf(file: string): readonly string[] {
    const { importedFiles } = ts.preProcessFile(fs.readFileSync(file, "utf8"));
    const relative = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith("."));
    return relative.map((name) => path.join(path.dirname(file), name));
}

/** The first folder below the root, or the file itself. */
function layerOf(file: string): string {
    return path.relative(ROOT, file).split(path.sep)[0];
}

/** The folder below `components/`. */
function folderOf(file: string): string {
    return path.relative(ROOT, file).split(path.sep)[1];
}
