import { typeOf } from "./item";
import type { AttributeValue, Item } from "./model";

/** A number as DynamoDB itself writes it, of at most 38 digits: nothing about it is wrong, and nothing is to be changed. */
const NUMBER = /^(?:0|-?[1-9]\d{0,37}|-?(?:0|[1-9]\d{0,18})\.\d{0,18}[1-9])$/;

/**
 * Whether every request of a batch puts an item of texts, numbers, truth values, maps and lists, in which there is nothing that dynalite
 * would refuse, and nothing that it is given otherwise, or would write otherwise. To find that out takes many times as long, so that is
 * done for all others only.
 */
export function isPlainBatch(requests: Readonly<Record<string, readonly object[]>>): boolean {
    return Object.values(requests).every((list) => list.every(isPlainPut));
}

function isPlainPut(request: { readonly PutRequest?: { readonly Item?: Item } }): boolean {
    const { PutRequest } = request;
    return PutRequest?.Item !== undefined && Object.keys(request).length === 1 && isPlainItem(PutRequest.Item);
}

function isPlainItem(item: Item): boolean {
    for (const name in item) if (name === "__proto__" || !isPlain(item[name] as AttributeValue)) return false;
    return true;
}

function isPlain(value: AttributeValue): boolean {
    const type = typeOf(value);
    const held = value[type];
    // Of two types in one value the second may be wrong.
    for (const other in value) if (other !== type) return false;
    switch (type) {
        case "S":
        case "BOOL":
            return true;
        case "NULL":
            return held === true;
        case "N":
            return NUMBER.test(held as string);
        case "M":
            return isPlainItem(held as Item);
        case "L":
            return (held as readonly AttributeValue[]).every(isPlain);
        default:
            return false;
    }
}
