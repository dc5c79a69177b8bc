import Ajv, { type ErrorObject, type ValidateFunction } from "ajv";
import { unsupported } from "../errors";

/** Checks a body against a model: AWS's sentences about what is wrong with it, none when all is well. */
export type ModelValidator = (body: unknown) => readonly string[];

/**
 * Keywords that API Gateway's import does not carry into a model; a body is never checked against them.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
 */
export const IGNORED_KEYWORDS: ReadonlySet<string> = new Set(
    "additionalProperties anyOf oneOf maxItems minItems nullable exclusiveMinimum exclusiveMaximum discriminator example readOnly writeOnly xml externalDocs deprecated default".split(
        " ",
    ),
);

const CHECKED_KEYWORDS: ReadonlySet<string> = new Set(
    "$ref type required properties patternProperties items enum pattern minimum maximum multipleOf minLength maxLength minProperties maxProperties uniqueItems allOf not dependencies".split(
        " ",
    ),
);
const HARMLESS_KEYWORDS: ReadonlySet<string> = new Set([
    "title",
    "description",
    "$schema",
    "id",
    "definitions",
    "format",
]);
const CHECKED_FORMATS: ReadonlySet<string> = new Set([
    "date-time",
    "email",
    "ipv6",
    "regex",
    "uri",
    "hostname",
    "ipv4",
]);

/** Most sentences in one answer. AWS has no such limit, but a hostile body could ask for millions. */
const MAX_SENTENCES = 50;
/** Most characters of a value that a sentence quotes. */
const MAX_QUOTE = 1000;
/** Size of a body, in elements looked at, up to which every problem is listed rather than the first. */
const MAX_EXPLAINED = 10_000;

/** Makes the validator of a model of the document. Throws for keywords that the local runtime lacks. */
export function modelValidator(schema: unknown, models: Readonly<Record<string, unknown>>): ModelValidator {
    const definitions = Object.fromEntries(Object.entries(models).map(([name, model]) => [name, imported(model)]));
    const document = { allOf: [imported(schema)], definitions };
    const options = {
        strict: false,
        meta: false,
        validateSchema: false,
        validateFormats: false,
        unicodeRegExp: false,
        verbose: true,
    };
    const first = new Ajv(options).compile(document);
    let all: ValidateFunction | undefined;
    return (body) => {
        if (first(body)) return [];
        if (first.errors && !fits(body, MAX_EXPLAINED)) return sentences(first.errors);
        all ??= new Ajv({ ...options, allErrors: true }).compile(document);
        all(body);
        return sentences(all.errors ?? []);
    };
}

/** A schema as API Gateway keeps it: JSON schema draft 4, without what the import leaves out, with references inside the document. */
function imported(schema: unknown): unknown {
    if (typeof schema !== "object" || schema === null) return schema;
    const out: Record<string, unknown> = {};
    for (const [keyword, value] of Object.entries(schema)) {
        if (IGNORED_KEYWORDS.has(keyword) || keyword.startsWith("x-")) continue;
        if (!CHECKED_KEYWORDS.has(keyword) && !HARMLESS_KEYWORDS.has(keyword))
            throw unsupported(`The keyword ${keyword} in a model`);
        if (keyword === "format" && CHECKED_FORMATS.has(String(value)))
            throw unsupported(`The format ${value} in a model`);
        if (CHECKED_KEYWORDS.has(keyword)) out[keyword] = importedValue(keyword, value);
    }
    return out;
}

function importedValue(keyword: string, value: unknown): unknown {
    if (keyword === "$ref") return String(value).replace("#/components/schemas/", "#/definitions/");
    if (keyword === "items" || keyword === "not") return imported(value);
    if (keyword === "allOf") return (value as unknown[]).map(imported);
    if (keyword === "properties" || keyword === "patternProperties" || keyword === "dependencies") {
        const schemas = Object.entries(value as object).map(([name, inner]) => [
            name,
            Array.isArray(inner) ? inner : imported(inner),
        ]);
        return Object.fromEntries(schemas);
    }
    return value;
}

/** Whether a document has at most that many values, counted without recursion. */
function fits(body: unknown, most: number): boolean {
    const left = [body];
    for (let count = 0; left.length > 0; count++) {
        if (count + left.length > most) return false;
        const value = left.pop();
        if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) left.push(inner);
    }
    return true;
}

/** The sentences of json-schema-validator, the Java library that API Gateway uses: like it, nothing is said about the inside of what is wrong itself. */
function sentences(errors: readonly ErrorObject[]): readonly string[] {
    const wrong = new Set(errors.map((error) => error.instancePath));
    const inside = (path: string): boolean => {
        for (let end = path.lastIndexOf("/"); end >= 0; end = path.lastIndexOf("/", end - 1)) {
            if (wrong.has(path.slice(0, end))) return true;
            if (end === 0) break;
        }
        return false;
    };
    const outermost = errors.filter((error) => !inside(error.instancePath));
    return [...new Set(outermost.map(sentence))].filter((text) => text !== "").slice(0, MAX_SENTENCES);
}

/** https://github.com/java-json-tools/json-schema-validator/blob/master/src/main/resources/com/github/fge/jsonschema/validator/validation.properties */
function sentence(error: ErrorObject): string {
    const { keyword, schema, data } = error;
    const length = typeof data === "string" ? [...data].length : 0;
    switch (keyword) {
        case "type":
            return `instance type (${typeOf(data)}) does not match any allowed primitive type (allowed: ${JSON.stringify(allowedTypes(schema))})`;
        case "required":
            return `object has missing required properties (${JSON.stringify(missing(error))})`;
        case "enum":
            return `instance value (${quoted(data)}) not found in enum (possible values: ${JSON.stringify(schema)})`;
        case "pattern":
            return `ECMA 262 regex ${quote(schema)} does not match input string ${quote(data)}`;
        case "minLength":
            return `string ${quote(data)} is too short (length: ${length}, required minimum: ${schema})`;
        case "maxLength":
            return `string ${quote(data)} is too long (length: ${length}, maximum allowed: ${schema})`;
        case "minimum":
            return `numeric instance is lower than the required minimum (minimum: ${schema}, found: ${quoted(data)})`;
        case "maximum":
            return `numeric instance is greater than the required maximum (maximum: ${schema}, found: ${quoted(data)})`;
        case "multipleOf":
            return `remainder of division is not zero (${quoted(data)} / ${schema})`;
        case "uniqueItems":
            return "array must not contain duplicate elements";
        case "minProperties":
            return `object has too few properties (found ${Object.keys(data as object).length} but schema requires at least ${schema})`;
        case "maxProperties":
            return `object has too many properties (found ${Object.keys(data as object).length} but schema requires at most ${schema})`;
        case "not":
            return "instance matched a schema which it should not have";
        default:
            return "";
    }
}

function missing(error: ErrorObject): readonly string[] {
    return (error.schema as readonly string[]).filter((name) => !Object.hasOwn(error.data as object, name)).sort();
}

function allowedTypes(schema: unknown): readonly string[] {
    const types = [schema].flat() as string[];
    return types.includes("number") ? [...new Set([...types, "integer"])].sort() : types;
}

function typeOf(data: unknown): string {
    if (data === null) return "null";
    if (Array.isArray(data)) return "array";
    if (typeof data === "number") return Number.isInteger(data) ? "integer" : "number";
    return typeof data;
}

function quoted(data: unknown): string {
    return clipped(JSON.stringify(data));
}

function quote(text: unknown): string {
    return `"${clipped(String(text))}"`;
}

function clipped(text: string): string {
    return text.length > MAX_QUOTE ? `${text.slice(0, MAX_QUOTE)}…` : text;
}
