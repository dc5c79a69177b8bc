/** The parts of dynalite 4 that are used here. It ships no types, and its HTTP server is left out: its actions are called directly. */
declare module "dynalite/db" {
    import type { Item, TableDescription } from "./model";

    type Done<T> = (error: Error | null | undefined, value?: T) => void;

    interface Range {
        readonly gt?: string;
        readonly gte?: string;
        readonly lt?: string;
        readonly lte?: string;
        readonly limit?: number;
        readonly reverse?: boolean;
    }

    type Operation =
        | { readonly type: "put"; readonly key: string; readonly value: unknown; readonly valueEncoding?: "utf8" }
        | { readonly type: "del"; readonly key: string };

    /** The LevelDB database, with JSON values. */
    interface Level {
        /** Options are those of classic-level: https://github.com/Level/classic-level#db--new-classiclevellocation-options */
        open(options: { readonly writeBufferSize: number }): Promise<void>;
        getMany<T>(keys: readonly string[]): Promise<readonly (T | undefined)[]>;
        batch(operations: readonly Operation[]): Promise<void>;
        clear(range: Range): Promise<void>;
        iterator<T>(range: Range): AsyncIterable<[string, T]>;
        keys(range: Range): AsyncIterable<string>;
        values(range: Range): { nextv(count: number): Promise<readonly unknown[]>; close(): Promise<void> };
        createValueStream(range: Range): NodeJS.ReadableStream;
    }

    /** The items of a table, or an index of it. */
    interface SubDb {
        /** Of several keys, `held` is called when all are its. */
        lock(key: string | readonly string[], held: (release: (done: Done<unknown>) => Done<unknown>) => void): void;
        get(key: string, done: Done<Item>): void;
        put(key: string, item: Item, done: Done<void>): void;
        del(key: string, done: Done<void>): void;
        createValueStream(range: Range): NodeJS.ReadableStream;
    }

    interface Store {
        readonly options: { readonly maxItemSize: number };
        readonly db: Level;
        readonly lifecycleManager: { gracefulClose(): Promise<void> };
        getItemDb(table: string): SubDb;
        getIndexDb(kind: string, table: string, index: string): SubDb;
        getTable(name: string, checkStatus: boolean | Done<TableDescription>, done?: Done<TableDescription>): void;
    }

    interface Index {
        readonly IndexName: string;
        readonly KeySchema: TableDescription["KeySchema"];
        readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
    }

    function create(options: { readonly path: string }): Store;
    function createKey(item: Item, table: TableDescription, keySchema?: TableDescription["KeySchema"]): string;
    /** What is wrong with the key attributes of an item, if anything is. */
    function validateItem(item: Item, table: TableDescription): Error | undefined;
    function createIndexKey(item: Item, table: TableDescription, keySchema: TableDescription["KeySchema"]): string;
}

declare module "dynalite/validations" {
    function checkValidations(data: object, types: object, custom: unknown, store: unknown): void;
}
