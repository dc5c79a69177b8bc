import { deflateRawSync, inflateRawSync } from "node:zlib";
import { type Schema, Type, types } from "avsc";

/**
 * Avro's object container files, written and read whole: manifests are small, and a commit should not wait for streams.
 * https://avro.apache.org/docs/1.12.0/specification/#object-container-files
 */
interface Header {
    readonly magic: Buffer;
    readonly meta: Readonly<Record<string, Buffer>>;
    readonly sync: Buffer;
}

/** Longs are numbers as far as JavaScript's are exact, and big integers beyond. */
const LONG = types.LongType.__with({
    fromBuffer: (bytes: Buffer) => {
        const value = bytes.readBigInt64LE();
        return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    },
    toBuffer: (value: number | bigint) => {
        const bytes = Buffer.alloc(8);
        bytes.writeBigInt64LE(BigInt(value));
        return bytes;
    },
    fromJSON: BigInt,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === "bigint" || Number.isSafeInteger(value),
    compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

const HEADER = Type.forSchema({
    type: "record",
    name: "Header",
    fields: [
        { name: "magic", type: { type: "fixed", name: "Magic", size: 4 } },
        { name: "meta", type: { type: "map", values: "bytes" } },
        { name: "sync", type: { type: "fixed", name: "Sync", size: 16 } },
    ],
});

const MAGIC = Buffer.from([0x4f, 0x62, 0x6a, 1]);
const COUNT = Type.forSchema("long");
const compiled = new Map<string, Type>();

function typeOf(schema: string): Type {
    const known = compiled.get(schema);
    if (known) return known;
    const type = Type.forSchema(JSON.parse(schema) as Schema, {
        // A long that is a timestamp comes as an object, which a registry would not see.
        typeHook: (each) => (each === "long" || (each as { type?: unknown }).type === "long" ? LONG : undefined),
        wrapUnions: false,
    });
    compiled.set(schema, type);
    return type;
}

/** A container file of these records. `schema` keeps attributes that Avro does not know, such as Iceberg's `field-id`. */
export function toAvro(
    schema: object,
    metadata: Readonly<Record<string, string>>,
    records: readonly unknown[],
    sync: Buffer,
): Buffer {
    const text = JSON.stringify(schema);
    const type = typeOf(text);
    const meta = { ...metadata, "avro.schema": text, "avro.codec": "deflate" };
    const header = HEADER.toBuffer({
        magic: MAGIC,
        meta: Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, Buffer.from(value)])),
        sync,
    });
    if (records.length === 0) return header;
    const block = deflateRawSync(Buffer.concat(records.map((record) => type.toBuffer(record))));
    return Buffer.concat([header, COUNT.toBuffer(records.length), COUNT.toBuffer(block.length), block, sync]);
}

/** The records of a container file. */
export function fromAvro<T>(file: Buffer): readonly T[] {
    const { value, offset } = HEADER.decode(file, 0) as { value: Header; offset: number };
    const type = typeOf(value.meta["avro.schema"].toString());
    const records: T[] = [];
    for (let at = offset; at < file.length; ) {
        const count = COUNT.decode(file, at);
        const size = COUNT.decode(file, count.offset);
        const block = inflateRawSync(file.subarray(size.offset, size.offset + size.value));
        for (let read = 0, next = 0; read < count.value; read++) {
            const record = type.decode(block, next);
            records.push(record.value as T);
            next = record.offset;
        }
        at = size.offset + size.value + value.sync.length;
    }
    return records;
}
