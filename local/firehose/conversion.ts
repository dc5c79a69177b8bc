import { isUtf8 } from "node:buffer";
import { literal } from "../duck";
import type { ConversionConfig } from "./config";
import type { GlueColumn } from "./conversion-table";
import { INEXACT, isMisfit } from "./convert-misfit";
import { isObject, memberWriter, type SerDeRules, writerOf } from "./convert-values";
import { duckTypeOf, parseHiveType } from "./hive-type";
import { documentsIn, parseExact } from "./json-documents";
import type { Failure } from "./outcome";

/** How the records of a stream become rows of a table. */
export interface Conversion {
    /** The columns of the rows, as DuckDB's `read_json` takes them. */
    readonly columns: string;
    /** The rows of a record, each a line of JSON that fits the columns, or why it has none. */
    rowsOf(data: Buffer): string | Failure;
}

const known = new WeakMap<readonly GlueColumn[], WeakMap<ConversionConfig, Conversion | Failure>>();

/** The {@link conversionTo} these columns, made once for the same objects. */
export function conversionOf(columns: readonly GlueColumn[], config: ConversionConfig): Conversion | Failure {
    const byConfig = known.get(columns) ?? new WeakMap<ConversionConfig, Conversion | Failure>();
    known.set(columns, byConfig);
    const conversion = byConfig.get(config) ?? conversionTo(columns, config);
    byConfig.set(config, conversion);
    return conversion;
}

/** Makes the conversion to a table with these columns. */
export function conversionTo(columns: readonly GlueColumn[], config: ConversionConfig): Conversion | Failure {
    if (columns.length === 0) return NO_COLUMNS;
    const rules = rulesOf(config);
    const typed = columns.map(({ name, type = "string" }) => ({ name, type: parseHiveType(type), text: type }));
    const unknown = typed.find(({ type }) => type === undefined);
    if (unknown) return unsupportedType(unknown.name, unknown.text);
    const types = typed.map(({ name, type }) => ({ name, type: type as NonNullable<typeof type> }));
    const keyOf = (name: string) => (Object.hasOwn(config.mappings, name) ? config.mappings[name] : undefined) ?? name;
    const write = memberWriter(
        types.map(({ name, type }) => ({ name, key: keyOf(name), write: writerOf(type, rules) })),
        rules,
    );
    return {
        columns: types.map(({ name, type }) => `${literal(name)}: ${literal(duckTypeOf(type))}`).join(", "),
        rowsOf: rowsBy((document) => (isObject(document) ? `${write(document)}\n` : notAnObject(document))),
    };
}

function rulesOf({ serDe, isCaseInsensitive, dotsAreUnderscores, timestampFormats }: ConversionConfig): SerDeRules {
    const isLenient = serDe === "openX";
    return {
        isLenient,
        isCaseInsensitive,
        lowersKeys: isLenient && isCaseInsensitive,
        dotsAreUnderscores,
        timestampFormats,
    };
}

/** A record whose documents do not all fit fails as a whole: it has one outcome. */
function rowsBy(rowOf: (document: unknown) => string | Failure) {
    const rowsIn = (text: string, parse?: (text: string) => unknown): string | Failure => {
        let rows = "";
        for (const document of documentsIn(text, parse)) {
            const row = rowOf(document);
            if (typeof row !== "string") return row;
            rows += row;
        }
        return rows;
    };
    return (data: Buffer): string | Failure => {
        if (!isUtf8(data)) return malformedJson("Invalid UTF-8");
        const text = data.toString("utf8");
        if (text.trim() === "") return EMPTY;
        try {
            return rowsIn(text);
        } catch (error) {
            if (error !== INEXACT) return failureOf(error);
        }
        try {
            return rowsIn(text, parseExact);
        } catch (error) {
            return failureOf(error);
        }
    };
}

function failureOf(error: unknown): Failure {
    if (isMisfit(error)) return malformedData(error.message);
    // A document that is nested too deeply for the stack is a RangeError.
    if (error instanceof SyntaxError || error instanceof RangeError) return malformedJson(error.message);
    throw error;
}

function notAnObject(document: unknown): Failure {
    return Array.isArray(document)
        ? malformedData("Data does not match the schema. A JSON object is required.")
        : PRIMITIVE;
}

// https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html#monitoring-data-format-conversion-errors
function malformedJson(reason: string): Failure {
    return { code: "DataFormatConversion.ParseError", message: `Encountered malformed JSON. ${reason}` };
}
function malformedData(message: string): Failure {
    return { code: "DataFormatConversion.MalformedData", message };
}
const EMPTY = malformedData("The record was empty or contained only whitespace.");
const PRIMITIVE = malformedData(
    "The input JSON contained a primitive at the top level. The top level must be an object or array.",
);
const NO_COLUMNS: Failure = {
    code: "DataFormatConversion.NonExistentColumns",
    message:
        "Could not find a matching schema from AWS Glue. Please make sure the table is configured with a non-null storage descriptor containing the target columns.",
};

function unsupportedType(name: string, type: string): Failure {
    return {
        code: "DataFormatConversion.InvalidSchema",
        message: `The schema is invalid. The local runtime writes no Parquet column of the type "${type}", which "${name}" has.`,
    };
}
