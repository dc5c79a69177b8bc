import * as fs from "node:fs";
import * as path from "node:path";
import type { Message } from "./message";

/** A change of a queue. A message that is put again takes the place of the former one. */
export type Entry = { readonly put: Message } | { readonly remove: string } | { readonly purge: true };

/** Entries after which the journal is rewritten, unless most of them still count. */
const LEAST_ENTRIES = 10_000;

/** The messages of a queue, on disk. */
export interface Journal {
    /** The messages in the order in which they came. */
    readonly messages: ReadonlyMap<string, Message>;
    /** Makes changes; they are written when this returns. */
    write(entries: readonly Entry[]): void;
    close(): void;
}

/** Opens the journal kept in a file: lines of JSON, written before a change is seen, rewritten short when it is opened. */
export function openJournal(file: string): Journal {
    const messages = new Map<string, Message>();
    for (const entry of read(file)) apply(messages, entry);
    let entries = rewrite(file, messages);
    let handle = fs.openSync(file, "a");
    return {
        messages,
        write(changes) {
            const size = fs.fstatSync(handle).size;
            try {
                fs.appendFileSync(handle, changes.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
            } catch (error) {
                // What a full disk took of the lines must not stand before later ones.
                fs.ftruncateSync(handle, size);
                throw error;
            }
            for (const entry of changes) apply(messages, entry);
            entries += changes.length;
            if (entries < LEAST_ENTRIES || entries < messages.size * 4) return;
            fs.closeSync(handle);
            entries = rewrite(file, messages);
            handle = fs.openSync(file, "a");
        },
        close: () => fs.closeSync(handle),
    };
}

function apply(messages: Map<string, Message>, entry: Entry): void {
    if ("put" in entry) messages.set(entry.put.id, entry.put);
    else if ("remove" in entry) messages.delete(entry.remove);
    else messages.clear();
}

/** What a kill left of the last line is no entry. */
function read(file: string): Entry[] {
    if (!fs.existsSync(file)) return [];
    const lines = fs.readFileSync(file, "utf8").split("\n");
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry);
}

function rewrite(file: string, messages: ReadonlyMap<string, Message>): number {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(`${file}.new`, [...messages.values()].map((put) => `${JSON.stringify({ put })}\n`).join(""));
    fs.renameSync(`${file}.new`, file);
    return messages.size;
}
