import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** The JSON value in a file, or undefined when there is no such file. */
export function readJson<T>(file: string): T | undefined {
    try {
        return JSON.parse(fs.readFileSync(file, "utf8")) as T;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
    }
}

/** Replaces a file by a JSON value, whole or not at all. */
export function writeJson(file: string, value: unknown): void {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(`${file}.new`, JSON.stringify(value));
    fs.renameSync(`${file}.new`, file);
}

/** The lines of a file, without their line feeds. Only a line feed ends a line: JSON may hold any other separator. */
export async function* linesIn(file: string): AsyncGenerator<string> {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of fs.createReadStream(file)) {
        const bytes = Buffer.concat([rest, chunk as Buffer]);
        let start = 0;
        for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
            yield bytes.toString("utf8", start, end);
            start = end + 1;
        }
        rest = bytes.subarray(start);
    }
    if (rest.length > 0) yield rest.toString("utf8");
}

/** File systems take names of at most 255 bytes; this leaves room for an ending. */
const LONGEST_NAME = 200;

/** A name for a file or folder that any text may ask for: it leads nowhere else, and other texts have other names. */
export function fileName(text: string): string {
    const name = text.isWellFormed()
        ? encodeURIComponent(text).replace(/^\.+$/, (dots) => "%2E".repeat(dots.length))
        : "";
    const fits = name !== "" && name.length <= LONGEST_NAME;
    return fits ? name : createHash("sha256").update(JSON.stringify(text)).digest("hex");
}

/** The folder of a stream. A name of dots alone, which AWS allows, is spelled so that it does not lead elsewhere. */
export function streamFolder(data: string, streamName: string): string {
    const name = streamName.replace(/^\.+$/, (dots) => "%2E".repeat(dots.length));
    return path.join(data, "firehose", name);
}

/** What a stream remembers of itself. */
export interface StreamIdentity {
    /** Hex digits that tell it from a former stream of the same name. */
    readonly incarnation: string;
    /** Milliseconds since 1970. */
    readonly created: number;
    /** When its configuration was last changed. */
    readonly updated?: number;
}

/** The file that holds a {@link StreamIdentity}. */
export function identityFile(folder: string): string {
    return path.join(folder, "stream.json");
}

/** The identity kept in a stream's folder, made and kept when it is missing. */
export function identityOf(folder: string, fresh: () => StreamIdentity): StreamIdentity {
    const known = readJson<StreamIdentity>(identityFile(folder));
    if (known) return known;
    const made = fresh();
    writeJson(identityFile(folder), made);
    return made;
}
