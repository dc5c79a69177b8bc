import type { Item } from "./dynamodb-item";
import { normalNumber } from "./dynamodb-number";

/** An attribute that every item of a table has, and that is part of its key. */
export interface KeyAttribute {
    readonly name: string;
    readonly type: "string" | "number";
}

/** Partition key and sort key. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-partition-sort-keys */
const LONGEST = [2048, 1024];

/** What is wrong with the key of an item, a sentence for each of its attributes; none when DynamoDB takes it. */
export function keyProblems(item: Item, keys: readonly KeyAttribute[]): readonly string[] {
    return keys.flatMap(({ name, type }, index) => {
        const problem = type === "string" ? stringProblem(item, name, LONGEST[index] ?? 0) : numberProblem(item, name);
        return problem === undefined ? [] : [`${name} ${problem}`];
    });
}

function stringProblem(item: Item, name: string, longest: number): string | undefined {
    const attribute = own(item, name);
    if (attribute === undefined) return "is missing";
    if (!("S" in attribute)) return "is not a string";
    if (attribute.S === "") return "is empty";
    // A unit of a string takes at most three bytes.
    const isLong = attribute.S.length * 3 > longest && Buffer.byteLength(attribute.S) > longest;
    return isLong ? `is longer than ${longest} bytes` : undefined;
}

function numberProblem(item: Item, name: string): string | undefined {
    const attribute = own(item, name);
    if (attribute === undefined) return "is missing";
    return "N" in attribute ? undefined : "is not a number";
}

/** An item inherits `constructor` and the like from its prototype. */
function own(item: Item, name: string) {
    return Object.hasOwn(item, name) ? item[name] : undefined;
}

/** The key of an item as one text, the same for the same key. Numbers are the same however they are written. */
export function keyText(item: Item, keys: readonly KeyAttribute[]): string {
    let text = "";
    for (const { name } of keys) {
        const attribute = item[name];
        if (attribute === undefined) continue;
        const part = "S" in attribute ? attribute.S : "N" in attribute ? normalNumber(attribute.N) : "";
        // With their lengths, no two pairs of keys run into the same text.
        text += `${part?.length}:${part}`;
    }
    return text;
}
