import { decimalOf, type IcebergType } from "./types";

const MICROS = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00|Z)?$/;

/** Days since 1970 of `2026-11-20`. */
export function daysOf(text: string): number {
    return Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / 86_400_000;
}

/** Microseconds since 1970 of a timestamp as DuckDB writes it. */
export function microsOf(text: string): bigint {
    const [, day, time, fraction = ""] = MICROS.exec(text) ?? [];
    if (!day) throw new Error(`"${text}" is not a timestamp in UTC.`);
    return BigInt(Date.parse(`${day}T${time}Z`)) * 1000n + BigInt(fraction.padEnd(6, "0"));
}

/**
 * A single value in Iceberg's binary form, as bounds hold it, from the text that DuckDB writes for it; undefined when there is none.
 * https://iceberg.apache.org/spec/#appendix-d-single-value-serialization
 */
export function binaryValue(type: IcebergType, text: string): Buffer | undefined {
    const decimal = decimalOf(type);
    if (decimal) return bigEndian(unscaled(text, decimal.scale));
    switch (type) {
        case "boolean":
            return Buffer.of(text === "true" || text === "1" ? 1 : 0);
        case "int":
            return int32(Number(text));
        case "date":
            return int32(daysOf(text));
        case "long":
            return int64(BigInt(text));
        case "timestamp":
        case "timestamptz":
            return int64(microsOf(text));
        case "float":
        case "double":
            return floating(type, Number(text));
        case "string":
            return Buffer.from(text);
    }
    return undefined;
}

/** How much of a text a bound keeps, as Iceberg's own writers do by default (`truncate(16)`). */
const BOUND_CHARACTERS = 16;

/** The lower bound of a column from its least value. */
export function lowerBound(type: IcebergType, least: string): Buffer | undefined {
    return binaryValue(type, type === "string" ? [...least.slice(0, 64)].slice(0, BOUND_CHARACTERS).join("") : least);
}

/** The upper bound of a column from its greatest value: a longer text is cut and its last character raised. None when it cannot be raised. */
export function upperBound(type: IcebergType, greatest: string): Buffer | undefined {
    if (type !== "string") return binaryValue(type, greatest);
    const characters = [...greatest.slice(0, 64)];
    if (characters.length <= BOUND_CHARACTERS) return Buffer.from(greatest);
    const kept = characters.slice(0, BOUND_CHARACTERS).map((character) => character.codePointAt(0) as number);
    while (kept.length > 0) {
        const next = raised(kept.pop() as number);
        if (next !== undefined) return Buffer.from(String.fromCodePoint(...kept, next));
    }
    return undefined;
}

function raised(codePoint: number): number | undefined {
    if (codePoint === 0x10ffff) return undefined;
    return codePoint === 0xd7ff ? 0xe000 : codePoint + 1;
}

function int32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    return bytes;
}

function int64(value: bigint): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
}

function floating(type: "float" | "double", value: number): Buffer | undefined {
    if (Number.isNaN(value)) return undefined;
    const bytes = Buffer.alloc(type === "float" ? 4 : 8);
    if (type === "float") bytes.writeFloatLE(value);
    else bytes.writeDoubleLE(value);
    return bytes;
}

/** The unscaled integer of a decimal: `1.50` at scale 2 is 150. */
export function unscaled(text: string, scale: number): bigint {
    const [whole, fraction = ""] = text.split(".");
    return BigInt(whole + fraction.padEnd(scale, "0"));
}

/** Two's complement, big endian, in as few bytes as hold it. */
function bigEndian(value: bigint): Buffer {
    return fixedBigEndian(value, bytesFor(value));
}

/** Two's complement, big endian, in that many bytes: how Avro's `fixed` holds a decimal. */
export function fixedBigEndian(value: bigint, size: number): Buffer {
    const hex = BigInt.asUintN(size * 8, value).toString(16);
    return Buffer.from(hex.padStart(size * 2, "0"), "hex");
}

function bytesFor(value: bigint): number {
    let size = 1;
    while (BigInt.asIntN(size * 8, value) !== value) size++;
    return size;
}

/** The order of two values in Iceberg's binary form: negative, zero or positive. */
export function compareBinary(type: IcebergType, a: Buffer, b: Buffer): number {
    if (type === "string") return Buffer.compare(a, b);
    const [left, right] = [numberIn(type, a), numberIn(type, b)];
    return left < right ? -1 : left > right ? 1 : 0;
}

function numberIn(type: IcebergType, bytes: Buffer): number | bigint {
    if (decimalOf(type)) return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString("hex")}`));
    switch (type) {
        case "boolean":
            return bytes[0];
        case "float":
            return bytes.readFloatLE();
        case "double":
            return bytes.readDoubleLE();
    }
    return bytes.length === 4 ? bytes.readInt32LE() : bytes.readBigInt64LE();
}
