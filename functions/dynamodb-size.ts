import type { Attribute, Item } from "./dynamodb-item";
import { normalNumber } from "./dynamodb-number";

/** Bytes of an item. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export function sizeOfItem(item: Item): number {
    let size = 0;
    for (const name in item) size += Buffer.byteLength(name) + sizeOf(item[name] as Attribute);
    return size;
}

/** A list or a map takes three bytes, and one for each element. */
function sizeOf(attribute: Attribute): number {
    if ("S" in attribute) return Buffer.byteLength(attribute.S);
    if ("N" in attribute) return sizeOfNumber(attribute.N);
    if ("L" in attribute) return attribute.L.reduce((size, element) => size + 1 + sizeOf(element), 3);
    if ("M" in attribute) return 3 + Object.keys(attribute.M).length + sizeOfItem(attribute.M);
    return 1;
}

/** A byte for two digits, one for the exponent, and one for a sign. */
function sizeOfNumber(text: string): number {
    const [digits = ""] = normalNumber(text)?.replace("-", "").split("e") ?? [];
    return Math.ceil(digits.length / 2) + (text.startsWith("-") ? 2 : 1);
}
