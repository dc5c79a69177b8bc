import { isUtf8 } from "node:buffer";
import { isPlain, keyProblem } from "./keys";

/** One JSON object, and the text that it was read from. */
export interface ParsedRecord {
    readonly text: string;
    readonly value: Record<string, unknown>;
}

/** What a record holds that the next reader will read as this one did. */
export interface ReadRecord extends ParsedRecord {
    /** Whether the text is as short as it can be: what {@link isPlain} says. */
    readonly isPlain: boolean;
}

/** Why a record is refused: sentences that never quote it, so that they can be logged. */
export interface Rejected {
    readonly problems: readonly string[];
}

/** Reads a record, which must be one JSON object in UTF-8 and base64. Never throws. */
export function readRecord(data: unknown): ReadRecord | Rejected {
    const record = parseRecord(data);
    return "problems" in record ? record : examined(record);
}

/** Reads a record, but leaves open whether others would read it in the same way: that is for {@link examined}. Never throws. */
export function parseRecord(data: unknown): ParsedRecord | Rejected {
    const text = decode(data);
    if (typeof text !== "string") return text;
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch (error) {
        return notJson(text, error as Error);
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) return rejected("not a JSON object");
    return { text, value: value as Record<string, unknown> };
}

/** Looks at what others could read in another way. */
export function examined({ text, value }: ParsedRecord): ReadRecord | Rejected {
    const plain = isPlain(text, value);
    const problem = plain ? undefined : problemIn(text, value);
    return problem === undefined ? { text, value, isPlain: plain } : rejected(problem);
}

/** What is wrong with a JSON object for those who read it next. */
function problemIn(text: string, value: object): string | undefined {
    return hasLoneSurrogate(text, value) ? "half of a surrogate pair, which no text holds" : keyProblem(text, value);
}

/** A text as a record: base64 of its UTF-8. */
export function writeRecord(text: string): string {
    return Buffer.from(text).toString("base64");
}

/** Makes a {@link Rejected} of one problem. */
export function rejected(problem: string): Rejected {
    return { problems: [problem] };
}

/** `atob` gives one character for each byte. As long as all are ASCII that is the text, in half of the time that a Buffer takes. */
function decode(data: unknown): string | Rejected {
    const bytes = bytesOf(data);
    if (bytes === undefined) return rejected("not base64");
    return Buffer.byteLength(bytes) === bytes.length ? bytes : decodeUtf8(Buffer.from(bytes, "latin1"));
}

function bytesOf(data: unknown): string | undefined {
    if (typeof data !== "string") return undefined;
    try {
        const bytes = atob(data);
        // Whitespace and missing padding are all right with atob, but not with Firehose.
        return bytes.length === decodedLength(data) ? bytes : undefined;
    } catch {
        return undefined;
    }
}

/** What is not UTF-8 becomes U+FFFD, which a text may hold, too. */
function decodeUtf8(bytes: Buffer): string | Rejected {
    const text = bytes.toString();
    return text.includes("\ufffd") && !isUtf8(bytes) ? rejected("not UTF-8") : text;
}

/**
 * Whether a string in a parsed text is no Unicode. Only an escape can say so in JSON, and one reader after the other would drop it, replace it
 * or stumble over it. What is well formed is not escaped when it is written again.
 */
function hasLoneSurrogate(text: string, value: object): boolean {
    if (!text.includes("\\ud") && !text.includes("\\uD")) return false;
    return /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(JSON.stringify(value));
}

function decodedLength(base64: string): number {
    const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
    return (base64.length / 4) * 3 - padding;
}

/** The engine's message quotes the text, so only its kind and the position are taken from it. */
function notJson(text: string, { message }: Error): Rejected {
    if (text.trim() === "") return rejected("empty");
    if (text.startsWith("\ufeff")) return rejected("begins with a byte-order mark");
    if (message.startsWith("Unexpected non-whitespace character after JSON"))
        return rejected("more than one JSON document");
    const position = /at position \d+(?=(?: \(line \d+ column \d+\))?$)/.exec(message);
    return rejected(position ? `not JSON ${position[0]}` : "not JSON");
}
