import type { DuckSession } from "../duck";
import { type FileWriter, rewriteDataFile } from "./data-files";
import type { DataFile } from "./manifest";
import { currentSchema } from "./metadata";
import type { CompactionRules } from "./optimizer";
import { type LiveFiles, liveFiles, pathList, rowsSql, withDeletes } from "./scan";
import { liveEntries, type TableState } from "./snapshot";
import type { Table, TableTools } from "./table";

/** A file of less than this is small. On AWS it is 75 % of 512 MiB; here a rewrite should take a second, not a minute. */
const SMALL_BYTES = 16 * 1024 * 1024;

/** Most bytes that one rewrite reads. */
const ROUND_BYTES = 64 * 1024 * 1024;

/** Files of deletions in a partition from which on it is rewritten however few its data files are: each costs every reader a join. */
const MOST_DELETE_FILES = 10;

/** Files of one partition to become one, without the rows that `deletes` name. */
interface Plan {
    readonly inputs: readonly DataFile[];
    readonly deletes: readonly DataFile[];
}

/** What became of an attempt: `beaten` when a writer deleted rows of the files while they were rewritten. */
export type Compaction = "nothing to do" | "done" | "beaten";

/**
 * Rewrites the small files of one partition as one, without the rows that were deleted, when the rules ask for it. Reads and writes beside the
 * writers, and only the commit waits for its turn; unless it is given the turn (`inTurn`) for all of it, so that no writer can beat it again.
 */
export async function compact(
    tools: TableTools,
    table: Table,
    rules: CompactionRules,
    { inTurn = false } = {},
): Promise<Compaction> {
    const state = table.state();
    const partition = state && ripest(liveFiles(liveEntries(state)), rules);
    if (!state || !partition) return "nothing to do";
    const release = table.lease();
    try {
        return await tools.duck.session(async (session) => {
            const plan = await planOf(session, table, partition, rules);
            const writer = { session, files: table.files, metadata: state.metadata, randomHex: tools.randomHex };
            const written = await rewrite(writer, plan);
            const commit = () => swap(session, table, plan, written, state);
            if (await (inTurn ? commit() : table.exclusively(commit))) return "done";
            if (written) table.files.remove(written.file_path);
            return "beaten";
        });
    } finally {
        release();
    }
}

/** The files of a partition that has enough of them to be worth a rewrite. */
function ripest(live: LiveFiles, rules: CompactionRules): LiveFiles | undefined {
    const partitions = new Map<string, { data: DataFile[]; deletes: DataFile[] }>();
    for (const file of [...live.data, ...live.deletes]) {
        const key = partitionKey(file);
        const partition = partitions.get(key) ?? { data: [], deletes: [] };
        partitions.set(key, partition);
        (file.content === 0 ? partition.data : partition.deletes).push(file);
    }
    return [...partitions.values()].find(
        (partition) => partition.deletes.length >= MOST_DELETE_FILES || isRipe(small(partition, rules), rules),
    );
}

function isRipe(files: readonly DataFile[], rules: CompactionRules): boolean {
    return files.length >= Math.max(2, rules.minInputFiles);
}

function small({ data, deletes }: LiveFiles, rules: CompactionRules): readonly DataFile[] {
    const deletesOf = (file: DataFile) =>
        deletes.filter((each) => withDeletes({ data: [file], deletes: [each] }).length > 0);
    return data.filter(
        (file) =>
            file.file_size_in_bytes < SMALL_BYTES ||
            (deletes.length > 0 && deletesOf(file).length >= rules.deleteFileThreshold),
    );
}

/** Where there are too many files of deletions, exactly the files that they name are rewritten: so each round leaves fewer, down to none. */
async function planOf(session: DuckSession, table: Table, partition: LiveFiles, rules: CompactionRules): Promise<Plan> {
    const ripe = small(partition, rules);
    if (isRipe(ripe, rules)) return { inputs: firstBytes(ripe), deletes: partition.deletes };
    const named = await namedBy(session, table, partition.deletes);
    const inputs = partition.data.filter((file) => named.has(file.file_path));
    return { inputs: firstBytes(inputs), deletes: partition.deletes };
}

async function namedBy(session: DuckSession, table: Table, deletes: readonly DataFile[]): Promise<ReadonlySet<string>> {
    const rows = await session.query(
        `SELECT DISTINCT file_path FROM read_parquet(${pathList(table.files, deletes)}, hive_partitioning = false)`,
    );
    return new Set(rows.map(({ file_path }) => String(file_path)));
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

async function rewrite(writer: FileWriter, plan: Plan): Promise<DataFile | undefined> {
    if (plan.inputs.length === 0) return undefined;
    const fields = currentSchema(writer.metadata).fields;
    const rows = rowsSql(writer.files, fields, { data: plan.inputs, deletes: plan.deletes });
    return await rewriteDataFile(writer, plan.inputs[0], rows);
}

/** Puts the new file in the place of the old ones, unless one of them has changed since. */
async function swap(
    session: DuckSession,
    table: Table,
    plan: Plan,
    written: DataFile | undefined,
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
        added: written && written.record_count > 0 ? [written] : [],
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
        const named = await namedBy(session, table, [file]);
        if (![...named].some((path) => left.has(path))) spent.push(file);
    }
    return spent;
}
