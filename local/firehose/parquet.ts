import * as fs from "node:fs/promises";
import { literal } from "../duck";
import type { Duck } from "../services";
import type { ParquetCompression } from "./config";

/** Bytes of a row that DuckDB takes: beyond the answer of a function, the largest record that there is. */
const MAX_ROW_BYTES = 64 * 1024 * 1024;

/** The Parquet file of the rows in a file, lines of JSON that fit the columns. */
export async function parquetOf(
    duck: Duck,
    file: string,
    columns: string,
    compression: ParquetCompression,
): Promise<Buffer> {
    const target = `${file}.parquet`;
    const rows = `read_json(${literal(file)}, format = 'newline_delimited', columns = {${columns}}, maximum_object_size = ${MAX_ROW_BYTES})`;
    await duck.query(
        `COPY (SELECT * FROM ${rows}) TO ${literal(target)} (FORMAT parquet, COMPRESSION ${compression.toLowerCase()})`,
    );
    const parquet = await fs.readFile(target);
    await fs.rm(target);
    return parquet;
}
