import * as fs from "node:fs";
import * as path from "node:path";

/** Something that a journal keeps. */
export interface Kept {
    readonly id: string;
}

/** A change of what is kept. What is put again takes the place of the former one. */
export type Entry<T extends Kept> = { readonly put: T } | { readonly remove: string } | { readonly purge: true };

/** Entries after which the journal is rewritten, unless most of them still count. */
const LEAST_ENTRIES = 10_000;

/** Things with an id, on disk. */
export interface Journal<T extends Kept> {
    /** The things in the order in which they came. */
    readonly kept: ReadonlyMap<string, T>;
    /** Makes changes; they are written when this returns. */
    write(entries: readonly Entry<T>[]): void;
    /** Leaves nothing on disk of what is no longer kept. */
    close(): void;
}

/** Opens the journal kept in a file: lines of JSON, written before a change is seen, rewritten short when it is opened and closed. */
export function openJournal<T extends Kept>(file: string): Journal<T> {
    const kept = new Map<string, T>();
    for (const entry of read<T>(file)) apply(kept, entry);
    let entries = rewrite(file, kept);
    let handle = fs.openSync(file, "a");
    return {
        kept,
        write(changes) {
            const size = fs.fstatSync(handle).size;
            try {
                fs.appendFileSync(handle, changes.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
            } catch (error) {
                // What a full disk took of the lines must not stand before later ones.
                fs.ftruncateSync(handle, size);
                throw error;
            }
            for (const entry of changes) apply(kept, entry);
            entries += changes.length;
            if (entries < LEAST_ENTRIES || entries < kept.size * 4) return;
            fs.closeSync(handle);
            entries = rewrite(file, kept);
            handle = fs.openSync(file, "a");
        },
        close() {
            fs.closeSync(handle);
            rewrite(file, kept);
        },
    };
}

function apply<T extends Kept>(kept: Map<string, T>, entry: Entry<T>): void {
    if ("put" in entry) kept.set(entry.put.id, entry.put);
    else if ("remove" in entry) kept.delete(entry.remove);
    else kept.clear();
}

/** What a kill left of the last line is no entry. */
function read<T extends Kept>(file: string): Entry<T>[] {
    if (!fs.existsSync(file)) return [];
    const lines = fs.readFileSync(file, "utf8").split("\n");
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry<T>);
}

function rewrite<T extends Kept>(file: string, kept: ReadonlyMap<string, T>): number {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(`${file}.new`, [...kept.values()].map((put) => `${JSON.stringify({ put })}\n`).join(""));
    fs.renameSync(`${file}.new`, file);
    return kept.size;
}
