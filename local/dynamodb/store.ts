import * as fs from "node:fs";
import type { Level, Operation, Store, SubDb } from "dynalite/db";
import { create } from "dynalite/db";
import type { Clock } from "../clock";
import { serviceError } from "../errors";
import { type ChangeLog, openChangeLog } from "./change-log";
import { changeOf } from "./changes";
import { keepsItemsOnly, type TableConfig } from "./config";
import { groupedReads } from "./grouped-reads";
import { indexEntry, indexOperations } from "./index-entries";
import { isSameItem } from "./item";
import { itemLocks } from "./item-locks";
import { below, indexesOf, prefixes, type TableIndex } from "./keys";
import type { Change, Item, TableDescription } from "./model";
import type { PlainPut } from "./plain";
import { valueStream } from "./value-stream";

/** The database of every table. */
export interface TableStore {
    /** Puts items of one table, whatever there is under their keys; false, with nothing put, when more than its items is kept of the table by now. */
    putTexts(table: string, puts: readonly PlainPut[]): Promise<boolean>;
    /** What one call of one of dynalite's actions is given. */
    forAction(hooks: ActionHooks): Store;
    /** The changes of a table whose stream is on. */
    changes(table: string): Promise<ChangeLog>;
    /** Fills an index that a table has got, from the items that are there. */
    fillIndex(table: TableDescription, index: TableIndex): Promise<void>;
    /** Deletes what an index holds. */
    clearIndex(table: string, index: TableIndex): Promise<void>;
    /** Deletes the changes of a table. */
    clearChanges(table: string): Promise<void>;
    /** Deletes everything that is kept of a table. */
    clearTable(table: TableDescription): Promise<void>;
    /** Waits for what is being written, and closes the database. */
    close(): Promise<void>;
}

/** What an action wants to know. */
export interface ActionHooks {
    /** Told of each item before it changes, or is tried to. */
    seen(item: Item | undefined): void;
    /** Told of each item as it will be; throws when it can't be so. */
    checked?(item: Item): void;
}

/** What a change puts into the database: the item, its place in each index, its record in the stream. All of it, or nothing. */
interface Write {
    readonly operations: readonly Operation[];
    /** Tells the table's stream that its record is written. */
    readonly written: (() => void) | undefined;
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
}

/**
 * Bytes of writes that LevelDB gathers before it sorts them into its files. With its own 4 MiB, it sorts the same items anew so often that under a
 * stream of orders it takes as much of the processor as what writes them.
 */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024;

/** Opens the database in a folder. `find` gives the tables as they are now. */
export async function openStore(
    folder: string,
    find: (table: string) => TableConfig | undefined,
    clock: Pick<Clock, "now">,
): Promise<TableStore> {
    fs.mkdirSync(folder, { recursive: true });
    const store = create({ path: folder });
    const { db } = store;
    db.createValueStream = (range) => valueStream(db, range);
    await db.open({ writeBufferSize: WRITE_BUFFER_BYTES });
    const logs = new Map<string, Promise<ChangeLog>>();
    const locks = new Map<string, SubDb["lock"]>();
    const read = groupedReads(db);
    const waiting: Write[] = [];
    let writing: Promise<void> | undefined;

    return {
        putTexts,
        forAction: (hooks) => ({ ...store, getTable, getItemDb: (table) => getItemDb(table, hooks) }),
        changes,
        async fillIndex(table, index) {
            const prefix = prefixes.items(table.TableName);
            for await (const key of db.keys(below(prefix))) await indexOne(table, index, key.slice(prefix.length));
        },
        clearIndex: (table, { kind, index }) => db.clear(below(prefixes.index(kind, table, index.IndexName))),
        async clearChanges(table) {
            logs.delete(table);
            await db.clear(below(prefixes.changes(table)));
        },
        async clearTable(table) {
            const { TableName: name } = table;
            const ranges = [
                prefixes.items(name),
                prefixes.changes(name),
                ...indexesOf(table).map(({ kind, index }) => prefixes.index(kind, name, index.IndexName)),
            ];
            logs.delete(name);
            await Promise.all(ranges.map((prefix) => db.clear(below(prefix))));
        },
        async close() {
            await writing;
            await store.lifecycleManager.gracefulClose();
        },
    };

    function locksOf(table: string): SubDb["lock"] {
        const known = locks.get(table) ?? itemLocks();
        locks.set(table, known);
        return known;
    }

    function changes(table: string): Promise<ChangeLog> {
        const known = logs.get(table) ?? openChangeLog(db, table);
        logs.set(table, known);
        return known;
    }

    function getTable(
        name: string,
        checkStatus: boolean | ((error: Error | null, table?: TableDescription) => void),
        done?: (error: Error | null, table?: TableDescription) => void,
    ): void {
        const answer = typeof checkStatus === "function" ? checkStatus : done;
        const table = find(name);
        answer?.(
            table ? null : serviceError("ResourceNotFoundException", "Requested resource not found"),
            table?.description,
        );
    }

    /** Made anew for each action, which has the lock of its item while it reads and writes: what it read is what it changes. */
    function getItemDb(table: string, { seen, checked }: ActionHooks): SubDb {
        const own = store.getItemDb(table);
        let before: Item | undefined;
        return {
            ...own,
            lock: locksOf(table),
            get(key, done) {
                read(prefixes.items(table) + key)
                    .then((item) => {
                        before = item;
                        seen(item);
                        done(null, item);
                    })
                    .catch(done);
            },
            put(key, after, done) {
                write(key, { table, before, after }, checked).then(() => done(null), done);
            },
            del(key, done) {
                if (!before) return done(null);
                write(key, { table, before, after: undefined }).then(() => done(null), done);
            },
        };
    }

    /** Under the locks of the items, so that a change that reads one first does not undo what is put. */
    function putTexts(table: string, puts: readonly PlainPut[]): Promise<boolean> {
        const operations = puts.map(({ key, text }): Operation => {
            return { type: "put", key: prefixes.items(table) + key, value: text, valueEncoding: "utf8" };
        });
        const keys = puts.map(({ key }) => key);
        return new Promise((resolve, reject) => {
            locksOf(table)(keys, (release) => {
                const isTaken = keepsItemsOnly(find(table));
                const done = release((error) => (error ? reject(error) : resolve(isTaken)));
                if (isTaken) put(operations).then(() => done(null), done);
                else done(null);
            });
        });
    }

    /** Under the lock of the item, so that a change that comes at the same time is not undone. */
    function indexOne(table: TableDescription, index: TableIndex, key: string): Promise<void> {
        const items = store.getItemDb(table.TableName);
        return new Promise((resolve, reject) => {
            locksOf(table.TableName)(key, (release) => {
                const done = release((error) => (error ? reject(error) : resolve()));
                items.get(key, (error, item) => {
                    if (error || !item) done(error);
                    else db.batch(indexEntry(table, index, item)).then(() => done(null), done);
                });
            });
        });
    }

    async function write(key: string, change: Change, checked?: ActionHooks["checked"]): Promise<void> {
        const { table, before, after } = change;
        const config = find(table);
        if (!config) throw serviceError("ResourceNotFoundException", "Requested resource not found");
        if (after) checked?.(after);
        const log = config.stream && !isUnchanged(change) ? await changes(table) : undefined;
        const item: Operation = after
            ? { type: "put", key: prefixes.items(table) + key, value: after }
            : { type: "del", key: prefixes.items(table) + key };
        const indexes = indexesOf(config.description);
        const operations = [
            item,
            ...indexes.flatMap((index) => indexOperations(config.description, index, before, after)),
        ];
        const keys = config.description.KeySchema;
        const record = log?.add(
            changeOf(
                change,
                keys.map(({ AttributeName }) => AttributeName),
                clock,
            ),
        );
        const written = record && (() => log?.written(record.position));
        await put(record ? [...operations, record.operation] : operations, written);
    }

    function put(operations: readonly Operation[], written?: () => void): Promise<void> {
        return new Promise((resolve, reject) => {
            waiting.push({ operations, written, resolve, reject });
            writing ??= writeAll();
        });
    }

    /** Changes that come during a write share the next one. */
    async function writeAll(): Promise<void> {
        await new Promise<void>((resolve) => setImmediate(resolve));
        while (waiting.length > 0) await writeGroup(db, waiting.splice(0));
        writing = undefined;
    }
}

async function writeGroup(db: Level, group: readonly Write[]): Promise<void> {
    try {
        await db.batch(group.flatMap(({ operations }) => operations));
    } catch (error) {
        for (const { reject } of group) reject(error);
        return;
    }
    for (const { written, resolve } of group) {
        written?.();
        resolve();
    }
}

/** A write that changes nothing leaves no trace in the stream: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
function isUnchanged({ before, after }: Change): boolean {
    return before !== undefined && after !== undefined && isSameItem(before, after);
}
