import type { DuckSession } from "../duck";
import { rewriteDataFile } from "./data-files";
import type { DataFile } from "./manifest";
import { currentSchema } from "./metadata";
import type { CompactionRules } from "./optimizer";
import { type LiveFiles, liveFiles, pathList, rowsSql, withDeletes } from "./scan";
import { liveEntries, type TableState } from "./snapshot";
import type { Table, TableTools } from "./table";

/** A file of less than this is small. On AWS it is 75 % of 512 MiB; here a rewrite should take no longer than a second. */
const SMALL_BYTES = 48 * 1024 * 1024;

/** Most bytes that one rewrite reads. */
const ROUND_BYTES = 128 * 1024 * 1024;

/** Files of deletions in a partition from which on it is rewritten however few its data files are: each costs every reader a join. */
const MOST_DELETE_FILES = 10;

/** Files of one partition to become one. */
interface Plan {
    readonly inputs: readonly DataFile[];
    readonly deletes: readonly DataFile[];
}

/**
 * Rewrites the small files of one partition as one, without the rows that were deleted, when the rules ask for it. Reads and writes beside the
 * writers; only the commit waits for its turn, and is given up when a writer has meanwhile deleted rows of these files. Gives whether it did anything.
 */
export async function compact(tools: TableTools, table: Table, rules: CompactionRules): Promise<boolean> {
    const state = table.state();
    const plan = state && planOf(liveFiles(liveEntries(state)), rules);
    if (!state || !plan) return false;
    const release = table.lease();
    try {
        return await tools.duck.session(async (session) => {
            const rows = rowsSql(table.files, currentSchema(state.metadata).fields, {
                data: plan.inputs,
                deletes: plan.deletes,
            });
            const writer = { session, files: table.files, metadata: state.metadata, randomHex: tools.randomHex };
            const written = await rewriteDataFile(writer, plan.inputs[0], rows);
            const done = await table.exclusively(() => swap(session, table, plan, written, state));
            if (!done) table.files.remove(written.file_path);
            return done;
        });
    } finally {
        release();
    }
}

function planOf(live: LiveFiles, rules: CompactionRules): Plan | undefined {
    const partitions = new Map<string, DataFile[]>();
    for (const file of live.data) {
        const key = partitionKey(file);
        partitions.set(key, [...(partitions.get(key) ?? []), file]);
    }
    for (const [key, files] of partitions) {
        const deletes = live.deletes.filter((file) => partitionKey(file) === key);
        const deletesOf = (file: DataFile) =>
            deletes.filter((each) => withDeletes({ data: [file], deletes: [each] }).length > 0);
        const ripe = files.filter(
            (file) => file.file_size_in_bytes < SMALL_BYTES || deletesOf(file).length >= rules.deleteFileThreshold,
        );
        if (ripe.length >= Math.max(2, rules.minInputFiles) || deletes.length >= MOST_DELETE_FILES) {
            const inputs = firstBytes(deletes.length >= MOST_DELETE_FILES ? files : ripe);
            return { inputs, deletes };
        }
    }
    return undefined;
}

function partitionKey(file: DataFile): string {
    return JSON.stringify(Object.values(file.partition), (_key, value) =>
        typeof value === "bigint" ? String(value) : value,
    );
}

function firstBytes(files: readonly DataFile[]): readonly DataFile[] {
    let bytes = 0;
    return files.filter((file, at) => {
        bytes += file.file_size_in_bytes;
        return at === 0 || bytes <= ROUND_BYTES;
    });
}

/** Puts the new file in the place of the old ones, unless one of them has changed since. */
async function swap(
    session: DuckSession,
    table: Table,
    plan: Plan,
    written: DataFile,
    planned: TableState,
): Promise<boolean> {
    const state = table.state();
    if (!state || state.metadata["current-schema-id"] !== planned.metadata["current-schema-id"]) return false;
    const live = liveFiles(liveEntries(state));
    const present = new Set([...live.data, ...live.deletes].map((file) => file.file_path));
    const known = new Set(plan.deletes.map((file) => file.file_path));
    const newer = live.deletes.filter((file) => !known.has(file.file_path));
    if (!plan.inputs.every((file) => present.has(file.file_path))) return false;
    if (withDeletes({ data: plan.inputs, deletes: newer }).length > 0) return false;
    const spent = await spentDeletes(session, table, plan, live);
    table.commit(state, {
        operation: "replace",
        added: written.record_count > 0 ? [written] : [],
        removed: [...plan.inputs, ...spent],
        summary: {},
    });
    return true;
}

/** Files of deletions that name no file that is left. */
async function spentDeletes(
    session: DuckSession,
    table: Table,
    plan: Plan,
    live: LiveFiles,
): Promise<readonly DataFile[]> {
    const gone = new Set(plan.inputs.map((file) => file.file_path));
    const left = new Set(live.data.map((file) => file.file_path).filter((path) => !gone.has(path)));
    const spent: DataFile[] = [];
    for (const file of plan.deletes) {
        const named = await session.query(
            `SELECT DISTINCT file_path FROM read_parquet(${pathList(table.files, [file])}, hive_partitioning = false)`,
        );
        if (!named.some(({ file_path }) => left.has(String(file_path)))) spent.push(file);
    }
    return spent;
}
