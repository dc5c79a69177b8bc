import * as fs from "node:fs";
import { setImmediate } from "node:timers/promises";
import { canonical, jsonNumber, quoted, wantsExact } from "./canonical";
import type { Schema } from "./metadata";

/** A document that was left out, and why. */
export interface Rejected {
    readonly seq: number;
    readonly reason: string;
}

/** What is needed to look at a batch document by document. */
export interface DocumentSource {
    readonly file: string;
    readonly uniqueKeys: readonly string[];
    /** Path of the file to write. */
    readonly rewritten: string;
}

/** Documents between two breaks for whatever else the process has to do. */
const TURN = 500;

/**
 * Looks at the documents of a batch one by one: writes those that fit the schema in canonical form (columns by field id, exact numbers as text,
 * timestamps in UTC) and reports the others. `longest` is the size of the longest line written, in bytes.
 */
export async function rewriteBatch(
    schema: Schema,
    source: DocumentSource,
): Promise<{ readonly accepted: number; readonly rejected: readonly Rejected[]; readonly longest: number }> {
    const rejected: Rejected[] = [];
    const output = fs.openSync(source.rewritten, "w");
    let accepted = 0;
    let longest = 0;
    try {
        for await (const turn of turns(source.file)) {
            const results = turn.map((line) => rewrite(line, schema, source.uniqueKeys));
            const good = results.filter((result) => typeof result === "string");
            rejected.push(...results.filter((result) => typeof result === "object"));
            fs.writeSync(output, good.map((document) => `${document}\n`).join(""));
            accepted += good.length;
            longest = good.reduce((most, document) => Math.max(most, Buffer.byteLength(document)), longest);
            await setImmediate();
        }
    } finally {
        fs.closeSync(output);
    }
    return { accepted, rejected, longest };
}

/** The lines of a file, some at a time. Only a line feed ends a line: readline would split at U+2028 too. */
async function* turns(file: string): AsyncGenerator<readonly Buffer[]> {
    let rest: Buffer[] = [];
    let lines: Buffer[] = [];
    for await (const chunk of fs.createReadStream(file, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
        let from = 0;
        for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
            lines.push(Buffer.concat([...rest, chunk.subarray(from, end)]));
            rest = [];
            from = end + 1;
        }
        rest.push(chunk.subarray(from));
        if (lines.length >= TURN) {
            yield lines.filter(notBlank);
            lines = [];
        }
    }
    yield [...lines, Buffer.concat(rest)].filter(notBlank);
}

function notBlank(line: Buffer): boolean {
    return line.length > 0 && line.toString("latin1").trim() !== "";
}

type Document = Readonly<Record<string, unknown>>;

/** The canonical document, or why there is none. */
function rewrite(line: Buffer, schema: Schema, uniqueKeys: readonly string[]): string | Rejected {
    let seq = sequenceIn(line);
    try {
        const document = parse(line, schema);
        if (typeof document.__seq === "number") seq = document.__seq;
        const op = operationOf(document, uniqueKeys);
        const columns = schema.fields.flatMap((field) => {
            const value = Object.hasOwn(document, field.name) ? document[field.name] : null;
            if (value !== null) return [`"c${field.id}":${canonical(field.type, value, field.name)}`];
            requireUnlessSpare(field, op, uniqueKeys);
            return [];
        });
        return `{${[`"seq":${seq}`, `"op":"${op}"`, ...columns].join(",")}}`;
    } catch (error) {
        return { seq, reason: (error as Error).message };
    }
}

/** The number of a document that cannot be parsed. */
function sequenceIn(line: Buffer): number {
    const [, digits] = /^\s*\{\s*"__seq"\s*:\s*(\d{1,15})\b/.exec(line.toString("latin1", 0, 64)) ?? [];
    return digits ? Number(digits) : -1;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Parses twice where a number may be more exact than JavaScript's: keeping every number's text costs five times as much. */
function parse(line: Buffer, schema: Schema): Document {
    const text = decoded(line);
    const document = jsonObject(text);
    const exact = schema.fields.some(({ name, type }) => wantsExact(type, document[name] ?? null));
    return exact ? { ...jsonObject(text, jsonNumber as typeof plain), __seq: document.__seq } : document;
}

function decoded(line: Buffer): string {
    try {
        return UTF8.decode(line);
    } catch {
        throw new Error("The document is not valid UTF-8.");
    }
}

const plain = (_key: string, value: unknown) => value;

function jsonObject(text: string, reviver?: typeof plain): Document {
    let document: unknown;
    try {
        document = JSON.parse(text, reviver);
    } catch {
        throw new Error("The document is not valid JSON.");
    }
    if (typeof document === "object" && document !== null && !Array.isArray(document)) return document as Document;
    throw new Error("The document is not a JSON object.");
}

function operationOf(document: Document, uniqueKeys: readonly string[]): string {
    const op = document.__op;
    if (op !== "insert" && op !== "update" && op !== "delete") {
        throw new Error("The operation must be insert, update or delete.");
    }
    if (op !== "insert" && uniqueKeys.length === 0)
        throw new Error(`The operation ${op} needs unique keys, and the table has none.`);
    return op;
}

/** A deletion needs its keys and nothing else; an update needs its keys even where the column is optional. */
function requireUnlessSpare(
    field: { name: string; required: boolean },
    op: string,
    uniqueKeys: readonly string[],
): void {
    const key = uniqueKeys.includes(field.name);
    if (op === "delete" ? !key : !(field.required || (key && op === "update"))) return;
    throw new Error(`Column ${quoted(field.name)} is required.`);
}
