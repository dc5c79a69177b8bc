import * as fs from "node:fs/promises";
import * as path from "node:path";
import type { Arranged, Batch } from "./arrange";
import type { ArrangedFile } from "./arranged-files";
import { countIn } from "./runs";
import type { SealedObject, SealedTable } from "./sealed";

/** What has been transformed and waits for its delivery: a file for each table and each object to be, so that memory stays small. */
export interface Staging {
    /** Number of records in it, whatever became of them. */
    readonly records: number;
    readonly dropped: number;
    /** Bytes in its files. */
    readonly bytes: number;
    /** Bytes in the largest of them. */
    readonly largest: number;
    /** Number of its partitions. */
    readonly partitions: number;
    /** Adds a batch, and gives what was made of it. */
    add(batch: Omit<Batch, "partitions">): Promise<Arranged>;
    tables(): readonly Omit<SealedTable, "errorKey">[];
    objects(): readonly Omit<SealedObject, "key">[];
}

interface StagedFile {
    readonly file: string;
    readonly target: ArrangedFile["target"];
    readonly first: number;
    readonly arrival: number;
    records: number;
    /** Bytes of the records as they came in. */
    bytes: number;
    longest: number;
    /** Bytes of the file. */
    written: number;
}

/** Makes an empty {@link Staging} whose files are in `folder`. What is there from before is removed. */
export async function createStaging(folder: string, arrange: (batch: Batch) => Promise<Arranged>): Promise<Staging> {
    await fs.rm(folder, { recursive: true, force: true });
    await fs.mkdir(folder, { recursive: true });
    const files = new Map<string, StagedFile>();
    const partitions = new Set<string>();
    let records = 0;
    let dropped = 0;
    let bytes = 0;
    let largest = 0;

    return {
        get records() {
            return records;
        },
        get dropped() {
            return dropped;
        },
        get bytes() {
            return bytes;
        },
        get largest() {
            return largest;
        },
        get partitions() {
            return partitions.size;
        },
        async add(batch) {
            const arranged = await arrange({ ...batch, partitions: [...partitions] });
            let at = 0;
            const writes = arranged.files.map((part) => {
                const contents = arranged.contents.subarray(at, at + part.length);
                at += part.length;
                return write(part, contents);
            });
            records += countIn(batch.runs);
            dropped += arranged.dropped;
            await Promise.all(writes);
            return arranged;
        },
        tables: () =>
            [...files.values()].flatMap(({ target, longest: _longest, written: _written, ...staged }) =>
                "table" in target ? [{ ...target, ...staged }] : [],
            ),
        objects: () => [...files.values()].flatMap(objectsIn),
    };

    async function write(part: ArrangedFile, contents: Uint8Array): Promise<void> {
        const staged = files.get(part.key) ?? begun(part);
        if (part.partition !== undefined) partitions.add(part.partition);
        const added = part.isDelimited && staged.records > 0 ? Buffer.concat([Buffer.from("\n"), contents]) : contents;
        staged.records += part.records;
        staged.bytes += part.bytes;
        staged.longest = Math.max(staged.longest, part.longest);
        staged.written += added.length;
        bytes += added.length;
        largest = Math.max(largest, staged.written);
        await fs.appendFile(path.join(folder, staged.file), added);
    }

    function begun({ key, target, first, arrival }: ArrangedFile): StagedFile {
        const isTable = "table" in target;
        const number = [...files.values()].filter((other) => "table" in other.target === isTable).length;
        const file = isTable ? `table-${number}.ndjson` : `${target.type}-${number}`;
        const staged = { file, target, first, arrival, records: 0, bytes: 0, longest: 0, written: 0 };
        files.set(key, staged);
        return staged;
    }
}

function objectsIn({ target, longest, written: _written, ...staged }: StagedFile): Omit<SealedObject, "key">[] {
    if ("table" in target) return [];
    const { columns, ...what } = target;
    return [{ ...what, ...(columns !== undefined && { rows: { columns, longest } }), ...staged }];
}
