import { badInput, INEXACT } from "./convert-misfit";
import type { Writer } from "./convert-numbers";
import { exactText } from "./json-documents";

const ZERO = "0".charCodeAt(0);

/** Numbers from here on count milliseconds, those below seconds. Tried on AWS in September 2026: floci-io/floci#3333. */
const FIRST_MILLIS = 1e12;

/** Writer of `date`: `2026-1-31` is one as well, a time is none. */
export const dateWriter: Writer = (value) => {
    const [, year = "", month = "", day = ""] = (isText(value) && /^(\d{4})-(\d\d?)-(\d\d?)$/.exec(value)) || [];
    if (!isDay(Number(year), Number(month), Number(day))) throw badInput(textOf(value));
    return `"${year}-${padded(month)}-${padded(day)}"`;
};

/**
 * Writer of `timestamp`. It takes `2026-01-31 12:00:00` with any fraction, the same with a T and perhaps a Z, and seconds or milliseconds
 * since 1970; before all, the formats in Joda's letters that the deserializer is given. Times are UTC, with microseconds.
 */
export function timestampWriter(formats: readonly string[] = []): Writer {
    const parsers = [...formats.map(jodaParser), isoTime, spacedTime];
    return (value) => {
        const number = typeof value === "number" ? value : Number(exactText(value) ?? Number.NaN);
        const text = typeof value === "string" ? value : "";
        const written = Number.isNaN(number) ? firstOf(parsers, text) : fromEpoch(number);
        if (written === undefined && typeof value === "number") throw INEXACT;
        if (written === undefined) throw badInput(textOf(value));
        return `"${written}"`;
    };
}

type Parser = (text: string) => string | undefined;

function firstOf(parsers: readonly Parser[], text: string): string | undefined {
    for (const parse of parsers) {
        const found = parse(text);
        if (found !== undefined) return found;
    }
    return /^\s*-?\d+(\.\d*)?([eE][+-]?\d+)?\s*$/.test(text) ? fromEpoch(Number(text)) : undefined;
}

const spacedTime: Parser = (text) =>
    written(/^(\d{4})-(\d\d?)-(\d\d?) (\d\d?):(\d\d?):(\d\d?)(?:\.(\d{1,9}))?$/.exec(text)?.slice(1));

const isoTime: Parser = (text) => {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?$/.test(text)) return undefined;
    const [year, month, day] = [number(text, 0, 4), number(text, 5, 7), number(text, 8, 10)];
    if (!isDay(year, month, day)) return undefined;
    if (number(text, 11, 13) > 23 || number(text, 14, 16) > 59 || number(text, 17, 19) > 59) return undefined;
    // Microseconds, and no Z.
    return `${text.slice(0, 10)} ${text.slice(11, text.endsWith("Z") ? Math.min(26, text.length - 1) : 26)}`;
};

/** The number that digits in a text make: there are six in a time, and to cut each out takes longer. */
function number(text: string, from: number, to: number): number {
    let value = 0;
    for (let at = from; at < to; at++) value = 10 * value + text.charCodeAt(at) - ZERO;
    return value;
}

/** The time of year, month, day, hour, minute, second and fraction, or undefined when there is no such time. */
function written(parts: readonly (string | undefined)[] | undefined): string | undefined {
    if (!parts) return undefined;
    const [year = "1970", month = "1", day = "1", hour = "0", minute = "0", second = "0", fraction = ""] = parts;
    if (!isDay(Number(year), Number(month), Number(day))) return undefined;
    if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
    const date = `${year.padStart(4, "0")}-${padded(month)}-${padded(day)}`;
    const micros = fraction.slice(0, 6);
    return `${date} ${padded(hour)}:${padded(minute)}:${padded(second)}${micros && `.${micros}`}`;
}

/** Years of four digits only. */
function fromEpoch(number: number): string | undefined {
    const micros = Math.round(Math.abs(number) < FIRST_MILLIS ? number * 1e6 : number * 1e3);
    const seconds = Math.floor(micros / 1e6);
    const date = new Date(seconds * 1000);
    if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999) return undefined;
    const fraction = String(micros - seconds * 1e6).padStart(6, "0");
    return `${date.toISOString().slice(0, 19).replace("T", " ")}.${fraction}`;
}

/** Where a part of a time stands among those of {@link written}, by Joda's letter. */
const PLACES: Readonly<Record<string, number>> = { y: 0, Y: 0, M: 1, d: 2, H: 3, m: 4, s: 5, S: 6 };

/** Letters that {@link timestampWriter} knows in a format of its deserializer. */
export const JODA_LETTERS = `${Object.keys(PLACES).join("")}Z`;

/** A parser of a pattern such as `yyyy-MM-dd'T'HH:mm:ss.SSSZ`, or of `millis`. */
function jodaParser(pattern: string): Parser {
    if (pattern === "millis") return (text) => (/^-?\d+$/.test(text) ? fromMillis(Number(text)) : undefined);
    const places: number[] = [];
    let offset = -1;
    const regex = pattern.replace(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/g, (token, literal, letter) => {
        if (letter === "Z") offset = places.length;
        if (letter) places.push(PLACES[letter] ?? -1);
        if (letter === "Z") return "(Z|[+-]\\d\\d:?\\d\\d)";
        if (letter) return token.length > 2 || letter === "S" ? `(\\d{${token.length}})` : "(\\d\\d?)";
        return escaped(literal === "" ? "'" : (literal ?? token));
    });
    const form = new RegExp(`^${regex}$`);
    return (text) => {
        const found = form.exec(text)?.slice(1);
        const parts: (string | undefined)[] = [];
        found?.forEach((part, index) => {
            parts[places[index] ?? -1] = part;
        });
        const local = found && written(parts);
        return local === undefined || offset < 0 ? local : inUtc(local, found?.[offset] ?? "Z");
    };
}

function inUtc(local: string, offset: string): string | undefined {
    if (offset === "Z") return local;
    const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(offset) ?? [];
    const shift = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1) * 60_000;
    const [whole = "", fraction = ""] = local.split(".");
    const date = new Date(Date.parse(`${whole.replace(" ", "T")}Z`) - shift).toISOString();
    return date.startsWith("-") || date.startsWith("+")
        ? undefined
        : `${date.slice(0, 19).replace("T", " ")}${fraction && `.${fraction}`}`;
}

function fromMillis(millis: number): string | undefined {
    return fromEpoch(Math.abs(millis) < FIRST_MILLIS ? millis / 1000 : millis);
}

function escaped(literal: string): string {
    return literal.replace(/''/g, "'").replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function isDay(year: number, month: number, day: number): boolean {
    if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1)) return false;
    const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] as number;
    return day <= days;
}

function padded(number: string): string {
    return number.padStart(2, "0");
}

function isText(value: unknown): value is string {
    return typeof value === "string";
}

function textOf(value: unknown): string {
    return isText(value) ? value : (exactText(value) ?? JSON.stringify(value) ?? "");
}
