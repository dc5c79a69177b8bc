import { decimalOf, type IcebergType, type ListType, type MapType, type StructType } from "./types";

const NUMBER = Symbol("number");

/** A number with the text it had in the document, digit for digit. */
export interface JsonNumber {
    readonly source: string;
    readonly [NUMBER]: true;
}

/** Reviver for JSON.parse that keeps each number's own text. */
export function jsonNumber(_key: string, value: unknown, context: { readonly source: string }): unknown {
    return typeof value === "number" ? { source: context.source, [NUMBER]: true } : value;
}

/** The text of a number, or undefined for anything else. A plain number has only the digits of its double. */
function digitsOf(value: unknown): string | undefined {
    if (typeof value === "number") return String(value);
    return isJsonNumber(value) ? value.source : undefined;
}

function isJsonNumber(value: unknown): value is JsonNumber {
    return typeof value === "object" && value !== null && NUMBER in value;
}

/** Whether a value of that type must have been parsed with {@link jsonNumber}: a number in it may have more digits than a double. */
export function wantsExact(type: IcebergType, value: unknown): boolean {
    if (typeof type === "object") return typeof value === "object" && value !== null;
    const isText = type === "string";
    return (isText || type === "long" || decimalOf(type) !== undefined) && typeof value !== "string" && value !== null;
}

/** A name in double quotes, short enough for a message. */
export function quoted(text: string): string {
    return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/**
 * The JSON text of a value as DuckDB reads it back without loss: exact numbers as they are, decimals as text, timestamps in UTC. Throws a sentence
 * that names the column when the value does not fit the type. `path` is the column's name, or `a.b` inside a struct.
 */
export function canonical(type: IcebergType, value: unknown, path: string): string {
    if (typeof type === "object") {
        if (type.type === "struct") return struct(type, value, path);
        return type.type === "list" ? list(type, value, path) : map(type, value, path);
    }
    const text = primitive(type, value);
    if (text !== undefined) return text;
    throw new Error(`Column ${quoted(path)} is of type ${type}, and ${shown(value)} does not fit.`);
}

function shown(value: unknown): string {
    return quotedJson(value).replace(/^(.{40}).+$/su, "$1…");
}

/** JSON text of a value whose numbers are {@link JsonNumber}s. */
function quotedJson(value: unknown): string {
    const digits = digitsOf(value);
    if (digits !== undefined) return digits;
    if (Array.isArray(value)) return `[${value.map(quotedJson).join(",")}]`;
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    return `{${Object.entries(value)
        .map(([key, item]) => `${JSON.stringify(key)}:${quotedJson(item)}`)
        .join(",")}}`;
}

function primitive(type: string, value: unknown): string | undefined {
    const decimal = decimalOf(type);
    if (decimal) return decimalText(value, decimal);
    const digits = digitsOf(value);
    switch (type) {
        case "int":
            return digits === undefined ? undefined : wholeText(digits, 31);
        case "long":
            return digits === undefined ? undefined : wholeText(digits, 63);
        case "float":
            return Number.isFinite(Math.fround(Number(digits))) ? digits : undefined;
        case "double":
            return Number.isFinite(Number(digits)) ? digits : undefined;
        case "boolean":
            return typeof value === "boolean" ? String(value) : undefined;
        case "date":
            return typeof value === "string" && isDay(value) ? JSON.stringify(value) : undefined;
        case "timestamp":
        case "timestamptz":
            return typeof value === "string" ? utc(value) : undefined;
    }
    return wellFormed(value) ? quotedJson(value) : undefined;
}

/** Half of a surrogate pair is no text that UTF-8 could hold. */
function wellFormed(value: unknown): boolean {
    return typeof value !== "string" || !/\p{Surrogate}/u.test(value);
}

function wholeText(source: string, bits: number): string | undefined {
    const number = exact(source);
    if (number?.scale !== 0) return undefined;
    const limit = 2n ** BigInt(bits);
    return number.digits >= -limit && number.digits < limit ? String(number.digits) : undefined;
}

/** A number that is no text and has at most 15 digits to keep has the digits of its double, as when DuckDB reads it. */
function decimalText(value: unknown, { precision, scale }: { precision: number; scale: number }): string | undefined {
    const digits = digitsOf(value);
    const source = digits !== undefined && precision <= 15 ? String(Number(digits)) : (digits ?? value);
    const number = typeof source === "string" ? exact(source) : undefined;
    if (!number || number.scale > scale) return undefined;
    const unscaled = number.digits * 10n ** BigInt(scale - number.scale);
    const limit = 10n ** BigInt(precision);
    if (unscaled <= -limit || unscaled >= limit) return undefined;
    const text = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
    const point = text.length - scale;
    return `"${unscaled < 0n ? "-" : ""}${text.slice(0, point)}${scale > 0 ? `.${text.slice(point)}` : ""}"`;
}

/** A number as digits and the count of those behind the point, trailing zeros left out: `1.50` is 15 and 1. */
function exact(source: string): { readonly digits: bigint; readonly scale: number } | undefined {
    const [, sign, whole, fraction = "", exponent = "0"] =
        /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/.exec(source) ?? [];
    if (whole === undefined || Math.abs(Number(exponent)) > 400) return undefined;
    const kept = fraction.replace(/0+$/, "");
    let digits = BigInt(whole + kept);
    let scale = kept.length - Number(exponent);
    if (scale < 0) digits *= 10n ** BigInt(-scale);
    while (scale > 0 && digits % 10n === 0n) {
        digits /= 10n;
        scale--;
    }
    return { digits: sign ? -digits : digits, scale: Math.max(0, scale) };
}

const DAY = /^(?!0000)\d{4}-\d\d-\d\d$/;
const INSTANT =
    /^((?!0000)\d{4}-\d\d-\d\d)[T ]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d)(?::?([0-5]\d))?)?$/;

function isDay(text: string): boolean {
    return DAY.test(text) && isoOf(Date.parse(`${text}T00:00:00Z`))?.slice(0, 10) === text;
}

function isoOf(milliseconds: number): string | undefined {
    return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}

/** The instant in UTC, cut to microseconds. */
function utc(text: string): string | undefined {
    const [, day, time, fraction = "", sign, hours = "0", minutes = "0"] = INSTANT.exec(text) ?? [];
    if (!day || !isDay(day) || Number(hours) > 23) return undefined;
    const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60_000 : 60_000);
    const iso = isoOf(Date.parse(`${day}T${time}Z`) - offset) as string;
    if (!/^(?!0000)\d{4}-/.test(iso)) return undefined;
    return `"${iso.slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, "0")}Z"`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value) && digitsOf(value) === undefined;
}

function struct(type: StructType, value: unknown, path: string): string {
    if (!isObject(value)) throw new Error(`Column ${quoted(path)} is a struct, and ${shown(value)} is not an object.`);
    const parts = type.fields.map((field) => {
        const below = `${path}.${field.name}`;
        const part = Object.hasOwn(value, field.name) ? value[field.name] : null;
        return `${JSON.stringify(field.name)}:${nullable(field.type, part, below, field.required)}`;
    });
    return `{${parts.join(",")}}`;
}

function list(type: ListType, value: unknown, path: string): string {
    if (!Array.isArray(value))
        throw new Error(`Column ${quoted(path)} is a list, and ${shown(value)} is not an array.`);
    const items = value.map((item, at) => nullable(type.element, item, `${path}[${at}]`, type["element-required"]));
    return `[${items.join(",")}]`;
}

function map(type: MapType, value: unknown, path: string): string {
    if (!isObject(value)) throw new Error(`Column ${quoted(path)} is a map, and ${shown(value)} is not an object.`);
    const pairs = Object.entries(value).map(([key, item]) => {
        if (!wellFormed(key)) throw new Error(`Column ${quoted(path)} has a key that is not valid Unicode.`);
        return `${JSON.stringify(key)}:${nullable(type.value, item, `${path}[${quoted(key)}]`, type["value-required"])}`;
    });
    return `{${pairs.join(",")}}`;
}

function nullable(type: IcebergType, value: unknown, path: string, required: boolean): string {
    if (value !== null) return canonical(type, value, path);
    if (required) throw new Error(`Column ${quoted(path)} is required.`);
    return "null";
}
