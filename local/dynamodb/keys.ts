import * as crypto from "node:crypto";
import * as dynalite from "dynalite/db";
import type { IndexDescription, Item, TableDescription } from "./model";

/** Where things lie in the database: names of tables and indexes have no tilde. */
export const prefixes = {
    items: (table: string) => `item-${table}~`,
    index: (kind: "global" | "local", table: string, index: string) => `index-${kind}~${table}~${index}~`,
    changes: (table: string) => `change-${table}~`,
} as const;

/** Everything below a prefix. */
export function below(prefix: string): { readonly gte: string; readonly lt: string } {
    return { gte: prefix, lt: `${prefix}~` };
}

/** An index, and which kind it is. */
export interface TableIndex {
    readonly kind: "global" | "local";
    readonly index: IndexDescription;
}

/** The indexes of a table. */
export function indexesOf(table: TableDescription): readonly TableIndex[] {
    return [
        ...(table.GlobalSecondaryIndexes ?? []).map((index) => ({ kind: "global" as const, index })),
        ...(table.LocalSecondaryIndexes ?? []).map((index) => ({ kind: "local" as const, index })),
    ];
}

/** The key under which an index has an item, or undefined when the item lacks one of the index's attributes. */
export function indexKey(table: TableDescription, { index }: TableIndex, item: Item): string | undefined {
    if (!index.KeySchema.every(({ AttributeName }) => item[AttributeName])) return undefined;
    return dynalite.createIndexKey(item, table, index.KeySchema);
}

/** What an index keeps of an item. */
export function projected(table: TableDescription, { index }: TableIndex, item: Item): Item {
    const { ProjectionType: type, NonKeyAttributes: more = [] } = index.Projection;
    if (type === "ALL") return item;
    const keys = [...index.KeySchema, ...table.KeySchema].map(({ AttributeName }) => AttributeName);
    const kept = new Set([...keys, ...(type === "INCLUDE" ? more : [])]);
    return Object.fromEntries(Object.entries(item).filter(([name]) => kept.has(name)));
}

// Indexes are written together with their items (see store.ts), so dynalite's actions need not.
Object.assign(require("dynalite/db"), {
    updateIndexes: (_store: unknown, _table: unknown, _before: unknown, _after: unknown, done: () => void) => done(),
});

// dynalite ends the key of an index entry with 24 bits of a hash of the item's own key, so that two of some thousands of items with the
// same index key take each other's place. The whole key leaves no such chance. Its queries and scans make their starting keys with this too.
Object.assign(require("dynalite/db"), {
    createIndexKey: (item: Item, table: TableDescription, keySchema: TableDescription["KeySchema"]) =>
        dynalite.createKey(item, table, keySchema) + dynalite.createKey(item, table),
});

// dynalite's keys, whose hash it makes in four steps, which takes longer than all else that an item of a batch needs.
const { createKey } = dynalite;
Object.assign(require("dynalite/db"), {
    createKey(item: Item, table: TableDescription, keySchema = table.KeySchema) {
        const [hash, range] = keySchema.map(({ AttributeName: name }) => item[name]?.S as string | undefined);
        if (hash === undefined || (keySchema.length > 1 && range === undefined))
            return createKey(item, table, keySchema);
        const prefix = crypto.hash("md5", `Outliers${hash}`, "hex").slice(0, 6);
        return `${prefix}/${hex(hash)}/${range === undefined ? "" : `${hex(range)}/`}`;
    },
});

function hex(text: string): string {
    return Buffer.from(text).toString("hex");
}
