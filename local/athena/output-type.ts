import type { DuckDBType } from "@duckdb/node-api";
import { identifier } from "../duck";
import { queryError } from "./reasons";

/** How a column is written: Hive's name of its type, and DuckDB's. */
export interface OutputType {
    readonly hive: string;
    readonly duck: string;
}

/** The parts that the classes of DuckDB's types have. */
interface Shape {
    readonly alias?: string;
    readonly valueType?: DuckDBType;
    readonly keyType?: DuckDBType;
    readonly entryNames?: readonly string[];
    readonly entryTypes?: readonly DuckDBType[];
}

const SIMPLE: Readonly<Record<string, string>> = {
    VARCHAR: "string",
    BOOLEAN: "boolean",
    TINYINT: "tinyint",
    SMALLINT: "smallint",
    INTEGER: "int",
    BIGINT: "bigint",
    FLOAT: "float",
    DOUBLE: "double",
    DATE: "date",
    TIMESTAMP: "timestamp",
    BLOB: "binary",
};

/** What Athena takes these types of DuckDB for. */
const WIDENED: Readonly<Record<string, string>> = {
    HUGEINT: "BIGINT",
    UHUGEINT: "BIGINT",
    UBIGINT: "BIGINT",
    UINTEGER: "BIGINT",
    USMALLINT: "INTEGER",
    UTINYINT: "SMALLINT",
};

/** How a column of a query's result is written to a file. Throws in Athena's words for a type that Hive lacks. */
export function outputType(type: DuckDBType): OutputType {
    const { alias, valueType, keyType, entryNames, entryTypes } = type as Shape;
    if (entryTypes && entryNames) {
        const fields = entryTypes.map((each, at) => ({ name: entryNames[at], ...outputType(each) }));
        return {
            hive: `struct<${fields.map(({ name, hive }) => `${name}:${hive}`).join(",")}>`,
            duck: `STRUCT(${fields.map(({ name, duck }) => `${identifier(name)} ${duck}`).join(", ")})`,
        };
    }
    if (keyType && valueType) {
        const [key, value] = [outputType(keyType), outputType(valueType)];
        return { hive: `map<${key.hive},${value.hive}>`, duck: `MAP(${key.duck}, ${value.duck})` };
    }
    if (valueType) {
        const { hive, duck } = outputType(valueType);
        return { hive: `array<${hive}>`, duck: `${duck}[]` };
    }
    const name = alias ?? String(type);
    if (/^DECIMAL/.test(name)) return { hive: name.toLowerCase(), duck: name };
    const duck = WIDENED[name] ?? name;
    const hive = SIMPLE[duck];
    if (hive) return { hive, duck };
    throw queryError("NOT_SUPPORTED", `Unsupported Hive type: ${name.toLowerCase()}`);
}
