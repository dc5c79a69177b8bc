import { hasDuplicateKeys } from "./duplicate-keys";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a record holds: one JSON object, with the text that it was read from. */
export interface ReadRecord {
    readonly text: string;
    readonly value: Record<string, unknown>;
}

/** Why a record cannot be used: sentences that never quote it, so they can be logged. */
export interface Rejected {
    readonly problems: readonly string[];
}

/** Reads a record that must be one JSON object in UTF-8. Never throws. */
export function readRecord(data: unknown): ReadRecord | Rejected {
    const text = decode(data);
    if (typeof text !== "string") return text;
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch (error) {
        return notJson(text, error);
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) return rejected("not a JSON object");
    if (hasDuplicateKeys(text, value)) return rejected("a key comes twice in one object");
    return { text, value: value as Record<string, unknown> };
}

/** A text as a record: base64 of its UTF-8. */
export function writeRecord(text: string): string {
    return Buffer.from(text).toString("base64");
}

/** Makes a {@link Rejected} of one problem. */
export function rejected(problem: string): Rejected {
    return { problems: [problem] };
}

/** `atob` gives one character per byte, which is the text itself as long as it is ASCII, in less than half of the time that a Buffer takes. */
function decode(data: unknown): string | Rejected {
    if (typeof data !== "string") return rejected("no data");
    let bytes: string;
    try {
        bytes = atob(data);
    } catch {
        return rejected("not base64");
    }
    // Whitespace and a missing padding are fine with atob, but not with everyone.
    if (bytes.length !== lengthOf(data)) return rejected("not base64");
    return Buffer.byteLength(bytes) === bytes.length ? bytes : decodeUtf8(Buffer.from(bytes, "latin1"));
}

/** Bytes that a base64 text of this length stands for. */
function lengthOf(base64: string): number {
    const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
    return (base64.length / 4) * 3 - padding;
}

function decodeUtf8(bytes: Buffer): string | Rejected {
    try {
        return utf8.decode(bytes);
    } catch {
        return rejected("not UTF-8");
    }
}

function notJson(text: string, error: unknown): Rejected {
    if (text.trim() === "") return rejected("empty");
    if (text.startsWith("\ufeff")) return rejected("begins with a byte-order mark");
    // The engine's own message quotes the text; only its kind and the position are taken.
    const message = error instanceof Error ? error.message : "";
    if (message.startsWith("Unexpected non-whitespace character after JSON"))
        return rejected("more than one JSON document");
    const position = /at position \d+/.exec(message);
    return rejected(position ? `not JSON ${position[0]}` : "not JSON");
}
