import * as path from "node:path";
import { type DuckSession, identifier, literal } from "../duck";
import { batchColumn } from "./batch";
import { avroName, type DataFile, type Pairs } from "./manifest";
import { currentOrder, currentSchema, currentSpec, type TableMetadata } from "./metadata";
import { uuid } from "./snapshot";
import type { TableFiles } from "./table-files";
import { partitionValue, type Transform, transformOf } from "./transforms";
import { duckType, fieldIds, type Leaf, leaves } from "./types";
import { binaryValue, lowerBound, upperBound } from "./values";

/** What a writer of data files needs. */
export interface FileWriter {
    readonly session: DuckSession;
    readonly files: TableFiles;
    readonly metadata: TableMetadata;
    randomHex(digits: number): string;
}

/** A partition's value as text, one for each field of the spec: how DuckDB writes it, and null. */
export type PartitionTexts = readonly (string | null)[];

/**
 * Writes rows as data files, one for each partition. `rows` is the name of a table whose columns are `c<field id>`.
 * Nothing of it is visible until it is committed.
 */
export async function writeDataFiles(writer: FileWriter, rows: string): Promise<readonly DataFile[]> {
    const parts = partsOf(writer.metadata);
    const files: DataFile[] = [];
    for (const texts of await partitionsIn(writer.session, parts, rows)) {
        const file = await writeDataFile(writer, parts, texts, rows);
        if (file.record_count > 0) files.push(file);
    }
    return files;
}

interface Part extends Transform {
    readonly name: string;
    readonly column: string;
}

function partsOf(metadata: TableMetadata): readonly Part[] {
    const { fields } = currentSchema(metadata);
    return currentSpec(metadata).fields.map((part) => {
        const source = fields.find((field) => field.id === part["source-id"]);
        if (!source) throw new Error(`The partition "${part.name}" has lost its column.`);
        return { ...transformOf(part.transform, source.type), name: part.name, column: batchColumn(source) };
    });
}

async function partitionsIn(
    session: DuckSession,
    parts: readonly Part[],
    rows: string,
): Promise<readonly PartitionTexts[]> {
    if (parts.length === 0) return [[]];
    const values = parts.map((part, at) => `(${part.sql(part.column)})::VARCHAR AS p${at}`);
    const table = await session.table(`SELECT DISTINCT ${values.join(", ")} FROM ${rows} ORDER BY ALL`);
    return table.rows as readonly PartitionTexts[];
}

async function writeDataFile(
    writer: FileWriter,
    parts: readonly Part[],
    texts: PartitionTexts,
    rows: string,
): Promise<DataFile> {
    const here = parts.map((part, at) => {
        const text = texts[at];
        const value = text === null ? "NULL" : `CAST(${literal(text)} AS ${duckType(part.result)})`;
        return `${part.sql(part.column)} IS NOT DISTINCT FROM ${value}`;
    });
    const partition = Object.fromEntries(
        parts.map((part, at) => [avroName(part.name), partitionValue(part.result, texts[at])]),
    );
    const query = `SELECT * FROM ${rows}${here.length > 0 ? ` WHERE ${here.join(" AND ")}` : ""}`;
    return await writeRows(writer, newDataUrl(writer, parts, texts), partition, query);
}

/** Writes the rows of a query, whose columns are `c<field id>`, as a data file beside another of the same partition. */
export async function rewriteDataFile(writer: FileWriter, beside: DataFile, query: string): Promise<DataFile> {
    const url = `${path.posix.dirname(beside.file_path)}/${uuid(writer.randomHex(32))}.parquet`;
    return await writeRows(writer, url, beside.partition, query);
}

async function writeRows(
    { files, metadata, session }: FileWriter,
    url: string,
    partition: DataFile["partition"],
    query: string,
): Promise<DataFile> {
    const schema = currentSchema(metadata);
    const columns = schema.fields.map((field) => `${batchColumn(field)} AS ${identifier(field.name)}`);
    const order = sorting(metadata);
    const sorted = order.length > 0 ? ` ORDER BY ${order.join(", ")}` : "";
    files.makeFolder(url);
    const options = [
        `COMPRESSION ${compression(metadata)}`,
        `FIELD_IDS ${fieldIds(schema.fields)}`,
        `KV_METADATA {'iceberg.schema': ${literal(JSON.stringify(schema))}}`,
    ];
    const written = await copy(
        session,
        `SELECT ${columns.join(", ")} FROM (${query})${sorted}`,
        files.file(url),
        options,
    );
    return {
        content: 0,
        file_path: url,
        file_format: "PARQUET",
        partition,
        ...written.counts,
        ...metrics(leaves(schema.fields), written.statistics),
        sort_order_id: metadata["default-sort-order-id"],
    };
}

function newDataUrl({ files, randomHex }: FileWriter, parts: readonly Part[], texts: PartitionTexts): string {
    const folders = parts.map((part, at) => `${folderName(part.name)}=${folderName(texts[at] ?? "null")}/`);
    return `${files.location}/data/${folders.join("")}${uuid(randomHex(32))}.parquet`;
}

/** Folders are for people who look: no reader parses them, so what a key should not hold is left out. */
function folderName(text: string): string {
    return (
        text
            .replace(/[^A-Za-z0-9_.-]+/g, "_")
            .replace(/^\.+/, "")
            .slice(0, 64) || "_"
    );
}

const CODECS: Readonly<Record<string, string>> = {
    zstd: "zstd",
    snappy: "snappy",
    gzip: "gzip",
    uncompressed: "uncompressed",
};

/** `write.parquet.compression-codec`, Iceberg's default being zstd; Athena's own name for it is `write_compression`. */
function compression({ properties }: TableMetadata): string {
    const asked = properties["write.parquet.compression-codec"] ?? properties.write_compression ?? "zstd";
    return CODECS[asked.toLowerCase()] ?? "zstd";
}

function sorting(metadata: TableMetadata): readonly string[] {
    const { fields } = currentSchema(metadata);
    return currentOrder(metadata).fields.flatMap((part) => {
        const source = fields.find((field) => field.id === part["source-id"]);
        if (!source) return [];
        const value = transformOf(part.transform, source.type).sql(batchColumn(source));
        return [`${value} ${part.direction} ${part["null-order"].replace("-", " ")}`];
    });
}

/** Ids that Iceberg gives to the columns of every file of position deletes. https://iceberg.apache.org/spec/#position-delete-files */
const DELETE_PATH: Leaf = { id: 2147483546, type: "string", path: '"file_path"' };
const DELETE_POSITION: Leaf = { id: 2147483545, type: "long", path: '"pos"' };

/** Writes the positions that a query gives (`file_path`, `pos`) as one file of position deletes of a partition. */
export async function writeDeleteFile(
    { session, files, randomHex }: Pick<FileWriter, "session" | "files" | "randomHex">,
    partition: DataFile["partition"],
    beside: string,
    positions: string,
): Promise<DataFile> {
    const url = `${path.posix.dirname(beside)}/${uuid(randomHex(32))}-deletes.parquet`;
    files.makeFolder(url);
    const written = await copy(session, `${positions} ORDER BY file_path, pos`, files.file(url), [
        "COMPRESSION zstd",
        `FIELD_IDS {file_path: ${DELETE_PATH.id}, pos: ${DELETE_POSITION.id}}`,
    ]);
    return {
        content: 1,
        file_path: url,
        file_format: "PARQUET",
        partition,
        ...written.counts,
        ...metrics([DELETE_PATH, DELETE_POSITION], written.statistics, { whole: true }),
        sort_order_id: null,
    };
}

type Statistics = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Writes a query's rows as Parquet and gives what the file's footer says about them. */
async function copy(session: DuckSession, select: string, file: string, options: readonly string[]) {
    const [row] = await session.query(
        `COPY (${select}) TO ${literal(file)} (FORMAT parquet, RETURN_STATS, ${options.join(", ")})`,
    );
    const { count, file_size_bytes, column_statistics } = row as unknown as {
        readonly count: string;
        readonly file_size_bytes: string;
        readonly column_statistics: DuckMap<DuckMap<string>>;
    };
    const statistics: Statistics = new Map(
        column_statistics.map(({ key, value }) => [
            key,
            Object.fromEntries(value.map((each) => [each.key, each.value])),
        ]),
    );
    return { counts: { record_count: Number(count), file_size_in_bytes: Number(file_size_bytes) }, statistics };
}

/** A MAP as DuckDB gives it in JSON. */
type DuckMap<V> = readonly { readonly key: string; readonly value: V }[];

/** Sizes, counts and bounds by field id. Bounds of text are cut, but those of the paths in a file of deletes must be `whole`. */
function metrics(of: readonly Leaf[], statistics: Statistics, { whole = false } = {}) {
    const pairs = <V>(value: (leaf: Leaf, found: Readonly<Record<string, string>>) => V | undefined): Pairs<V> =>
        of.flatMap((leaf) => {
            const found = statistics.get(leaf.path);
            const of = found && value(leaf, found);
            return of === undefined ? [] : [{ key: leaf.id, value: of }];
        });
    const number = (name: string) =>
        pairs((_leaf, found) => (found[name] === undefined ? undefined : Number(found[name])));
    const bound = (name: string, cut: typeof lowerBound) =>
        pairs(({ type }, found) =>
            found[name] === undefined ? undefined : (whole ? binaryValue : cut)(type, found[name]),
        );
    return {
        column_sizes: number("column_size_bytes"),
        value_counts: number("num_values"),
        null_value_counts: number("null_count"),
        lower_bounds: bound("min", lowerBound),
        upper_bounds: bound("max", upperBound),
    };
}
