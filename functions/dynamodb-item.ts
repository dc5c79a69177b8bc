import { normalNumber } from "./dynamodb-number";
import { exactly } from "./exact-json";
import { type ReadRecord, type Rejected, rejected } from "./record";

/** A value as DynamoDB's API has it. JSON knows no sets and no bytes. */
export type Attribute =
    | { readonly S: string }
    | { readonly N: string }
    | { readonly BOOL: boolean }
    | { readonly NULL: true }
    | { readonly L: Attribute[] }
    | { readonly M: Item };

/** An item as DynamoDB's API has it. */
export type Item = Record<string, Attribute>;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const LARGEST_ITEM = 400 * 1024;
const DEEPEST = 32;

/**
 * No text of so many units makes a larger item: a unit is at most three bytes, and no JSON takes less than half of the bytes that DynamoDB
 * counts for it.
 */
const SURELY_SMALL = LARGEST_ITEM / 6;

/** A number with an exponent, or with more digits than the 15 that JavaScript surely holds; or what looks like one in a string. */
const LONG_NUMBER = /[[:,]\s*-?(?:[\d.]{16}|[\d.]+[eE])/;

/** Why a record fits no item, if it does not. That takes no time for what is plain and small. The record stays as it is. */
export function itemProblem({ text, isPlain }: ReadRecord): string | undefined {
    if (isPlain && text.length <= SURELY_SMALL) return undefined;
    const made = itemOf({ text, value: JSON.parse(text), isPlain });
    return "problems" in made ? made.problems[0] : undefined;
}

/**
 * Makes an item of a record, with every number that the record's text has, never by way of a JavaScript number that is another one. Refuses
 * what DynamoDB would refuse, so that it does not refuse the items beside it. The record's value is used up: it becomes the item, which takes
 * a third less time than to make another. `change` is what has been changed in the value.
 */
export function itemOf(
    { text, value, isPlain }: ReadRecord,
    change?: (fields: Record<string, unknown>) => unknown,
): { readonly item: Item } | Rejected {
    try {
        const isExact = isPlain || !LONG_NUMBER.test(text);
        const fields = isExact ? value : (exactly(text, value) as Record<string, unknown>);
        if (fields !== value) change?.(fields);
        const item = mapOf(fields, 0);
        if (text.length > SURELY_SMALL && sizeOfMap(item) > LARGEST_ITEM)
            return rejected("larger than 400 KB as an item");
        return { item };
    } catch (error) {
        // What has no problem to tell is the engine's stack, which came to its end.
        return rejected((error as { problem?: string }).problem ?? TOO_DEEP);
    }
}

const TOO_DEEP = `nested more than ${DEEPEST} levels deep`;

/** Ends the conversion of a record from deep inside of it. */
function refuse(problem: string): never {
    throw Object.assign(new Error(problem), { problem });
}

/** Turns fields, in place, into attributes. Levels are counted as DynamoDB does: a map in an item is the first. */
function mapOf(fields: Record<string, unknown>, depth: number): Item {
    if (depth > DEEPEST) refuse(TOO_DEEP);
    for (const name in fields) {
        if (name === "") refuse("an attribute has no name");
        // The SDK would lose it.
        if (name === "__proto__") refuse("an attribute has the name __proto__");
        const value = fields[name];
        fields[name] = typeof value === "string" ? { S: value } : attributeOf(value, depth);
    }
    return fields as Item;
}

function attributeOf(value: unknown, depth: number): Attribute {
    if (typeof value === "string") return { S: value };
    if (typeof value === "number") return { N: String(value) };
    if (typeof value === "boolean") return { BOOL: value };
    if (value === null) return { NULL: true };
    if (Array.isArray(value)) return { L: listOf(value, depth + 1) };
    if (isRawJson(value)) return { N: heldNumber(value.rawJSON) };
    return { M: mapOf(value as Record<string, unknown>, depth + 1) };
}

function listOf(values: unknown[], depth: number): Attribute[] {
    if (depth > DEEPEST) refuse(TOO_DEEP);
    for (let index = 0; index < values.length; index++) values[index] = attributeOf(values[index], depth);
    return values as Attribute[];
}

// In Node 22, but not yet in the library that TypeScript 5.9 knows.
const { isRawJSON: isRawJson } = JSON as unknown as {
    isRawJSON(value: unknown): value is { readonly rawJSON: string };
};

function heldNumber(text: string): string {
    return normalNumber(text) === undefined ? refuse("a number that DynamoDB cannot hold") : text;
}

/** Bytes of an item. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function sizeOfMap(item: Item): number {
    let size = 0;
    for (const name in item) size += Buffer.byteLength(name) + sizeOf(item[name] as Attribute);
    return size;
}

/** A list or a map takes three bytes, and one for each element. */
function sizeOf(attribute: Attribute): number {
    if ("S" in attribute) return Buffer.byteLength(attribute.S);
    if ("N" in attribute) return sizeOfNumber(attribute.N);
    if ("L" in attribute) return attribute.L.reduce((size, element) => size + 1 + sizeOf(element), 3);
    if ("M" in attribute) return 3 + Object.keys(attribute.M).length + sizeOfMap(attribute.M);
    return 1;
}

/** A byte for two digits, one for the exponent, and one for a sign. */
function sizeOfNumber(text: string): number {
    const [digits = ""] = normalNumber(text)?.replace("-", "").split("e") ?? [];
    return Math.ceil(digits.length / 2) + (text.startsWith("-") ? 2 : 1);
}
