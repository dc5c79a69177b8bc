import { ofType } from "./column-type";
import type { Column, ColumnType, Dataset } from "./dataset";
import { DATE_PATTERN, TIMESTAMP_PATTERN } from "./timestamp";

/** A JSON Schema, as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * JSON Schema (draft 7) of a dataset's records. It knows standard keywords only, so any validator reads it the same way.
 * - A column that the dataset does not know is allowed. An optional one may be absent or null.
 * - `long` is held to ±(2^53 - 1): beyond that JSON.parse has lost digits, and a number that would be stored wrong is refused.
 *   Larger ids belong in a `decimal(19,0)`, sent as a string, or in a `string`.
 * - `decimal` is a string with no more digits than the type has, or a number in the type's range, which is rounded to its scale when stored.
 */
export function jsonSchema(dataset: Dataset): JsonSchema {
    return {
        $schema: "http://json-schema.org/draft-07/schema#",
        title: dataset.name,
        ...(dataset.doc && { description: dataset.doc }),
        ...objectSchema(dataset.columns),
    };
}

function objectSchema(columns: readonly Column[]): JsonSchema {
    return {
        type: "object",
        required: columns.filter((column) => !column.optional).map((column) => column.name),
        properties: Object.fromEntries(columns.map((column) => [column.name, columnSchema(column)])),
    };
}

function columnSchema(column: Column): JsonSchema {
    const { type, ...rest } = typeSchema(column.type);
    const oneOf = column.oneOf && [...column.oneOf, ...(column.optional ? [null] : [])];
    return {
        type: column.optional ? [type, "null"].flat() : type,
        ...rest,
        ...(column.pattern !== undefined && { pattern: column.pattern }),
        ...(oneOf && { enum: oneOf }),
        ...(column.doc && { description: column.doc }),
    };
}

function typeSchema(type: ColumnType): JsonSchema {
    return ofType<JsonSchema>(type, {
        string: { type: "string" },
        int: { type: "integer", minimum: -2147483648, maximum: 2147483647 },
        long: { type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
        double: { type: "number" },
        boolean: { type: "boolean" },
        date: { type: "string", pattern: DATE_PATTERN },
        timestamp: { type: "string", pattern: TIMESTAMP_PATTERN },
        decimal: decimalSchema,
        struct: objectSchema,
        array: (element) => ({ type: "array", items: typeSchema(element) }),
        map: (value) => ({ type: "object", additionalProperties: typeSchema(value) }),
    });
}

function decimalSchema(precision: number, scale: number): JsonSchema {
    const whole = precision - scale;
    const fraction = scale > 0 ? `(?:\\.\\d{1,${scale}})?` : "";
    const largest = largestDecimal(whole, scale);
    return {
        type: ["string", "number"],
        pattern: `^-?${whole > 0 ? `\\d{1,${whole}}` : "0"}${fraction}$`,
        minimum: -largest,
        maximum: largest,
    };
}

/** The largest number of the type: `99.99`, or where a double rounds that up to a power of ten, the double below. */
function largestDecimal(whole: number, scale: number): number {
    const largest = Number(`${"9".repeat(whole)}.${"9".repeat(scale)}`);
    const limit = Number(`1e${whole}`);
    return largest < limit ? largest : limit * (1 - Number.EPSILON / 2);
}

/**
 * Request model of a dataset's records for API Gateway, as a schema of OpenAPI 3.0. API Gateway's import drops what goes beyond `type`,
 * `required`, `properties`, `items`, `enum` and `pattern` and knows no nullable column, so the model says nothing of what it cannot say:
 * it lets through what the validator then refuses, and never refuses what the validator takes.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
export function apiModel(dataset: Dataset): JsonSchema {
    return { ...objectModel(dataset.columns), ...(dataset.doc && { description: dataset.doc }) };
}

function objectModel(columns: readonly Column[]): JsonSchema {
    const required = columns.filter((column) => !column.optional).map((column) => column.name);
    return {
        type: "object",
        // Draft 4 has no empty list of required properties.
        ...(required.length > 0 && { required }),
        properties: Object.fromEntries(columns.map((column) => [column.name, columnModel(column)])),
    };
}

function columnModel(column: Column): JsonSchema {
    const doc = column.doc && { description: column.doc };
    if (column.optional) return { ...doc };
    return {
        ...typeModel(column.type),
        ...(column.pattern !== undefined && { pattern: column.pattern }),
        ...(column.oneOf && { enum: column.oneOf }),
        ...doc,
    };
}

function typeModel(type: ColumnType): JsonSchema {
    return ofType<JsonSchema>(type, {
        string: { type: "string" },
        int: { type: "integer" },
        long: { type: "integer" },
        double: { type: "number" },
        boolean: { type: "boolean" },
        date: { type: "string", pattern: DATE_PATTERN },
        timestamp: { type: "string", pattern: TIMESTAMP_PATTERN },
        decimal: () => ({}),
        struct: objectModel,
        array: (element) => ({ type: "array", items: typeModel(element) }),
        map: () => ({ type: "object" }),
    });
}
