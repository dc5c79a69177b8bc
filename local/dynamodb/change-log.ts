import type { Level, Operation } from "dynalite/db";
import type { ChangeRecord, NewChange } from "./changes";
import { below, prefixes } from "./keys";

/** The changes of one table, in the same database as its items. Positions count them from 0. */
export interface ChangeLog {
    /** Position of the next change that comes, of those that are written. */
    next(): number;
    /** Gives a change its position. The operation belongs in the same write as the item; changes are written in the order of their positions. */
    add(change: NewChange): { readonly position: number; readonly operation: Operation };
    /** Tells that the changes up to this position are written. */
    written(position: number): void;
    /** Changes from a position on that happened at `since` or later. */
    read(from: number, limit: number, since: number): Promise<readonly ChangeRecord[]>;
    /** Position of the first change that happened at a time or later. */
    positionAt(time: number): Promise<number>;
    /** Resolves when there is a change at this position, or when the signal aborts. */
    reached(position: number, signal: AbortSignal): Promise<void>;
    /** Deletes what happened before a time, the very last change apart: the next one's position follows from it. */
    trim(before: number): Promise<void>;
}

const DIGITS = 16;

/** Opens the log of a table's changes. */
export async function openChangeLog(db: Level, table: string): Promise<ChangeLog> {
    const prefix = prefixes.changes(table);
    const keyOf = (position: number) => prefix + String(position).padStart(DIGITS, "0");
    const positionOf = (key: string) => Number(key.slice(prefix.length));
    let assigned = 0;
    for await (const key of db.keys({ ...below(prefix), reverse: true, limit: 1 })) assigned = positionOf(key) + 1;
    let next = assigned;
    const watchers = new Set<{ readonly position: number; readonly done: () => void }>();

    async function positionAt(time: number): Promise<number> {
        for await (const [key, { arrival }] of db.iterator<NewChange>(below(prefix)))
            if (arrival >= time) return positionOf(key);
        return next;
    }

    return {
        next: () => next,
        add(value) {
            const position = assigned++;
            return { position, operation: { type: "put", key: keyOf(position), value } };
        },
        written(position) {
            next = position + 1;
            for (const watcher of [...watchers]) if (watcher.position < next) watcher.done();
        },
        async read(from, limit, since) {
            const records: ChangeRecord[] = [];
            const range = { gte: keyOf(from), lt: keyOf(next), limit };
            for await (const [key, change] of db.iterator<NewChange>(range))
                if (change.arrival >= since) records.push({ ...change, position: positionOf(key) });
            return records;
        },
        positionAt,
        reached(position, signal) {
            if (position < next || signal.aborted) return Promise.resolve();
            return new Promise((resolve) => {
                const done = () => {
                    watchers.delete(watcher);
                    signal.removeEventListener("abort", done);
                    resolve();
                };
                const watcher = { position, done };
                watchers.add(watcher);
                signal.addEventListener("abort", done);
            });
        },
        async trim(before) {
            const end = Math.min(await positionAt(before), next - 1);
            if (end > 0) await db.clear({ gte: prefix, lt: keyOf(end) });
        },
    };
}
