import { serviceError } from "../errors";
import type { ActionName } from "./actions";
import { itemBytes } from "./item";
import { type Item, MAX_ITEM_BYTES } from "./model";

/** Most items that a batch writes: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
export const MAX_WRITES = 25;
/** Most items that a batch reads: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const MAX_READS = 100;

interface WriteRequest {
    readonly PutRequest?: { readonly Item: Item };
}

/** Throws what AWS answers to a checked request that is too large: dynalite counts characters, not bytes, and looks at one table at a time. */
export function checkLimits(operation: ActionName, data: Readonly<Record<string, unknown>>): void {
    if (operation === "PutItem") checkItem(data.Item as Item);
    if (operation === "BatchWriteItem") {
        const requests = Object.values(data.RequestItems as Record<string, readonly WriteRequest[]>).flat();
        if (requests.length > MAX_WRITES) throw tooMany(operation);
        for (const { PutRequest } of requests) if (PutRequest) checkItem(PutRequest.Item);
    }
    if (operation === "BatchGetItem") {
        const keys = Object.values(data.RequestItems as Record<string, { readonly Keys: readonly Item[] }>);
        if (keys.reduce((count, { Keys }) => count + Keys.length, 0) > MAX_READS) throw tooMany(operation);
    }
}

/** Throws when an item would be too large after an update. */
export function requireSize(item: Item): void {
    if (itemBytes(item) > MAX_ITEM_BYTES)
        throw serviceError("ValidationException", "Item size to update has exceeded the maximum allowed size");
}

function checkItem(item: Item): void {
    if (itemBytes(item) > MAX_ITEM_BYTES)
        throw serviceError("ValidationException", "Item size has exceeded the maximum allowed size");
}

function tooMany(operation: string): Error {
    return serviceError("ValidationException", `Too many items requested for the ${operation} call`);
}
