import { badInput, INEXACT, misfit } from "./convert-misfit";
import { exactText } from "./json-documents";

/** Writes a value as the JSON that DuckDB reads it from. Throws a misfit, or INEXACT. */
export type Writer = (value: unknown) => string;

/** First and last value of Hive's integers. */
const RANGES = {
    tinyint: [-(2n ** 7n), 2n ** 7n - 1n],
    smallint: [-(2n ** 15n), 2n ** 15n - 1n],
    int: [-(2n ** 31n), 2n ** 31n - 1n],
    bigint: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/** Writer of an integer type. A lenient deserializer reads texts, too. */
export function integerWriter(kind: keyof typeof RANGES, isLenient: boolean): Writer {
    const [first, last] = RANGES[kind];
    const [low, high] = [Number(first), Number(last)];
    return (value) => {
        if (typeof value === "number") {
            if (Number.isSafeInteger(value) && value >= low && value <= high) return String(value || 0);
            if (!Number.isSafeInteger(value)) throw INEXACT;
            throw outOfRange(String(value), kind, isLenient);
        }
        const text = numberText(value, isLenient);
        const integer = integerIn(text);
        if (integer === undefined) throw badInput(text);
        if (integer < first || integer > last) throw outOfRange(text, kind, isLenient);
        return String(integer);
    };
}

/** `12`, and `12.0` or `1.2e1`, which are the same number. */
function integerIn(text: string): bigint | undefined {
    if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace("+", ""));
    const value = Number(text);
    return Number.isSafeInteger(value) && text.trim() !== "" && /^[-\d]/.test(text) ? BigInt(value) : undefined;
}

function outOfRange(text: string, kind: string, isLenient: boolean): Error {
    return isLenient ? badInput(text) : misfit(`Numeric value (${text}) out of range of ${kind}`);
}

/** Writer of `float` and `double`. */
export function floatingWriter(kind: "float" | "double", isLenient: boolean): Writer {
    const fits = kind === "float" ? (value: number) => Number.isFinite(Math.fround(value)) : Number.isFinite;
    return (value) => {
        if (typeof value === "number" && fits(value)) return String(value);
        // A number beyond the range has lost its digits.
        if (typeof value === "number") throw INEXACT;
        const text = numberText(value, isLenient);
        const parsed = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
        if (!fits(parsed)) throw badInput(text);
        return String(parsed);
    };
}

/** Writer of a decimal: a text with exactly `scale` digits behind the point, half rounded up, that DuckDB takes as it is. */
export function decimalWriter(precision: number, scale: number, isLenient: boolean): Writer {
    const limit = 10n ** BigInt(precision);
    return (value) => {
        if (typeof value === "number") throw INEXACT;
        const text = numberText(value, isLenient);
        const [, sign = "", whole = "", fraction = "", exponent = "0"] =
            /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
        if (whole + fraction === "") throw badInput(text);
        const scaled = scaledBy(whole + fraction, Number(exponent) - fraction.length + scale);
        if (scaled === undefined || scaled >= limit) throw badInput(text);
        const digits = String(scaled).padStart(scale + 1, "0");
        const point = digits.length - scale;
        return `"${sign === "-" ? "-" : ""}${digits.slice(0, point)}${scale > 0 ? "." : ""}${digits.slice(point)}"`;
    };
}

/** Digits times ten to a power, rounded; undefined when that is beyond all decimals, so that `1e1000000000` costs nothing. */
function scaledBy(digits: string, power: number): bigint | undefined {
    const value = BigInt(digits);
    if (value === 0n || power < -digits.length) return 0n;
    if (power >= 0) return power > 100 ? undefined : value * 10n ** BigInt(power);
    const divisor = 10n ** BigInt(-power);
    return (value + divisor / 2n) / divisor;
}

/** The text of a number; where the deserializer reads texts, that of a text. */
function numberText(value: unknown, isLenient: boolean): string {
    const exact = exactText(value);
    if (exact !== undefined) return exact;
    if (typeof value !== "string") throw badInput(JSON.stringify(value) ?? "");
    if (isLenient) return value;
    throw misfit("Current token (VALUE_STRING) not numeric, can not use numeric value accessors");
}
