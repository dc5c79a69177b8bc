import type { ColumnInfo } from "@aws-sdk/client-athena";
import type { DuckDBType } from "@duckdb/node-api";
import { notSupported } from "./reasons";

/** How Athena names a type of DuckDB, and what its client libraries are told of it. */
interface Kind {
    readonly type: string;
    readonly precision: number;
}

/** DuckDB's type names without parameters, and Athena's. A sum of bigints is a bigint there. */
const KINDS: Readonly<Record<string, Kind>> = {
    VARCHAR: { type: "varchar", precision: 2147483647 },
    BOOLEAN: { type: "boolean", precision: 0 },
    TINYINT: { type: "tinyint", precision: 3 },
    SMALLINT: { type: "smallint", precision: 5 },
    INTEGER: { type: "integer", precision: 10 },
    BIGINT: { type: "bigint", precision: 19 },
    HUGEINT: { type: "bigint", precision: 19 },
    UBIGINT: { type: "bigint", precision: 19 },
    UHUGEINT: { type: "bigint", precision: 19 },
    UINTEGER: { type: "bigint", precision: 19 },
    USMALLINT: { type: "integer", precision: 10 },
    UTINYINT: { type: "integer", precision: 10 },
    FLOAT: { type: "float", precision: 17 },
    DOUBLE: { type: "double", precision: 17 },
    DATE: { type: "date", precision: 0 },
    TIME: { type: "time", precision: 3 },
    TIMESTAMP: { type: "timestamp", precision: 3 },
    "TIMESTAMP WITH TIME ZONE": { type: "timestamp with time zone", precision: 3 },
    BLOB: { type: "varbinary", precision: 1073741824 },
    INTERVAL: { type: "interval day to second", precision: 0 },
    JSON: { type: "json", precision: 0 },
    SQLNULL: { type: "unknown", precision: 0 },
};

/** A type of DuckDB as a value of it is to be read: the parts that its classes have. */
interface Shape {
    readonly alias?: string;
    readonly width?: number;
    readonly scale?: number;
    readonly valueType?: DuckDBType;
    readonly keyType?: DuckDBType;
    readonly entryNames?: readonly string[];
    readonly entryTypes?: readonly DuckDBType[];
}

/** What GetQueryResults tells of a column. https://docs.aws.amazon.com/athena/latest/APIReference/API_ColumnInfo.html */
export function columnInfo(name: string, duckType: DuckDBType): ColumnInfo {
    const { type, precision, scale } = kindOf(duckType);
    return {
        CatalogName: "hive",
        SchemaName: "",
        TableName: "",
        Name: name,
        Label: name,
        Type: type,
        Precision: precision,
        Scale: scale,
        Nullable: "UNKNOWN",
        CaseSensitive: type === "varchar" || type === "char",
    };
}

function kindOf(duckType: DuckDBType): Kind & { readonly scale: number } {
    const { alias, width = 0, scale = 0, valueType, keyType, entryTypes } = duckType as Shape;
    if (entryTypes) return { type: "row", precision: 0, scale: 0 };
    if (keyType) return { type: "map", precision: 0, scale: 0 };
    if (valueType) return { type: "array", precision: 0, scale: 0 };
    const name = (alias ?? String(duckType)).replace(/\(.*$/s, "");
    if (name === "DECIMAL") return { type: "decimal", precision: width, scale };
    return { ...(KINDS[name] ?? { type: "varchar", precision: 2147483647 }), scale: 0 };
}

/** A value, as DuckDB gives it in JSON, as the text that Athena's results hold; undefined for NULL. */
export function textOf(duckType: DuckDBType, value: unknown): string | undefined {
    if (value === null || value === undefined) return undefined;
    const { valueType, keyType, entryNames, entryTypes } = duckType as Shape;
    const part = (type: DuckDBType, each: unknown) => textOf(type, each) ?? "null";
    if (entryTypes && entryNames) {
        if (entryNames.includes("")) throw notSupported("A ROW without names (CAST it AS ROW(name type, ...))");
        const fields = value as Readonly<Record<string, unknown>>;
        return `{${entryNames.map((name, at) => `${name}=${part(entryTypes[at], fields[name])}`).join(", ")}}`;
    }
    if (keyType && valueType) {
        const pairs = value as readonly { readonly key: unknown; readonly value: unknown }[];
        return `{${pairs.map((pair) => `${part(keyType, pair.key)}=${part(valueType, pair.value)}`).join(", ")}}`;
    }
    if (valueType) return `[${(value as readonly unknown[]).map((each) => part(valueType, each)).join(", ")}]`;
    return scalarText(String(duckType), value);
}

function scalarText(type: string, value: unknown): string {
    switch (type) {
        case "DOUBLE":
            return javaDouble(Number(value));
        case "FLOAT":
            return javaDouble(shortestFloat(Number(value)));
        case "TIMESTAMP":
            return withFraction(String(value), 6);
        case "TIMESTAMP WITH TIME ZONE":
            return `${withFraction(String(value).replace(/\+00$/, ""), 3)} UTC`;
        case "BLOB":
            return hexOf(String(value));
        case "INTERVAL":
            return interval(value as { months: number; days: number; micros: string });
    }
    return String(value);
}

/** A double as Java writes it, which is what Athena shows: `1.0`, `1.0E7`. */
export function javaDouble(value: number): string {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    const size = Math.abs(value);
    if (size === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
    if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
    const [digits, exponent] = value.toExponential().split("e");
    return `${digits.includes(".") ? digits : `${digits}.0`}E${Number(exponent)}`;
}

/** The number with the fewest digits that is the same float. */
function shortestFloat(value: number): number {
    for (let digits = 1; digits <= 9; digits++) {
        const rounded = Number(value.toPrecision(digits));
        if (Math.fround(rounded) === value) return rounded;
    }
    return value;
}

/** At least as many digits behind the second as the type of the table's columns has. */
function withFraction(timestamp: string, digits: number): string {
    const [seconds, fraction = ""] = timestamp.split(".");
    return `${seconds}.${fraction.padEnd(digits, "0")}`;
}

/** Bytes in hexadecimal with spaces between, from DuckDB's text of a BLOB. */
function hexOf(blob: string): string {
    const hex = blob.replace(/\\x([0-9A-Fa-f]{2})|(.)/gs, (_, escaped: string | undefined, plain: string) =>
        escaped ? escaped.toLowerCase() : plain.charCodeAt(0).toString(16).padStart(2, "0"),
    );
    return hex.match(/../g)?.join(" ") ?? "";
}

function interval({ months, days, micros }: { months: number; days: number; micros: string }): string {
    if (months !== 0) return `${Math.trunc(months / 12)}-${Math.abs(months % 12)}`;
    const total = Math.floor(Number(micros) / 1000);
    const pad = (value: number, width: number) => String(value).padStart(width, "0");
    const seconds = Math.floor(total / 1000);
    const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((each) => pad(each, 2));
    return `${days} ${clock.join(":")}.${pad(total % 1000, 3)}`;
}
