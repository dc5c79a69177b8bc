import type { NormalizedSchema } from "@smithy/core/schema";
import { serviceError } from "../errors";

/** Turns one JSON value of a request into what an operation takes, in place, or throws AWS's SerializationException. */
export type Read = (value: unknown) => unknown;

/** Turns one value of an operation's answer into what `JSON.stringify` takes. */
export type Write = (value: unknown) => unknown;

/** A structure, as the SDK's static schemas have it: members and their shapes, of which the first `required` must be given. */
interface Struct {
    readonly members: readonly string[];
    readonly required: number;
}

const readers = new WeakMap<object, Read>();
const writers = new WeakMap<object, Write>();

/** The {@link Read} of a schema. What a type mismatch is called was measured on Athena (2026-09-23) and is the same in all of AWS's JSON services. */
export function reader(schema: NormalizedSchema): Read {
    if (schema.isStructSchema()) return remembered(readers, schema, structReader);
    if (schema.isListSchema()) return listReader(reader(schema.getValueSchema()));
    if (schema.isMapSchema()) return mapReader(reader(schema.getValueSchema()));
    if (schema.isBlobSchema()) return readBlob;
    if (schema.isTimestampSchema()) return readTimestamp;
    if (schema.isStringSchema()) return readString;
    if (schema.isBooleanSchema()) return readBoolean;
    if (schema.isNumericSchema()) return readNumber;
    return (value) => value;
}

/** The {@link Write} of a schema: blobs become base64, times seconds since 1970, and members that the schema lacks are left out. */
export function writer(schema: NormalizedSchema): Write {
    if (schema.isStructSchema()) return remembered(writers, schema, structWriter);
    if (schema.isListSchema()) return listWriter(writer(schema.getValueSchema()));
    if (schema.isMapSchema()) return mapWriter(writer(schema.getValueSchema()));
    if (schema.isBlobSchema()) return (value) => Buffer.from(value as Uint8Array).toString("base64");
    if (schema.isTimestampSchema()) return (value) => timestamp(value as Date, schema);
    return (value) => value;
}

/**
 * What a request lacks, as AWS says it: `Value null at 'records.1.member.data' failed to satisfy constraint: Member must not be null`.
 * It is asked for only when {@link isComplete} says no, so it may be slow.
 */
export function missing(schema: NormalizedSchema, value: unknown, path = ""): string[] {
    if (value === undefined) return [];
    const at = (step: string | number) => (path ? `${path}.${step}` : String(step));
    if (schema.isListSchema())
        return (value as unknown[]).flatMap((item, i) => missing(schema.getValueSchema(), item, at(`${i + 1}.member`)));
    if (schema.isMapSchema())
        return Object.entries(value as object).flatMap(([key, item]) =>
            missing(schema.getValueSchema(), item, at(`${key}.member`)),
        );
    if (!schema.isStructSchema()) return [];
    const { members, required } = struct(schema);
    const given = value as Record<string, unknown>;
    return members.flatMap((name, i) => {
        const step = at(name[0]?.toLowerCase() + name.slice(1));
        if (given[name] !== undefined) return missing(schema.getMemberSchema(name), given[name], step);
        if (i >= required) return [];
        return [`Value null at '${step}' failed to satisfy constraint: Member must not be null`];
    });
}

/** Whether nothing that a schema requires is missing. */
export function isComplete(schema: NormalizedSchema, value: unknown): boolean {
    return check(schema)(value);
}

type Check = (value: unknown) => boolean;
const checks = new WeakMap<object, Check>();
const always: Check = () => true;

/** Compiled once per structure, because it runs for every record of every batch. */
function check(schema: NormalizedSchema): Check {
    if (schema.isListSchema() || schema.isMapSchema()) {
        const item = check(schema.getValueSchema());
        if (item === always) return always;
        return schema.isListSchema()
            ? (value) => (value as unknown[]).every(item)
            : (value) => Object.values(value as object).every(item);
    }
    if (!schema.isStructSchema()) return always;
    return remembered(checks, schema, (own) => (canLack(own) ? structCheck(own) : always));
}

/** Whether a value of a schema can lack anything: whether a structure in its reach has members that must be given. */
function canLack(schema: NormalizedSchema, seen = new Set<unknown>()): boolean {
    if (schema.isListSchema() || schema.isMapSchema()) return canLack(schema.getValueSchema(), seen);
    if (!schema.isStructSchema() || seen.has(schema.getSchema())) return false;
    seen.add(schema.getSchema());
    const { members, required } = struct(schema);
    return required > 0 || members.some((name) => canLack(schema.getMemberSchema(name), seen));
}

function structCheck(schema: NormalizedSchema): Check {
    const { members, required } = struct(schema);
    const needed = members.slice(0, required);
    const nested = members.map((name) => [name, check(schema.getMemberSchema(name))] as const);
    const inner = nested.filter(([, item]) => item !== always);
    return (value) => {
        const given = value as Record<string, unknown>;
        for (const name of needed) if (given[name] === undefined) return false;
        for (const [name, item] of inner) if (given[name] !== undefined && !item(given[name])) return false;
        return true;
    };
}

/** Schemas are recursive: what stands in the table while a structure is compiled waits for the first value. */
function remembered<F extends (value: unknown) => unknown>(
    table: WeakMap<object, F>,
    schema: NormalizedSchema,
    make: (schema: NormalizedSchema) => F,
): F {
    const key = schema.getSchema() as object;
    const known = table.get(key);
    if (known) return known;
    let made: F | undefined;
    table.set(key, ((value: unknown) => made?.(value)) as F);
    made = make(schema);
    table.set(key, made);
    return made;
}

function struct(schema: NormalizedSchema): Struct {
    const raw = schema.getSchema() as unknown as [number, string, string, unknown, string[], unknown[], number?];
    return { members: raw[4], required: raw[6] ?? 0 };
}

function structReader(schema: NormalizedSchema): Read {
    const members = new Map(struct(schema).members.map((name) => [name, reader(schema.getMemberSchema(name))]));
    return (value) => {
        if (typeof value !== "object" || value === null) throw mismatch("Expected null");
        if (Array.isArray(value)) throw mismatch("Start of list found where not expected");
        const given = value as Record<string, unknown>;
        for (const name in given) readMember(given, name, members.get(name));
        return given;
    };
}

/** What AWS does not know goes, and so does `null`. */
function readMember(given: Record<string, unknown>, name: string, read: Read | undefined): void {
    const before = given[name];
    if (!read || before === null) {
        delete given[name];
        return;
    }
    const after = read(before);
    if (after !== before) given[name] = after;
}

/** AWS drops a `null` in a list. */
function listReader(read: Read): Read {
    return (value) => {
        if (Array.isArray(value)) {
            const items = value.includes(null) ? value.filter((item) => item !== null) : value;
            for (let index = 0; index < items.length; index++) items[index] = read(items[index]);
            return items;
        }
        throw mismatch(
            typeof value === "object" ? "Start of structure or map found where not expected." : "Expected list or null",
        );
    };
}

function mapReader(read: Read): Read {
    return (value) => {
        if (Array.isArray(value)) throw mismatch("Start of list found where not expected");
        if (typeof value !== "object") throw mismatch("Expected map or null");
        const given = value as Record<string, unknown>;
        for (const key in given) readMember(given, key, read);
        return given;
    };
}

function readBlob(value: unknown): Buffer {
    if (typeof value !== "string") throw notA(value, "a Blob");
    const blob = Buffer.from(value, "base64");
    if (value.length % 4 === 0 && blob.length === bytesIn(value) && hasOwnAlphabet(value)) return blob;
    throw mismatch(`'${clipped(value)}' can not be converted to a Blob: ${base64Problem(value)}`);
}

function bytesIn(base64: string): number {
    const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
    return (base64.length / 4) * 3 - padding;
}

/**
 * Whether a text of which Node has decoded every character has none but those of base64. It passes over others, so that bytes are missing then; but it
 * takes those of base64url for their counterparts, and of characters that are not ASCII it sees a part.
 */
function hasOwnAlphabet(decoded: string): boolean {
    return Buffer.byteLength(decoded) === decoded.length && !decoded.includes("-") && !decoded.includes("_");
}

function base64Problem(value: string): string {
    const wrong = /[^A-Za-z0-9+/=]|=[^=]/.exec(value);
    if (value.length % 4) return `Base64 encoded length is expected a multiple of 4 bytes but found: ${value.length}`;
    return `Invalid Base64 character: '${wrong?.[0][0] ?? "="}'`;
}

/** An error names the value, which may be a megabyte. */
function clipped(value: string): string {
    return value.length > 100 ? `${value.slice(0, 100)}...` : value;
}

function readTimestamp(value: unknown): Date {
    const date = typeof value === "number" ? new Date(value * 1000) : new Date(Number.NaN);
    if (Number.isNaN(date.getTime())) throw notA(value, "milliseconds since epoch");
    return date;
}

function readString(value: unknown): string {
    if (typeof value === "string") return value;
    throw notA(value, "a String");
}

function readBoolean(value: unknown): boolean {
    if (typeof value === "boolean") return value;
    throw notA(value, "a Boolean");
}

function readNumber(value: unknown): number {
    if (typeof value === "number") return value;
    throw notA(value, "an Integer");
}

function notA(value: unknown, type: string) {
    if (Array.isArray(value)) return mismatch("Start of list found where not expected");
    if (typeof value === "object") return mismatch("Start of structure or map found where not expected.");
    const found = typeof value === "boolean" ? String(value).toUpperCase() : (typeof value).toUpperCase();
    return mismatch(`${found}_VALUE can not be converted to ${type}`);
}

function mismatch(message: string) {
    return serviceError("SerializationException", message);
}

function structWriter(schema: NormalizedSchema): Write {
    const members = struct(schema).members.map((name) => [name, writer(schema.getMemberSchema(name))] as const);
    return (value) => {
        const given = value as Record<string, unknown>;
        const made: Record<string, unknown> = {};
        for (const [name, write] of members) {
            const item = given[name];
            if (item !== undefined && item !== null) made[name] = write(item);
        }
        return made;
    };
}

function listWriter(write: Write): Write {
    return (value) =>
        (value as readonly unknown[]).map((item) => (item === undefined || item === null ? null : write(item)));
}

function mapWriter(write: Write): Write {
    return (value) => Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, write(item)]));
}

/** The schema's own formats: 5 is ISO 8601, 6 is an HTTP date, and all others are seconds since 1970. */
function timestamp(value: Date, schema: NormalizedSchema): string | number {
    const format = schema.getSchema();
    if (format === 5) return value.toISOString();
    if (format === 6) return value.toUTCString();
    return value.getTime() / 1000;
}
