import { normalNumber } from "./dynamodb-number";
import { sizeOfItem } from "./dynamodb-size";
import { exactly } from "./exact-json";
import { isAsShortAs, shortestNumber } from "./keys";
import { type ParsedRecord, type ReadRecord, type Rejected, rejected } from "./record";

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

type Fields = Record<string, unknown>;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const LARGEST_ITEM = 400 * 1024;
const DEEPEST = 32;

/**
 * Whether a text surely makes no item that is too large: a unit is at most three bytes, and no JSON takes less than half of the bytes that
 * DynamoDB counts for it.
 */
export function isSmall(text: string): boolean {
    return text.length <= LARGEST_ITEM / 6;
}

/** A number with an exponent, or with more digits than the 15 that JavaScript surely holds; or what looks like one in a string. */
const LONG_NUMBER = /[[:,]\s*-?(?:[\d.]{16}|[\d.]+[eE])/;

/** Why a record fits no item, if it does not. That takes no time for what is plain and small. The record stays as it is. */
export function itemProblem({ text, isPlain }: ReadRecord): string | undefined {
    if (isPlain && isSmall(text)) return undefined;
    const made = itemOf({ text, value: JSON.parse(text), isPlain });
    return "problems" in made ? made.problems[0] : undefined;
}

/**
 * Makes an item of a small record if it is plain, and finds out in the same pass whether it is: undefined when it is not, or fits no item. The
 * record's value is used up: it becomes the item, which takes a third less time than to make another.
 */
export function plainItemOf({ text, value }: ParsedRecord): Item | undefined {
    try {
        return isAsShortAs(text, convertMap(value, 0)) ? (value as Item) : undefined;
    } catch {
        return undefined;
    }
}

/**
 * Makes an item of a record, with every number that the record's text has, never by way of a JavaScript number that is another one. Refuses
 * what DynamoDB would refuse, so that it does not refuse the items beside it. The record's value is used up. `change` is what has been changed
 * in the value.
 */
export function itemOf(
    { text, value, isPlain }: ReadRecord,
    change?: (fields: Record<string, unknown>) => unknown,
): { readonly item: Item } | Rejected {
    try {
        const isExact = isPlain || !LONG_NUMBER.test(text);
        const fields = isExact ? value : (exactly(text, value) as Record<string, unknown>);
        if (fields !== value) change?.(fields);
        convertMap(fields, 0);
        const item = fields as Item;
        if (!isSmall(text) && sizeOfItem(item) > LARGEST_ITEM) return rejected("larger than 400 KB as an item");
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

/**
 * Turns fields, in place, into attributes, and gives the length of the shortest text with them, or NaN where that is not sure. Levels are
 * counted as DynamoDB does: a map in an item is the first.
 */
function convertMap(fields: Fields, depth: number): number {
    if (depth > DEEPEST) refuse(TOO_DEEP);
    // Brackets, but one of them stands for the comma that the last field does not have.
    let length = 1;
    for (const name in fields) {
        if (name === "") refuse("an attribute has no name");
        // The SDK would lose it.
        if (name === "__proto__") refuse("an attribute has the name __proto__");
        const value = fields[name];
        // Quotes of the name, a colon and a comma.
        length += 4 + name.length;
        if (typeof value === "string") {
            fields[name] = { S: value };
            length += value.length + 2;
        } else {
            length += convert(fields, name, value, depth);
        }
    }
    return length === 1 ? 2 : length;
}

function convertList(values: unknown[], depth: number): number {
    if (depth > DEEPEST) refuse(TOO_DEEP);
    let length = 1;
    for (let index = 0; index < values.length; index++)
        length += 1 + convert(values as never, index, values[index], depth);
    return length === 1 ? 2 : length;
}

/** Puts the attribute of a value under a key, and gives the length of the value's shortest text. */
function convert(holder: Fields, key: string | number, value: unknown, depth: number): number {
    if (typeof value === "string") {
        holder[key] = { S: value };
        return value.length + 2;
    }
    if (typeof value === "number") {
        const N = String(value);
        holder[key] = { N };
        return shortestNumber(value, N);
    }
    if (typeof value === "object" && value !== null) return convertParts(holder, key, value, depth + 1);
    holder[key] = value === null ? { NULL: true } : { BOOL: value };
    return value === false ? 5 : 4;
}

function convertParts(holder: Fields, key: string | number, value: object, depth: number): number {
    if (Array.isArray(value)) {
        holder[key] = { L: value };
        return convertList(value, depth);
    }
    // To ask the engine takes as long as all else here, so only what looks like a number's own text is asked about.
    if ("rawJSON" in value && isRawJson(value)) {
        holder[key] = { N: heldNumber(value.rawJSON) };
        return Number.NaN;
    }
    holder[key] = { M: value };
    return convertMap(value as Fields, depth);
}

// In Node 22, but not yet in the library that TypeScript 5.9 knows.
const { isRawJSON: isRawJson } = JSON as unknown as {
    isRawJSON(value: unknown): value is { readonly rawJSON: string };
};

function heldNumber(text: string): string {
    return normalNumber(text) === undefined ? refuse("a number that DynamoDB cannot hold") : text;
}
