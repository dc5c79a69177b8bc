import { isDeepStrictEqual } from "node:util";
import { unsupported } from "../errors";
import type { AttributeValue, Item } from "./model";

/** Bytes of an item as DynamoDB counts them: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export function itemBytes(item: Item): number {
    let bytes = 0;
    for (const name in item) bytes += Buffer.byteLength(name) + valueBytes(item[name] as AttributeValue);
    return bytes;
}

/** Whether two items hold the same, whatever the order of their attributes and of the members of their sets. */
export function isSameItem(one: Item, other: Item): boolean {
    return isDeepStrictEqual(ordered(one), ordered(other));
}

/** The attributes of an item that make its key. */
export function keyOf(item: Item, attributes: readonly string[]): Item {
    return Object.fromEntries(attributes.map((name) => [name, item[name] as AttributeValue]));
}

/** A request with its binary values in base64, as dynalite takes them. What has none stays the very same object. */
export function withText(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof Uint8Array)
        return Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64");
    return changed(value as Record<string, unknown>, (inner, name) => {
        // dynalite would take it for the object's prototype, and lose it.
        if (name === "__proto__") throw unsupported('An attribute named "__proto__"');
        return withText(inner);
    });
}

/**
 * An answer with its binary values as bytes, as the wire takes them. What stands below an attribute named `B` is an object, so a text
 * below that name is a binary value.
 */
export function withBytes(value: unknown): unknown {
    if (typeof value !== "object" || value === null || value instanceof Date) return value;
    return changed(value as Record<string, unknown>, (inner, name) => {
        if (name === "B" && typeof inner === "string") return Buffer.from(inner, "base64");
        if (name === "BS" && Array.isArray(inner)) return inner.map((each) => Buffer.from(String(each), "base64"));
        return withBytes(inner);
    });
}

/** An object or a list with other members, copied only when one of them is another. */
function changed(value: Record<string, unknown>, change: (inner: unknown, name: string) => unknown): unknown {
    let copy: Record<string, unknown> | undefined;
    for (const name in value) {
        const inner = change(value[name], name);
        if (inner === value[name]) continue;
        copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
        copy[name] = inner;
    }
    return copy ?? value;
}

function valueBytes(value: AttributeValue): number {
    const type = typeOf(value);
    const held = value[type];
    switch (type) {
        case "S":
            return Buffer.byteLength(held as string);
        case "B":
            return Buffer.byteLength(held as string, "base64");
        case "N":
            return numberBytes(held as string);
        case "SS":
            return sum(held as string[], (each) => Buffer.byteLength(each));
        case "BS":
            return sum(held as string[], (each) => Buffer.byteLength(each, "base64"));
        case "NS":
            return sum(held as string[], numberBytes);
        case "L":
            return 3 + sum(held as AttributeValue[], (each) => 1 + valueBytes(each));
        case "M":
            return 3 + Object.keys(held as Item).length + itemBytes(held as Item);
        default:
            return 1;
    }
}

/** The first type that a value has, which is its only one once it is checked. */
export function typeOf(value: AttributeValue): string {
    for (const type in value) return type;
    return "";
}

const [ZERO, NINE] = [48, 57];

/** Two digits to a byte, zeros at either end apart, and one more byte. */
function numberBytes(text: string): number {
    const exponent = text.search(/[eE]/);
    const end = exponent < 0 ? text.length : exponent;
    let digits = 0;
    let significant = 0;
    for (let at = 0; at < end; at++) {
        const code = text.charCodeAt(at);
        if (code < ZERO || code > NINE || (digits === 0 && code === ZERO)) continue;
        digits++;
        if (code !== ZERO) significant = digits;
    }
    return Math.ceil(significant / 2) + 1 + (text.startsWith("-") ? 1 : 0);
}

function sum<T>(values: readonly T[], bytes: (value: T) => number): number {
    return values.reduce((total, value) => total + bytes(value), 0);
}

/** A value whose sets are sorted, without the prototypes that dynalite leaves out here and there. */
function ordered(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(ordered);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [
            name,
            /^(SS|NS|BS)$/.test(name) && Array.isArray(inner) ? [...inner].sort() : ordered(inner),
        ]),
    );
}
