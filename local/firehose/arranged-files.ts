import type { Document } from "./document";
import type { FirehoseRecord } from "./runs";
import type { SealedObject } from "./sealed";

/** Where an {@link ArrangedFile} goes. */
export type Target =
    | Pick<Document, "database" | "table">
    | (Pick<SealedObject, "type" | "partitionKeys"> & { readonly columns?: string });

/** What a batch adds to one of the staged files. */
export interface ArrangedFile {
    /** Tells the file from others. */
    readonly key: string;
    readonly target: Target;
    /** The partition of the records, where they have one. */
    readonly partition?: string;
    /** Whether a line feed stands between these records and those that are in the file. */
    readonly isDelimited: boolean;
    /** Position of the first record, and when it arrived. */
    readonly first: number;
    readonly arrival: number;
    readonly records: number;
    /** Bytes of the records as they came in. */
    readonly bytes: number;
    /** Bytes of the longest row, or more. */
    readonly longest: number;
    /** Bytes of the contents that are this file's. */
    readonly length: number;
}

/** What a batch adds to files, and what goes into them, one behind the other, in memory of its own: another thread may be handed it. */
export interface ArrangedFiles {
    readonly files: readonly ArrangedFile[];
    readonly contents: Uint8Array<ArrayBuffer>;
}

/** An {@link ArrangedFile} in the making. */
export type OpenFile = { -readonly [Name in keyof Omit<ArrangedFile, "length">]: ArrangedFile[Name] } & {
    /** What goes into it. */
    readonly pieces: (string | Buffer)[];
};

/** Files in the making. */
export interface OpenFiles {
    /** The file with a key, with one more record counted. `target` tells where it goes when it is the first. */
    of(key: string, record: FirehoseRecord, target: () => Target, partition?: string): OpenFile;
    /** Counts one more record of a file. */
    count(file: OpenFile, record: FirehoseRecord): void;
    close(): ArrangedFiles;
}

/** Makes no files yet. */
export function openFiles(): OpenFiles {
    const files = new Map<string, OpenFile>();
    const count = (file: OpenFile, { data }: FirehoseRecord) => {
        file.records++;
        file.bytes += data.length;
    };
    return {
        of(key, record, target, partition) {
            let file = files.get(key);
            if (!file) {
                const { position, run } = record;
                const counts = { first: position, arrival: run.arrival, records: 0, bytes: 0, longest: 0 };
                const of = { key, target: target(), ...(partition !== undefined && { partition }) };
                file = { ...of, ...counts, isDelimited: false, pieces: [] };
                files.set(key, file);
            }
            count(file, record);
            return file;
        },
        count,
        close: () => closed([...files.values()]),
    };
}

function closed(files: readonly OpenFile[]): ArrangedFiles {
    const joined = files.map(({ pieces }) => joinedPieces(pieces));
    const lengths = joined.map((piece) => (typeof piece === "string" ? Buffer.byteLength(piece) : piece.length));
    const contents = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + length, 0));
    let at = 0;
    joined.forEach((piece, index) => {
        if (typeof piece === "string") contents.write(piece, at);
        else contents.set(piece, at);
        at += lengths[index] as number;
    });
    return {
        contents,
        files: files.map(({ pieces: _pieces, ...file }, index) => ({ ...file, length: lengths[index] as number })),
    };
}

/** Texts are encoded at once, which is much faster than one by one. */
function joinedPieces(pieces: readonly (string | Buffer)[]): string | Buffer {
    if (pieces.every((piece) => typeof piece === "string")) return pieces.join("");
    return Buffer.concat(pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)));
}
