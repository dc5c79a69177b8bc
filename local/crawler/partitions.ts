import * as path from "node:path";
import { readJson, writeJson } from "../firehose/files";

/** A partition that a crawler has found. */
export interface Partition {
    /** The values of the table's partition keys, in their order. */
    readonly values: readonly string[];
    /** Its folder: `s3://bucket/orders/year=2026/`. */
    readonly location: string;
    /** When it was registered, in milliseconds since 1970. */
    readonly created: number;
}

/** The partitions that crawlers have registered in the catalog. They survive a restart. */
export interface Partitions {
    /** Those of a table, in the order of their values. */
    of(database: string, table: string): readonly Partition[];
    /** Registers those that are not known yet, and gives their number. */
    add(database: string, table: string, found: readonly Partition[]): number;
}

/** Opens the {@link Partitions} kept in a folder. */
export function openPartitions(folder: string): Partitions {
    const fileOf = (database: string, table: string) =>
        path.join(folder, encodeURIComponent(database), `${encodeURIComponent(table)}.json`);
    const of = (database: string, table: string) => readJson<Partition[]>(fileOf(database, table)) ?? [];
    return {
        of,
        add(database, table, found) {
            const known = of(database, table);
            const ids = new Set(known.map(idOf));
            const added = found.filter((partition) => !ids.has(idOf(partition)));
            if (added.length > 0)
                writeJson(
                    fileOf(database, table),
                    [...known, ...added].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1)),
                );
            return added.length;
        },
    };
}

function idOf({ values }: Partition): string {
    return values.join("\0");
}

/**
 * The partition of an object below a table's folder: the values in its folders, named as the keys (`year=2026/`) or not (`2026/`), as Hive
 * and Firehose write them. Undefined for an object that lies elsewhere.
 */
export function partitionIn(
    below: string,
    keys: readonly string[],
): { readonly values: readonly string[]; readonly folder: string } | undefined {
    const folders = below.split("/").slice(0, -1);
    if (folders.length !== keys.length) return undefined;
    const values: string[] = [];
    for (const [index, folder] of folders.entries()) {
        const [, name, value] = /^([^=]+)=(.*)$/s.exec(folder) ?? [undefined, undefined, folder];
        if (name !== undefined && name.toLowerCase() !== keys[index]) return undefined;
        values.push(decoded(value));
    }
    return { values, folder: folders.map((folder) => `${folder}/`).join("") };
}

/** Hive escapes what a folder's name may not hold. */
function decoded(value: string): string {
    try {
        return decodeURIComponent(value);
    } catch {
        return value;
    }
}
