import type { StorageInputs } from "../glue/catalog";
import type { FileFormat } from "./files";
import type { StatementProperties } from "./properties";
import { notSupported, queryError } from "./reasons";

/** The classes of Hive that read and write a format. https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html */
export const CLASSES = {
    parquet: {
        inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    },
    json: {
        inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
        outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        serializationLibrary: "org.apache.hive.hcatalog.data.JsonSerDe",
    },
    text: {
        inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
        outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        serializationLibrary: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    },
} as const;

/** DuckDB's names of compressions, by Athena's. https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html */
const COMPRESSIONS: Readonly<Record<FileFormat["format"], Readonly<Record<string, string>>>> = {
    parquet: {
        GZIP: "gzip",
        SNAPPY: "snappy",
        ZSTD: "zstd",
        LZ4: "lz4_raw",
        BROTLI: "brotli",
        NONE: "uncompressed",
        UNCOMPRESSED: "uncompressed",
    },
    json: { GZIP: "gzip", ZSTD: "zstd", NONE: "none" },
    text: { GZIP: "gzip", ZSTD: "zstd", NONE: "none" },
};

/** The format that a WITH clause asks for; Parquet, compressed by GZIP, unless it says so. */
export function formatOf(properties: StatementProperties): FileFormat {
    const name = String(properties.get("format") ?? "PARQUET").toUpperCase();
    const format = ({ PARQUET: "parquet", JSON: "json", TEXTFILE: "text" } as const)[name];
    if (!format) {
        if (/^(ORC|AVRO)$/.test(name)) throw notSupported(`The format ${name}`);
        throw queryError(
            "INVALID_TABLE_PROPERTY",
            `Unable to set catalog 'awsdatacatalog' table property 'format' to [${name}]`,
        );
    }
    const compression =
        properties.get("compression") ?? properties.get("write_compression") ?? properties.get(`${format}_compression`);
    const delimiter = properties.get("field_delimiter");
    return {
        format,
        compression: compressionOf(format, String(compression ?? "GZIP")),
        ...(delimiter !== undefined && { delimiter: String(delimiter) }),
    };
}

/** The format of a table's files. Throws for one that the local runtime does not write. */
export function formatOfTable(
    storage: StorageInputs = {},
    parameters: Readonly<Record<string, string>> = {},
): FileFormat {
    const { serializationLibrary: serde = "", parameters: options = {} } = storage.serDeInfo ?? {};
    const format = /parquet/i.test(serde)
        ? "parquet"
        : /json/i.test(serde)
          ? "json"
          : /LazySimple/i.test(serde)
            ? "text"
            : undefined;
    if (!format) throw notSupported(`INSERT INTO a table of the SerDe ${serde || "that names none"}`);
    const compression = parameters["write.compression"] ?? parameters[`${format}.compression`] ?? "GZIP";
    const delimiter = options["field.delim"];
    return { format, compression: compressionOf(format, compression), ...(delimiter !== undefined && { delimiter }) };
}

function compressionOf(format: FileFormat["format"], name: string): string {
    const compression = COMPRESSIONS[format][name.toUpperCase()];
    if (compression) return compression;
    throw notSupported(`The compression ${name.toUpperCase()} of ${format.toUpperCase()}`);
}

/** Where a table of a format is, and how its files are read. */
export function storageOfFormat({ format, delimiter }: FileFormat, location: string): StorageInputs {
    const { inputFormat, outputFormat, serializationLibrary } = CLASSES[format];
    return {
        location,
        inputFormat,
        outputFormat,
        serDeInfo: {
            serializationLibrary,
            parameters: { "serialization.format": "1", ...(delimiter !== undefined && { "field.delim": delimiter }) },
        },
    };
}
