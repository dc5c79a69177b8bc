import * as fs from "node:fs/promises";
import { literal } from "../duck";
import type { Duck } from "../services";
import type { ParquetCompression } from "./config";

/** Rows that become Parquet. */
export interface ParquetRows {
    /** Their columns, as DuckDB's `read_json` takes them. */
    readonly columns: string;
    /** Bytes of the longest, or more. */
    readonly longest: number;
}

/** Bytes of rows that DuckDB reads at once, at least. It takes twice the room, whatever there is to read. */
const READ_BYTES = 256 * 1024;

/** Rows of a group, which DuckDB has in memory until they are written: a quarter of what it takes by default. */
const GROUP_ROWS = 30_720;

/** The last file that an engine was asked for. */
const turns = new WeakMap<Duck, Promise<unknown>>();

/** The Parquet file of the rows in a file, each a line of JSON that fits the columns. One after the other: four at once are more than the engine's memory. */
export async function parquetOf(...args: Parameters<typeof write>): Promise<Buffer> {
    const [duck] = args;
    const before = turns.get(duck) ?? Promise.resolve();
    const turn = before.then(() => write(...args));
    turns.set(
        duck,
        turn.catch(() => undefined),
    );
    return turn;
}

async function write(
    duck: Duck,
    file: string,
    { columns, longest }: ParquetRows,
    compression: ParquetCompression,
): Promise<Buffer> {
    const target = `${file}.parquet`;
    const room = Math.max(READ_BYTES, longest);
    const rows = `read_json(${literal(file)}, format = 'newline_delimited', records = true, columns = {${columns}}, maximum_object_size = ${room})`;
    await duck.query(
        `COPY (SELECT * FROM ${rows}) TO ${literal(target)} ` +
            `(FORMAT parquet, COMPRESSION ${compression.toLowerCase()}, ROW_GROUP_SIZE ${GROUP_ROWS})`,
    );
    const parquet = await fs.readFile(target);
    await fs.rm(target);
    return parquet;
}
