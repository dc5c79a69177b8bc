import type { Attribute, Item } from "./dynamodb-item";
import { normalNumber } from "./dynamodb-number";
import type { Rejected } from "./record";

/** An attribute that every item of a table has, and that is part of its key. */
export interface KeyAttribute {
    readonly name: string;
    readonly type: "string" | "number";
}

/** Bytes of partition key and sort key. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-partition-sort-keys */
const LONGEST = [2048, 1024];

/**
 * The key of an item as one text: the same for the same key, however its numbers are written, and another for another. Refuses an item whose
 * key DynamoDB would not take.
 */
export function keyOf(item: Item, keys: readonly KeyAttribute[]): string | Rejected {
    let key = "";
    for (let index = 0; index < keys.length; index++) {
        const { name, type } = keys[index] as KeyAttribute;
        const part = keyPart(item[name], type, LONGEST[index] ?? 0);
        if (part === undefined) return { problems: keyProblems(item, keys) };
        // With its length in front, no two keys run into the same text.
        key = index === 0 ? part : `${key.length}:${key}${part}`;
    }
    return key;
}

/** Undefined for what cannot be part of a key. */
function keyPart(attribute: Attribute | undefined, type: KeyAttribute["type"], longest: number): string | undefined {
    if (attribute === undefined) return undefined;
    if (type === "number") return "N" in attribute ? normalNumber(attribute.N) : undefined;
    return "S" in attribute && attribute.S !== "" && !isLonger(attribute.S, longest) ? attribute.S : undefined;
}

/** A unit of a string takes at most three bytes. */
function isLonger(text: string, longest: number): boolean {
    return text.length * 3 > longest && Buffer.byteLength(text) > longest;
}

/** An item inherits `constructor` and the like from its prototype, which are no attributes. */
function keyProblems(item: Item, keys: readonly KeyAttribute[]): readonly string[] {
    return keys.flatMap(({ name, type }, index) => {
        const longest = LONGEST[index] ?? 0;
        if (!Object.hasOwn(item, name)) return [`${name} is missing`];
        const attribute = item[name] as Attribute;
        if (keyPart(attribute, type, longest) !== undefined) return [];
        if (type === "number" || !("S" in attribute)) return [`${name} is not a ${type}`];
        return [attribute.S === "" ? `${name} is empty` : `${name} is longer than ${longest} bytes`];
    });
}
