"use strict";
// What compilers make of the texts of a program, kept from one run to the next in the file that TRIBUTARY_TEXTS names. It is taken for what they would
// make again as long as everything that they would look at is the same.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const file = process.env.TRIBUTARY_TEXTS;

/** What earlier runs have made, and what this one was in need of, by a hash of what was asked for. */
let before;
const needed = new Map();
let isNew = false;

function found(key) {
    before ??= read();
    return before.get(key);
}

function keep(key, value) {
    isNew ||= value !== before?.get(key);
    needed.set(key, value);
    return value;
}

function read() {
    try {
        return new Map(Object.entries(JSON.parse(fs.readFileSync(file, "utf8"))));
    } catch {
        // There is none yet, or somebody has spoilt it.
        return new Map();
    }
}

process.on("exit", () => {
    if (!isNew) return;
    const next = `${file}.${process.pid}`;
    try {
        fs.writeFileSync(next, JSON.stringify(Object.fromEntries(needed)));
        fs.renameSync(next, file);
    } catch {
        // The next run makes it again. A program does not fail for that.
        fs.rmSync(next, { force: true });
    }
});

/** `transformSync` of @swc/core, as ts-node calls it: the outcome depends on nothing but its arguments. */
function transformSync(swc, version) {
    return (text, options) => {
        const readsFiles = options?.swcrc !== false && options?.filename !== undefined;
        if (typeof text !== "string" || readsFiles) return swc().transformSync(text, options);
        const key = hash(["swc", version, text, options]);
        return keep(key, found(key) ?? swc().transformSync(text, options));
    };
}

/** `buildSync` of esbuild, for bundles of the program's own files. */
function buildSync(esbuild, version) {
    return (options) => {
        if (options.write !== false || options.metafile || options.tsconfig) return esbuild().buildSync(options);
        const folder = options.absWorkingDir ?? process.cwd();
        const key = hash(["esbuild", version, folder, options]);
        const known = found(key);
        if (known && known.state === stateOf(known.files)) return built(keep(key, known).outputs);
        const { metafile, ...result } = esbuild().buildSync({ ...options, metafile: true });
        const files = Object.keys(metafile.inputs).filter((name) => name !== "<stdin>");
        const state = files.some((name) => /node_modules|:/.test(name)) ? undefined : stateOf(files, folder);
        if (state && result.warnings.length === 0) {
            const outputs = result.outputFiles.map(({ path: name, contents, hash: sum }) => ({
                path: name,
                contents: Buffer.from(contents).toString("base64"),
                hash: sum,
            }));
            keep(key, { files: files.map((name) => path.resolve(folder, name)), state, outputs });
        }
        return result;
    };
}

function built(outputs) {
    const outputFiles = outputs.map(({ contents, ...output }) => ({
        ...output,
        contents: new Uint8Array(Buffer.from(contents, "base64")),
        get text() {
            return Buffer.from(contents, "base64").toString("utf8");
        },
    }));
    return { errors: [], warnings: [], outputFiles, metafile: undefined, mangleCache: undefined };
}

/**
 * All that esbuild looks at to bundle files: what is in them, which others it could take in their place, and the settings of the folders above.
 * Undefined when it is more than that.
 */
function stateOf(files, folder = "/") {
    const places = files.map((name) => path.resolve(folder, name));
    const folders = new Set(places.flatMap((place) => foldersAbove(place)));
    const settings = [...folders].flatMap((name) => ["tsconfig.json", "package.json"].map((s) => path.join(name, s)));
    const texts = [...places, ...settings].map((name) => [name, textOf(name)]);
    if (texts.some(([name, text]) => name.endsWith("tsconfig.json") && text?.includes('"extends"'))) return undefined;
    const shelves = new Set(places.flatMap((place) => shelvesOf(place)));
    return hash([texts, [...shelves].map((name) => namesIn(name))]);
}

/** Folders in which something could take the place of a file: `lib/name.ts` that of `lib/name/index.ts`. */
function shelvesOf(place) {
    const folder = path.dirname(place);
    return path.basename(place).startsWith("index.") ? [folder, path.dirname(folder)] : [folder];
}

function foldersAbove(place) {
    const above = path.dirname(place);
    return above === place ? [] : [above, ...foldersAbove(above)];
}

const once = (make) => {
    const made = new Map();
    return (name) => {
        if (!made.has(name)) made.set(name, make(name));
        return made.get(name);
    };
};

const textOf = once((name) => (fs.existsSync(name) ? fs.readFileSync(name, "utf8") : undefined));
const namesIn = once((name) => (fs.existsSync(name) ? fs.readdirSync(name).sort() : undefined));

function hash(parts) {
    return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}

/** What takes the place of exports of a compiler, by the end of the name of its main file; `load` gives the compiler itself. */
module.exports = {
    "@swc/core/index.js": (load, version) => ({ transformSync: transformSync(load, version) }),
    "esbuild/lib/main.js": (load, version) => ({ buildSync: buildSync(load, version) }),
};
