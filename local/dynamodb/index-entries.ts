import type { Operation } from "dynalite/db";
import { indexKey, prefixes, projected, type TableIndex } from "./keys";
import type { Item, TableDescription } from "./model";

/** What a change of an item does to an index. */
export function indexOperations(
    table: TableDescription,
    index: TableIndex,
    before: Item | undefined,
    after: Item | undefined,
): readonly Operation[] {
    const old = before && keyIn(table, index, before);
    const kept = after && keyIn(table, index, after);
    return [
        ...(old !== undefined && old !== kept ? [{ type: "del" as const, key: old }] : []),
        ...(after ? indexEntry(table, index, after) : []),
    ];
}

/** What puts an item into an index; nothing when the item lacks one of the index's attributes. */
export function indexEntry(table: TableDescription, index: TableIndex, item: Item): readonly Operation[] {
    const key = keyIn(table, index, item);
    return key === undefined ? [] : [{ type: "put", key, value: projected(table, index, item) }];
}

/** The key of an item's entry in the whole database. */
function keyIn(table: TableDescription, index: TableIndex, item: Item): string | undefined {
    const key = indexKey(table, index, item);
    return key === undefined ? undefined : prefixes.index(index.kind, table.TableName, index.index.IndexName) + key;
}
