import { unsupported } from "../errors";
import { decimalOf, type IcebergType } from "./types";
import { daysOf, fixedBigEndian, microsOf, unscaled } from "./values";

/** A field of a partition spec in Iceberg's JSON form. */
export interface PartitionField {
    readonly name: string;
    readonly "source-id": number;
    readonly "field-id": number;
    /** `identity`, `year`, `month`, `day`, `hour`, `truncate[4]`, `bucket[16]`. */
    readonly transform: string;
}

/** How to compute a transform in SQL, and the type of what it gives. */
export interface Transform {
    /** SQL that turns a column into the partition's value. */
    sql(column: string): string;
    /** DuckDB's values of this type are the partition's values. */
    readonly result: string;
}

/** A partition's value as the manifests hold it. */
export type PartitionValue = string | number | bigint | boolean | Buffer | null;

const TIMES: Readonly<Record<string, (column: string) => string>> = {
    year: (c) => `(year(${c}) - 1970)::INTEGER`,
    month: (c) => `((year(${c}) - 1970) * 12 + month(${c}) - 1)::INTEGER`,
    // Iceberg shows a day as a date: both are days since 1970.
    day: (c) => `${c}::DATE`,
    hour: (c) => `floor(epoch_us(${c}) / 3600000000.0)::INTEGER`,
};

/**
 * Reads a partition transform over a column's type. Throws LocalUnsupported for one that Iceberg does not have or that the type does not allow.
 * https://iceberg.apache.org/spec/#partition-transforms
 */
export function transformOf(transform: string, source: IcebergType): Transform {
    const found = typeof source === "string" ? find(transform, source) : undefined;
    if (found) return found;
    throw unsupported(`The partition transform "${transform}" of a column of type ${JSON.stringify(source)}`);
}

function find(transform: string, source: string): Transform | undefined {
    if (transform === "identity") return { sql: (column) => column, result: source };
    if (Object.hasOwn(TIMES, transform)) {
        const fits = source.startsWith("timestamp") || (source === "date" && transform !== "hour");
        return fits ? { sql: TIMES[transform], result: transform === "day" ? "date" : "int" } : undefined;
    }
    const [, name, parameter] = /^(bucket|truncate)\[([1-9]\d{0,8})\]$/.exec(transform) ?? [];
    if (name === "bucket") return bucket(source, Number(parameter));
    return name ? truncate(source, Number(parameter)) : undefined;
}

function truncate(source: string, width: number): Transform | undefined {
    const scale = decimalOf(source)?.scale ?? 0;
    if (source === "string") return { sql: (c) => `left(${c}, ${width})`, result: source };
    if (source !== "int" && source !== "long" && !decimalOf(source)) return undefined;
    const step = scale === 0 ? String(width) : `${width} * ${`0.${"1".padStart(scale, "0")}`}`;
    return { sql: (c) => `(${c} - (((${c} % (${step})) + (${step})) % (${step})))`, result: source };
}

/** Types whose values {@link BUCKET_FUNCTION} can hash. */
const HASHED = /^(int|long|date|timestamp|timestamptz|string|decimal\(.*\))$/;

/** Name of the SQL function of {@link bucketHash}: `iceberg_hash(type, value as text)`. */
export const BUCKET_FUNCTION = "iceberg_hash";

function bucket(source: string, buckets: number): Transform | undefined {
    if (!HASHED.test(source)) return undefined;
    const sql = (c: string) => `((${BUCKET_FUNCTION}('${source}', ${c}::VARCHAR) & 2147483647) % ${buckets})::INTEGER`;
    return { sql, result: "int" };
}

/**
 * Iceberg's 32-bit hash of a value, from the text that DuckDB writes for it. Whole numbers, days and microseconds hash as 8 bytes.
 * https://iceberg.apache.org/spec/#appendix-b-32-bit-hash-requirements
 */
export function bucketHash(type: string, text: string): number {
    return murmur3(hashedBytes(type, text));
}

function hashedBytes(type: string, text: string): Buffer {
    if (type === "string") return Buffer.from(text);
    const decimal = decimalOf(type);
    if (decimal) return shortest(unscaled(text, decimal.scale));
    const bytes = Buffer.alloc(8);
    if (type === "date") bytes.writeBigInt64LE(BigInt(daysOf(text)));
    else bytes.writeBigInt64LE(type.startsWith("timestamp") ? microsOf(text) : BigInt(text));
    return bytes;
}

function shortest(value: bigint): Buffer {
    let size = 1;
    while (BigInt.asIntN(size * 8, value) !== value) size++;
    return fixedBigEndian(value, size);
}

/** MurmurHash3, 32 bits, x86, seed 0. */
function murmur3(bytes: Buffer): number {
    const whole = bytes.length & ~3;
    let hash = 0;
    for (let at = 0; at < whole; at += 4) {
        hash ^= mixed(bytes.readInt32LE(at));
        hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
    }
    let tail = 0;
    for (let at = bytes.length - 1; at >= whole; at--) tail = (tail << 8) | bytes[at];
    if (whole < bytes.length) hash ^= mixed(tail);
    hash ^= bytes.length;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
}

function mixed(block: number): number {
    const spread = Math.imul(block, 0xcc9e2d51);
    return Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
}

/** A partition's value from the text that DuckDB writes for it. */
export function partitionValue(result: string, text: string | null): PartitionValue {
    if (text === null) return null;
    const decimal = decimalOf(result);
    if (decimal) return fixedBigEndian(unscaled(text, decimal.scale), decimalBytes(decimal.precision));
    switch (result) {
        case "boolean":
            return text === "true";
        case "date":
            return daysOf(text);
        case "long":
            return BigInt(text);
        case "timestamp":
        case "timestamptz":
            return microsOf(text);
        case "int":
        case "float":
        case "double":
            return Number(text);
    }
    return text;
}

/** Bytes that Avro's `fixed` needs for a decimal of that precision. */
export function decimalBytes(precision: number): number {
    return Math.ceil((precision * Math.log2(10) + 1) / 8);
}
