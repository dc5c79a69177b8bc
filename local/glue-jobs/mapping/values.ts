import { INEXACT } from "../../firehose/convert-misfit";
import type { HiveType } from "../../firehose/hive-type";
import { exactText } from "../../firehose/json-documents";
import { isObject } from "./document";

/**
 * Writes a value, which is not null, as the JSON that DuckDB reads a column's value from. Throws {@link UNFIT} for a value that the column
 * cannot hold, and INEXACT where the spelling of a number counts: the document is read again, then, with numbers as they are spelled.
 */
export type Writer = (value: unknown) => string;

/** Thrown for a value that does not fit. */
export const UNFIT = new Error("The value does not fit.");

/** Makes the {@link Writer} of a type. The rules are those of `functions/lake_job.py`, and a test compares the two cell by cell. */
export function writerOf(type: HiveType): Writer {
    switch (type.kind) {
        case "string":
            return (value) => JSON.stringify(textOf(value));
        case "int":
            return integerWriter(32n);
        case "bigint":
            return integerWriter(64n);
        case "decimal":
            return decimalWriter(type.precision, type.scale);
        case "double":
            return writeDouble;
        case "boolean":
            return writeBoolean;
        case "date":
            return writeDate;
        case "timestamp":
            return (value) => `"${timestampOf(value)}"`;
        case "array":
            return arrayWriter(orNull(writerOf(type.element)));
        case "map":
            return mapWriter(orNull(writerOf(type.value)));
        case "struct":
            return structWriter(type.fields.map(({ name, type: inner }) => [name, writerOf(inner)] as const));
        default:
            throw new Error(`The job makes no column of the type "${type.kind}".`);
    }
}

/** The text that a text column holds of a value. */
export function textOf(value: unknown): string {
    // Halves of characters are what no UTF-8 holds.
    if (typeof value === "string") return value.isWellFormed() ? value : value.toWellFormed();
    if (typeof value === "boolean") return String(value);
    if (typeof value === "number") throw INEXACT;
    const exact = exactText(value);
    if (exact === undefined) throw UNFIT;
    return exact;
}

const NUMBER = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,9}))?$/;

/** Digits beyond which nothing is a number of any column. */
const MOST_DIGITS = 38;

/** A number times ten to the power of `scale`, as an integer, rounded half up or refused when it is none. */
function scaled(value: unknown, scale: number, rounds: boolean): bigint {
    const [sign, digits, power] = spelled(value);
    const kept = digits.length + power + scale;
    if (digits === "") return 0n;
    if (kept > MOST_DIGITS) throw UNFIT;
    const rest = digits.slice(Math.max(kept, 0));
    if (!rounds && /[1-9]/.test(rest)) throw UNFIT;
    const whole = BigInt(digits.slice(0, Math.max(kept, 0)).padEnd(Math.max(kept, 0), "0") || "0");
    const amount = kept >= 0 && rest[0] >= "5" ? whole + 1n : whole;
    return sign ? -amount : amount;
}

/** The parts of a number: sign, digits without leading zeros, and the power of ten that they count. */
function spelled(value: unknown): readonly [sign: string, digits: string, power: number] {
    const found = NUMBER.exec(typeof value === "object" ? (exactText(value) ?? "") : String(value));
    if (!found) throw UNFIT;
    const [, sign, whole, fraction = "", exponent = "0"] = found;
    return [sign, (whole + fraction).replace(/^0+/, ""), Number(exponent) - fraction.length];
}

function integerWriter(bits: bigint): Writer {
    const last = 2n ** (bits - 1n) - 1n;
    return (value) => {
        const number = scaled(value, 0, false);
        if (number < -last - 1n || number > last) throw UNFIT;
        return String(number);
    };
}

function decimalWriter(precision: number, scale: number): Writer {
    const limit = 10n ** BigInt(precision);
    return (value) => {
        const number = scaled(value, scale, true);
        const amount = number < 0n ? -number : number;
        if (amount >= limit) throw UNFIT;
        const digits = String(amount).padStart(scale + 1, "0");
        const point = digits.length - scale;
        return `"${number < 0n ? "-" : ""}${digits.slice(0, point)}${scale > 0 ? "." : ""}${digits.slice(point)}"`;
    };
}

const writeDouble: Writer = (value) => {
    if (typeof value !== "number") spelled(value);
    const number = Number(exactText(value) ?? value);
    if (!Number.isFinite(number)) throw UNFIT;
    return String(number);
};

const writeBoolean: Writer = (value) => {
    if (value === true || value === "true") return "true";
    if (value === false || value === "false") return "false";
    throw UNFIT;
};

const DATE = /^([0-9]{4}-[0-9]{2}-[0-9]{2})$/;
const TIME =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})T((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:\.([0-9]{1,9}))?(?:Z|([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?)$/;

const writeDate: Writer = (value) => {
    const day = typeof value === "string" ? DATE.exec(value)?.[1] : undefined;
    if (day === undefined || !isDay(day)) throw UNFIT;
    return `"${day}"`;
};

/** A time in UTC, as DuckDB spells it: `2026-01-31 12:00:00.123456`, cut off at microseconds. */
export function timestampOf(value: unknown): string {
    const found = typeof value === "string" ? TIME.exec(value) : null;
    if (!found) throw UNFIT;
    const [, day, clock, fraction = "", sign, hours, minutes = "0"] = found;
    if (!isDay(day)) throw UNFIT;
    const offset = sign ? (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60_000 : 60_000) : 0;
    const utc = new Date(Date.parse(`${day}T${clock}Z`) - offset);
    if (utc.getUTCFullYear() < 1 || utc.getUTCFullYear() > 9999) throw UNFIT;
    return `${utc.toISOString().slice(0, 19).replace("T", " ")}.${fraction.slice(0, 6).padEnd(6, "0")}`;
}

/** Whether the calendar has a day, in the years 1 to 9999. */
function isDay(day: string): boolean {
    const time = Date.parse(`${day}T00:00:00Z`);
    return !Number.isNaN(time) && !day.startsWith("0000") && new Date(time).toISOString().startsWith(day);
}

function orNull(write: Writer): Writer {
    return (value) => (value === null || value === undefined ? "null" : write(value));
}

function arrayWriter(write: Writer): Writer {
    return (value) => {
        if (!Array.isArray(value)) throw UNFIT;
        return `[${value.map(write).join(",")}]`;
    };
}

function mapWriter(write: Writer): Writer {
    return (value) => {
        if (!isObject(value)) throw UNFIT;
        // Of keys that become the same, the last counts: a map has each key once.
        const entries = new Map(Object.entries(value).map(([key, each]) => [textOf(key), write(each)]));
        return `{${[...entries].map(([key, each]) => `${JSON.stringify(key)}:${each}`).join(",")}}`;
    };
}

function structWriter(fields: readonly (readonly [name: string, write: Writer])[]): Writer {
    return (value) => {
        if (!isObject(value)) throw UNFIT;
        const members = fields.flatMap(([name, write]) => {
            const each = Object.hasOwn(value, name) ? value[name] : null;
            return each === null ? [] : `${JSON.stringify(name)}:${write(each)}`;
        });
        return `{${members.join(",")}}`;
    };
}
