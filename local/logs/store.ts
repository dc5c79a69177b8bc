import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** One line of a log, times in milliseconds since 1970. */
export interface LogEvent {
    readonly timestamp: number;
    readonly ingested: number;
    readonly message: string;
}

/** An event and where it stands in its file: what a page's token points to. */
export interface StoredEvent extends LogEvent {
    readonly start: number;
    readonly end: number;
}

/** A stream as it lies on disk. */
export interface StoredStream {
    readonly name: string;
    readonly created: number;
    readonly file: string;
}

/**
 * Log streams on disk: `<data>/logs/<group>/<stream>.jsonl`, a line that names the stream, then `[timestamp, ingested, message]` per event.
 * It holds nothing in memory, so whoever else has one of these for the same folder sees the same.
 */
export interface LogStore {
    /** Makes the folder of a group. */
    createGroup(group: string): void;
    /** When the folder of a group was made, in milliseconds since 1970. */
    groupCreated(group: string): number | undefined;
    /** The streams of a group by name, in the order of UTF-8. */
    streams(group: string): readonly StoredStream[];
    stream(group: string, name: string): StoredStream | undefined;
    /** Makes a stream that does not exist. */
    create(group: string, name: string, created: number): void;
    /** Appends with one write, which survives the death of this process. */
    append(group: string, name: string, events: readonly LogEvent[]): void;
    /** Events from a position to the end of the file. */
    forward(stream: StoredStream, from?: number): Generator<StoredEvent>;
    /** Events before a position, the last of them first. */
    backward(stream: StoredStream, before?: number): Generator<StoredEvent>;
    /** Removes a stream, or a group with all its streams. */
    remove(group: string, name?: string): void;
}

const CHUNK = 64 * 1024;
const NEWLINE = 10;

/** Makes a {@link LogStore} below a data folder. */
export function createLogStore(data: string): LogStore {
    const folderOf = (group: string) => path.join(data, "logs", fileName(group));
    const fileOf = (group: string, name: string) => path.join(folderOf(group), `${fileName(name)}.jsonl`);

    function stored(file: string): StoredStream | undefined {
        const head = firstLine(file);
        const { stream, created } =
            ((head ? parsed(head) : undefined) as Partial<{ stream: string; created: number }>) ?? {};
        return stream === undefined || created === undefined ? undefined : { name: stream, created, file };
    }

    return {
        createGroup: (group) => void fs.mkdirSync(folderOf(group), { recursive: true }),
        groupCreated: (group) => fs.statSync(folderOf(group), { throwIfNoEntry: false })?.birthtime.getTime(),
        streams(group) {
            const folder = folderOf(group);
            if (!fs.existsSync(folder)) return [];
            const found = fs.readdirSync(folder).map((name) => stored(path.join(folder, name)));
            return found
                .filter((stream) => stream !== undefined)
                .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
        },
        stream: (group, name) => stored(fileOf(group, name)),
        create(group, name, created) {
            fs.mkdirSync(folderOf(group), { recursive: true });
            fs.writeFileSync(fileOf(group, name), `${JSON.stringify({ stream: name, created })}\n`);
        },
        append(group, name, events) {
            const lines = events.map((e) => `${JSON.stringify([e.timestamp, e.ingested, e.message])}\n`);
            fs.appendFileSync(fileOf(group, name), lines.join(""));
        },
        *forward({ file }, from = 0) {
            for (const line of linesForward(file, from)) {
                const event = eventIn(line);
                if (event) yield event;
            }
        },
        *backward({ file }, before = Number.POSITIVE_INFINITY) {
            for (const line of linesBackward(file, before)) {
                const event = eventIn(line);
                if (event) yield event;
            }
        },
        remove: (group, name) =>
            fs.rmSync(name === undefined ? folderOf(group) : fileOf(group, name), { recursive: true, force: true }),
    };
}

/** A name that every file system takes, readable as far as it goes, and different for different names. */
function fileName(name: string): string {
    const readable = name
        .replace(/[^A-Za-z0-9._-]+/g, "_")
        .replace(/^[._]+/, "")
        .slice(0, 100);
    return `${readable}-${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}

interface Line {
    readonly text: string;
    readonly start: number;
    readonly end: number;
}

/** Undefined for the first line, and for one that a crash cut short. */
function eventIn({ text, start, end }: Line): StoredEvent | undefined {
    const given = parsed(text);
    if (!Array.isArray(given) || given.length !== 3) return undefined;
    const [timestamp, ingested, message] = given as [number, number, string];
    return { timestamp, ingested, message, start, end };
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

function firstLine(file: string): string | undefined {
    if (!fs.existsSync(file)) return undefined;
    for (const { text } of linesForward(file, 0)) return text;
    return undefined;
}

/** Whole lines from a position on, read in pieces: what a client takes bounds what is held, not the size of the file. */
function* linesForward(file: string, from: number): Generator<Line> {
    const handle = fs.openSync(file, "r");
    try {
        let rest: Buffer = Buffer.alloc(0);
        let start = from;
        const chunk = Buffer.allocUnsafe(CHUNK);
        for (let at = from; ; ) {
            const read = fs.readSync(handle, chunk, 0, CHUNK, at);
            if (read === 0) return;
            at += read;
            rest = Buffer.concat([rest, chunk.subarray(0, read)]);
            for (let newline = rest.indexOf(NEWLINE); newline >= 0; newline = rest.indexOf(NEWLINE)) {
                const end = start + newline + 1;
                yield { text: rest.toString("utf8", 0, newline), start, end };
                rest = rest.subarray(newline + 1);
                start = end;
            }
        }
    } finally {
        fs.closeSync(handle);
    }
}

/** Whole lines that end at a position or before it, the last first. */
function* linesBackward(file: string, before: number): Generator<Line> {
    const handle = fs.openSync(file, "r");
    try {
        let at = Math.min(before, fs.fstatSync(handle).size);
        let rest: Buffer = Buffer.alloc(0);
        while (at > 0) {
            const size = Math.min(CHUNK, at);
            const chunk = Buffer.allocUnsafe(size);
            fs.readSync(handle, chunk, 0, size, at - size);
            at -= size;
            rest = Buffer.concat([chunk, rest]);
            // The last byte of `rest` ends a line, so the one before it begins after the newline before that byte.
            for (
                let newline = rest.lastIndexOf(NEWLINE, -2);
                newline >= 0 && rest.length > 1;
                newline = rest.lastIndexOf(NEWLINE, -2)
            ) {
                yield { text: lineText(rest, newline + 1), start: at + newline + 1, end: at + rest.length };
                rest = rest.subarray(0, newline + 1);
            }
        }
        if (rest.length > 0) yield { text: lineText(rest, 0), start: 0, end: rest.length };
    } finally {
        fs.closeSync(handle);
    }
}

function lineText(bytes: Buffer, from: number): string {
    return bytes.toString("utf8", from, bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length);
}
