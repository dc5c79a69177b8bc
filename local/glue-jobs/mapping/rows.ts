import * as fs from "node:fs/promises";
import * as path from "node:path";
import { type DuckSession, identifier, literal } from "../../duck";
import { uuidOf } from "../../event-source/uuid";
import { duckTypeOf } from "../../firehose/hive-type";
import type { LakeJobArguments } from "./arguments";
import type { LakeJobRun, LakeJobServices } from "./execute";
import { MORE } from "./mapper";

/** Rows on their way: a line of JSON each. */
export interface RowFile {
    readonly file: string;
    /** Bytes of the longest row, or more; none when there are no rows. */
    readonly longest: number;
}

const DAY_MS = 86_400_000;

/** Bytes of rows that DuckDB reads at once, at least. */
const READ_BYTES = 256 * 1024;

/**
 * Writes the rows of a file into the folders of their days and gives their number. What the target has already is left out: it is looked for
 * in the days of the rows, where copies lie, and in those of the look-back. Of copies among the rows, the earliest stays.
 */
export async function writeRows(
    services: LakeJobServices,
    run: LakeJobRun,
    { file, longest }: RowFile,
): Promise<number> {
    if (longest === 0) return 0;
    return await services.duck.session(async (session) => {
        await readRows(session, run.job, { file, longest });
        const days = await daysOf(session, "judged");
        const known = await knownFiles(services, run, new Set(days));
        await keepFirst(session, run.job, known);
        let written = 0;
        for (const day of await daysOf(session, "fresh")) written += await writeDay(services, session, run, day);
        for (const table of ["judged", "fresh"]) await session.query(`DROP TABLE ${table}`);
        return written;
    }, run.signal);
}

async function readRows(
    session: DuckSession,
    { mapping, types }: LakeJobArguments,
    { file, longest }: RowFile,
): Promise<void> {
    const columns = [
        ...mapping.columns.map(({ target }, at) => [target, duckTypeOf(types[at])] as const),
        ...MORE.map((name) => [name, "VARCHAR"] as const),
    ];
    const typed = columns.map(([name, type]) => `${literal(name)}: ${literal(type)}`).join(", ");
    const room = Math.max(READ_BYTES, longest);
    await session.query(
        `CREATE TEMP TABLE judged AS SELECT * FROM read_json(${literal(file)}, format = 'newline_delimited', records = true, columns = {${typed}}, maximum_object_size = ${room})`,
    );
}

async function daysOf(session: DuckSession, table: string): Promise<readonly string[]> {
    const rows = await session.query(`SELECT DISTINCT __day FROM ${table} ORDER BY __day`);
    return rows.map(({ __day: day }) => String(day));
}

/** The target's files in which a row may be already. */
async function knownFiles(
    { s3, iam }: LakeJobServices,
    { caller, job: { target, lookbackDays }, now }: LakeJobRun,
    days: ReadonlySet<string>,
): Promise<readonly string[]> {
    const since = new Date(now - lookbackDays * DAY_MS).toISOString().slice(0, 10);
    const form = /^year=(\d{4})\/month=(\d\d)\/day=(\d\d)\/[^._][^/]*$/;
    const files: string[] = [];
    for (const { key } of await s3.listObjects(caller, target.bucket, target.prefix)) {
        const day = form.exec(key.slice(target.prefix.length))?.slice(1).join("-");
        if (day === undefined || !(days.has(day) || day >= since)) continue;
        iam.authorize(caller, "s3:GetObject", `arn:aws:s3:::${target.bucket}/${key}`);
        files.push(s3.file(target.bucket, key));
    }
    return files;
}

async function keepFirst(session: DuckSession, { mapping }: LakeJobArguments, known: readonly string[]): Promise<void> {
    const id = identifier(mapping.eventId);
    const time = identifier(mapping.eventTime);
    const isNew =
        known.length === 0
            ? ""
            : `ANTI JOIN (SELECT ${id} FROM read_parquet([${known.map(literal).join(", ")}], hive_partitioning = false)) USING (${id})`;
    await session.query(
        `CREATE TEMP TABLE fresh AS SELECT * FROM judged ${isNew} QUALIFY row_number() OVER (PARTITION BY ${id} ORDER BY ${time}, __digest) = 1`,
    );
}

async function writeDay(
    { s3, randomHex }: LakeJobServices,
    session: DuckSession,
    { caller, folder, job: { mapping, target } }: LakeJobRun,
    day: string,
): Promise<number> {
    const names = mapping.columns.map(({ target: name }) => identifier(name)).join(", ");
    const file = path.join(folder, `${day}.parquet`);
    const rows = `SELECT ${names} FROM fresh WHERE __day = ${literal(day)} ORDER BY ${identifier(mapping.eventTime)}`;
    const [copied] = await session.query(`COPY (${rows}) TO ${literal(file)} (FORMAT parquet, COMPRESSION snappy)`);
    const [year, month, dayOfMonth] = day.split("-");
    const name = `part-00000-${uuidOf(randomHex(32))}.c000.snappy.parquet`;
    const key = `${target.prefix}year=${year}/month=${month}/day=${dayOfMonth}/${name}`;
    await s3.putObject(caller, target.bucket, key, await fs.readFile(file));
    await fs.rm(file);
    return Number(copied.Count);
}
