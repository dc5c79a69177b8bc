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

/** The Parquet file of the rows in a file, each a line of JSON that fits the columns. */
export async function parquetOf(
    duck: Duck,
    file: string,
    { columns, longest }: ParquetRows,
    compression: ParquetCompression,
): Promise<Buffer> {
    const target = `${file}.parquet`;
    const room = Math.max(READ_BYTES, longest);
    const rows = `read_json(${literal(file)}, format = 'newline_delimited', records = true, columns = {${columns}}, maximum_object_size = ${room})`;
    await duck.query(
        `COPY (SELECT * FROM ${rows}) TO ${literal(target)} (FORMAT parquet, COMPRESSION ${compression.toLowerCase()})`,
    );
    const parquet = await fs.readFile(target);
    await fs.rm(target);
    return parquet;
}
