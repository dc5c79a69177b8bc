import * as fs from "node:fs";
import * as path from "node:path";
import { fileName, readJson, writeJson } from "../firehose/files";
import type { Place } from "../services";
import type { StorageInputs } from "./catalog";

/** A partition that is registered in the catalog. */
export interface Partition {
    /** The values of the table's partition keys, in their order. */
    readonly values: readonly string[];
    /** Its folder: `s3://bucket/orders/year=2026/`. */
    readonly location: string;
    /** When it was registered, in milliseconds since 1970. */
    readonly created: number;
    readonly parameters?: Readonly<Record<string, string>>;
    /** How its files are read, where it says so itself. */
    readonly storage?: StorageInputs;
}

/** The partitions that are registered in the catalog, whoever registered them. They survive a restart. */
export interface Partitions {
    /** Those of a table, in the order of their values. */
    of(database: string, table: string): readonly Partition[];
    /** Registers those that are not known yet, and gives their number. */
    add(database: string, table: string, found: readonly Partition[]): number;
    /** Puts what `change` makes of a table's partitions in their place, all at once. */
    change(database: string, table: string, change: (known: readonly Partition[]) => readonly Partition[]): void;
    /** Forgets those of a table, or of all tables of a database. */
    forget(database: string, table?: string): void;
}

/** Opens the {@link Partitions} of a data folder. It remembers nothing, so whoever needs them opens them. */
export function openPartitions({ data }: Pick<Place, "data">): Partitions {
    const folder = path.join(data, "glue", "partitions");
    const folderOf = (database: string) => path.join(folder, fileName(database));
    const fileOf = (database: string, table: string) => path.join(folderOf(database), `${fileName(table)}.json`);
    const of = (database: string, table: string) => readJson<Partition[]>(fileOf(database, table)) ?? [];
    const change: Partitions["change"] = (database, table, make) =>
        writeJson(
            fileOf(database, table),
            [...make(of(database, table))].sort((a, b) => (idOf(a.values) < idOf(b.values) ? -1 : 1)),
        );
    return {
        of,
        change,
        add(database, table, found) {
            const ids = new Set(of(database, table).map(({ values }) => idOf(values)));
            const added = found.filter(({ values }) => !ids.has(idOf(values)));
            if (added.length > 0) change(database, table, (known) => [...known, ...added]);
            return added.length;
        },
        forget(database, table) {
            const what = table === undefined ? folderOf(database) : fileOf(database, table);
            fs.rmSync(what, { recursive: true, force: true });
        },
    };
}

/** What tells a partition from the others of its table. */
export function idOf(values: readonly string[]): string {
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
