import type { Caller, Operation, Services } from "../services";
import { ACTIONS, type ActionName, act, type Request } from "./actions";
import type { DynamoDBFaults } from "./faults";
import { throttled } from "./faults";
import { PlainBatch } from "./plain";
import type { TableStore } from "./store";

/** What the operations on items need. */
export interface ItemServices {
    readonly services: Pick<Services, "iam" | "metrics">;
    readonly faults: DynamoDBFaults;
    /** The ARN of a table by its name. */
    arn(tableName: string): string;
    store(): Promise<TableStore>;
}

interface BatchRequest {
    readonly RequestItems?: Readonly<Record<string, unknown>>;
}

type WriteRequests = Readonly<Record<string, readonly unknown[]>>;

/** The operations on items: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html */
export function itemOperations(items: ItemServices): Readonly<Record<string, Operation>> {
    return Object.fromEntries(ACTIONS.map((operation) => [operation, itemOperation(items, operation)]));
}

const itemOperation =
    (items: ItemServices, operation: ActionName) => async (given: Request | PlainBatch, caller: Caller) => {
        const input = given instanceof PlainBatch ? { RequestItems: given.RequestItems } : withTableNames(given);
        for (const resource of resourcesOf(items, input))
            items.services.iam.authorize(caller, `dynamodb:${operation}`, resource);
        for (const table of tablesOf(input)) refuseAtRandom(items, operation, table);
        const store = await items.store();
        if (given instanceof PlainBatch) return putPlain(store, given);
        return operation === "BatchWriteItem" ? writeBatch(items, store, input) : act(store, operation, input);
    };

/** A table that has got a stream or an index since the batch was read takes it as any other. */
async function putPlain(store: TableStore, batch: PlainBatch): Promise<Request> {
    const tables = Object.entries(batch.RequestItems);
    const put = await Promise.all(tables.map(([table, puts]) => store.putTexts(table, puts)));
    return put.every(Boolean) ? { UnprocessedItems: {} } : act(store, "BatchWriteItem", batch.parsed());
}

/** Items that are to be left over are taken out before, and given back; when none is left, AWS answers with an error. */
async function writeBatch(items: ItemServices, store: TableStore, input: Request): Promise<Request> {
    const { unprocessed } = items.faults;
    if (!unprocessed) return act(store, "BatchWriteItem", input);
    const requests = (input as { readonly RequestItems: WriteRequests }).RequestItems;
    const left = filtered(requests, (table, index) => unprocessed(table, index));
    const taken = filtered(requests, (table, index) => !left[table]?.includes(requests[table]?.[index]));
    if (Object.keys(taken).length === 0) throw throttled("ProvisionedThroughputExceededException");
    const output = await act(store, "BatchWriteItem", { ...input, RequestItems: taken });
    return { ...output, UnprocessedItems: left };
}

function filtered(requests: WriteRequests, keep: (table: string, index: number) => boolean): WriteRequests {
    return Object.fromEntries(
        Object.entries(requests)
            .map(([table, list]) => [table, list.filter((_, index) => keep(table, index))] as const)
            .filter(([, list]) => list.length > 0),
    );
}

function refuseAtRandom({ faults, services }: ItemServices, operation: string, table: string): void {
    const code = faults.refuse?.(operation, table);
    if (!code) return;
    services.metrics.put("AWS/DynamoDB", "ThrottledRequests", { TableName: table, Operation: operation }, 1);
    throw throttled(code);
}

/** A table may be named by its ARN: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html */
function withTableNames(input: Request & BatchRequest): Request {
    const nameOf = (given: string) => given.replace(/^arn:aws:dynamodb:[^:]*:\d{12}:table\//, "");
    const { TableName: table, RequestItems: requests } = input;
    if (typeof table === "string") return { ...input, TableName: nameOf(table) };
    if (!requests || !Object.keys(requests).some((given) => given.startsWith("arn:"))) return input;
    return {
        ...input,
        RequestItems: Object.fromEntries(Object.entries(requests).map(([given, list]) => [nameOf(given), list])),
    };
}

function tablesOf({ TableName: table, RequestItems: requests }: Request & BatchRequest): readonly string[] {
    return table === undefined ? Object.keys(requests ?? {}) : [String(table)];
}

/** ARNs of what a request touches: each table, or the index that is read. */
function resourcesOf(items: ItemServices, input: Request): readonly string[] {
    const index = typeof input.IndexName === "string" ? `/index/${input.IndexName}` : "";
    return tablesOf(input).map((table) => items.arn(table) + index);
}
