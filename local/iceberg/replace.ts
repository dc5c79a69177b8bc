import { type DuckSession, literal } from "../duck";
import { batchColumn } from "./batch";
import { type FileWriter, writeDeleteFile } from "./data-files";
import type { DataFile } from "./manifest";
import { isDeleted, type LiveFiles, readParquet, withDeletes } from "./scan";
import type { TableFiles } from "./table-files";
import type { Field } from "./types";
import { binaryValue, compareBinary } from "./values";

/**
 * Settles a batch with updates and deletions: within the batch later documents win, so only the rows that the table shall have stay in `batch`,
 * and the keys whose older rows must go are in the TEMP table `gone`.
 */
export async function settleBatch(session: DuckSession, keys: readonly Field[]): Promise<void> {
    const columns = keys.map(batchColumn);
    const same = columns.map((column) => `batch.${column} = gone.${column}`).join(" AND ");
    await session.query(`
        CREATE OR REPLACE TEMP TABLE gone AS
        SELECT ${columns.join(", ")}, max(seq) AS last FROM batch WHERE op <> 'insert' GROUP BY ALL`);
    await session.query(`
        DELETE FROM batch USING gone WHERE ${same} AND (batch.seq < gone.last OR batch.op = 'delete')`);
}

/** Writes files of position deletes for the table's rows whose keys are in `gone`, one for each partition that has any. */
export async function deleteOlderRows(
    writer: FileWriter,
    keys: readonly Field[],
    live: LiveFiles,
): Promise<readonly DataFile[]> {
    const candidates = await mayHold(writer.session, keys, live.data);
    if (candidates.length === 0) return [];
    await findPositions(writer, keys, candidates, live.deletes);
    const hit = await writer.session.query("SELECT DISTINCT slot FROM hits ORDER BY slot");
    const groups = new Map<string, { at: number; file: DataFile }[]>();
    for (const at of hit.map((row) => Number(row.slot))) {
        const file = candidates[at];
        const partition = JSON.stringify(Object.values(file.partition), (_key, value) =>
            typeof value === "bigint" ? String(value) : value,
        );
        groups.set(partition, [...(groups.get(partition) ?? []), { at, file }]);
    }
    const written: DataFile[] = [];
    for (const group of groups.values()) {
        const paths = group.map(({ at, file }) => `(${at}, ${literal(file.file_path)})`).join(", ");
        const positions = `SELECT p.file_path, hits.pos FROM hits JOIN (VALUES ${paths}) AS p(slot, file_path) ON p.slot = hits.slot`;
        const [{ file }] = group;
        written.push(await writeDeleteFile(writer, file.partition, file.file_path, positions));
    }
    return written;
}

/** Finds, in the files that may hold them, the rows whose keys are in `gone` and that no earlier commit deleted: TEMP table `hits` (slot, pos). */
async function findPositions(
    { session, files }: { readonly session: DuckSession; readonly files: TableFiles },
    keys: readonly Field[],
    candidates: readonly DataFile[],
    deletes: readonly DataFile[],
): Promise<void> {
    const same = keys.map((key) => `d.${batchColumn(key)} = gone.${batchColumn(key)}`).join(" AND ");
    const touching = deletes.filter((file) => withDeletes({ data: candidates, deletes: [file] }).length > 0);
    await session.query(`
        CREATE OR REPLACE TEMP TABLE hits AS
        SELECT d.file_index::INTEGER AS slot, d.file_row_number AS pos
        FROM ${readParquet(files, keys, candidates)} AS d SEMI JOIN gone ON ${same}
        WHERE NOT ${isDeleted(files, candidates, touching)}`);
}

/** Data files whose bounds leave it open that a key of `gone` is in them. */
async function mayHold(
    session: DuckSession,
    keys: readonly Field[],
    data: readonly DataFile[],
): Promise<readonly DataFile[]> {
    if (data.length === 0) return [];
    const ranges = keys.flatMap((key) => [`min(${batchColumn(key)})`, `max(${batchColumn(key)})`]);
    const { rows } = await session.table(`SELECT ${ranges.map((range) => `(${range})::VARCHAR`).join(", ")} FROM gone`);
    const [row] = rows as readonly (readonly (string | null)[])[];
    const apart = keys.map((key, at) => outside(key, row[2 * at], row[2 * at + 1]));
    return data.filter((file) => !apart.some((isOutside) => isOutside(file)));
}

/** Whether a file's bounds of a key lie outside a range of the key's values. */
function outside(key: Field, least: string | null, greatest: string | null): (file: DataFile) => boolean {
    const type = key.type as string;
    const from = least === null ? undefined : binaryValue(type, least);
    const to = greatest === null ? undefined : binaryValue(type, greatest);
    const bound = (bounds: DataFile["lower_bounds"]) => bounds?.find((pair) => pair.key === key.id)?.value;
    return (file) => {
        const lower = bound(file.lower_bounds);
        const upper = bound(file.upper_bounds);
        return Boolean(
            (upper && from && compareBinary(type, upper, from) < 0) ||
                (lower && to && compareBinary(type, lower, to) > 0),
        );
    };
}
