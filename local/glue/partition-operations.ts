import type {
    BatchCreatePartitionRequest,
    BatchCreatePartitionResponse,
    BatchDeletePartitionRequest,
    BatchDeletePartitionResponse,
    BatchGetPartitionRequest,
    BatchGetPartitionResponse,
    BatchUpdatePartitionRequest,
    BatchUpdatePartitionResponse,
    CreatePartitionRequest,
    DeletePartitionRequest,
    GetPartitionRequest,
    GetPartitionResponse,
    GetPartitionsRequest,
    GetPartitionsResponse,
    PartitionError,
    PartitionInput,
    UpdatePartitionRequest,
} from "@aws-sdk/client-glue";
import { isServiceError, serviceError, unsupported } from "../errors";
import { requireLocation } from "../lakeformation/access";
import type { Caller, Operation, Services } from "../services";
import { authorizeTable } from "./authorize";
import { type CatalogServices, findTable, type TableInputs } from "./catalog";
import { describePartition } from "./describe";
import { partitionExpression } from "./expression";
import { checkValues, partitionOf, required } from "./input";
import { pageOf } from "./paging";
import { idOf, openPartitions, type Partition, type Partitions } from "./partitions";

type PartitionServices = CatalogServices & Pick<Services, "clock">;

/** What every request about partitions says of their table. */
interface OfTable {
    readonly CatalogId?: string;
    readonly DatabaseName: string | undefined;
    readonly TableName: string | undefined;
}

/** A table whose partitions a caller may see or change. */
interface Opened {
    readonly table: TableInputs;
    /** What a request says of a partition; its place must be one where the caller may make tables. */
    readonly read: (input: PartitionInput | undefined, created?: number) => Partition;
    readonly of: () => readonly Partition[];
    readonly change: (change: Parameters<Partitions["change"]>[2]) => void;
}

/** Most partitions of one BatchCreatePartition and one BatchUpdatePartition, of one BatchDeletePartition, of one BatchGetPartition, and of a page. */
const MOST = { create: 100, delete: 25, get: 1000, page: 1000 } as const;

/** The operations of Glue that are about partitions. */
export function partitionOperations(services: PartitionServices): Record<string, Operation> {
    const open = opener(services);
    return {
        GetPartition: getPartition(open),
        GetPartitions: getPartitions(open),
        BatchGetPartition: batchGetPartition(open),
        CreatePartition: createPartition(open),
        BatchCreatePartition: batchCreatePartition(open),
        UpdatePartition: updatePartition(open),
        BatchUpdatePartition: batchUpdatePartition(open),
        DeletePartition: deletePartition(open),
        BatchDeletePartition: batchDeletePartition(open),
    };
}

type Open = ReturnType<typeof opener>;

function opener(services: PartitionServices) {
    const partitions = openPartitions(services.place);
    return (action: string, request: OfTable, caller: Caller): Opened => {
        if (request.CatalogId !== undefined && request.CatalogId !== services.place.account)
            throw unsupported(`The catalog ${request.CatalogId}`);
        const database = required(request.DatabaseName, "databaseName").toLowerCase();
        const name = required(request.TableName, "tableName").toLowerCase();
        authorizeTable(services, caller, `glue:${action}`, database, name);
        const table = findTable(services, database, name).inputs;
        return {
            table,
            read(input, created = services.clock.now()) {
                const partition = partitionOf(table, input, created);
                requireLocation(services, caller, partition.location);
                return partition;
            },
            of: () => partitions.of(database, name),
            change: (change) => partitions.change(database, name, change),
        };
    };
}

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartition.html */
const getPartition =
    (open: Open) =>
    (request: GetPartitionRequest, caller: Caller): GetPartitionResponse => {
        const { table, of } = open("GetPartition", request as OfTable, caller);
        checkValues(table, request.PartitionValues ?? []);
        return { Partition: describePartition(table, find(of(), request.PartitionValues ?? [])) };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html */
const getPartitions =
    (open: Open) =>
    (request: GetPartitionsRequest, caller: Caller): GetPartitionsResponse => {
        const { table, of } = open("GetPartitions", request as OfTable, caller);
        const asked = partitionExpression(request.Expression, table.partitionKeys ?? []);
        const { SegmentNumber: segment = 0, TotalSegments: segments = 1 } = request.Segment ?? {};
        const all = of().filter(({ values }, at) => at % segments === segment && asked(values));
        const { items, next } = pageOf(all, request, MOST.page);
        return { Partitions: items.map((partition) => describePartition(table, partition)), ...next };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_BatchGetPartition.html */
const batchGetPartition =
    (open: Open) =>
    (request: BatchGetPartitionRequest, caller: Caller): BatchGetPartitionResponse => {
        const { table, of } = open("BatchGetPartition", request as OfTable, caller);
        const wanted = atMost(MOST.get, request.PartitionsToGet ?? [], "partitionsToGet");
        const known = new Map(of().map((partition) => [idOf(partition.values), partition]));
        for (const { Values = [] } of wanted) checkValues(table, Values);
        return {
            Partitions: wanted.flatMap(({ Values = [] }) => {
                const partition = known.get(idOf(Values));
                return partition ? [describePartition(table, partition)] : [];
            }),
            UnprocessedKeys: [],
        };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_CreatePartition.html */
const createPartition =
    (open: Open) =>
    (request: CreatePartitionRequest, caller: Caller): Record<string, never> => {
        const { read, change } = open("CreatePartition", request as OfTable, caller);
        const made = read(request.PartitionInput);
        change((known) => added(known, made));
        return {};
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_BatchCreatePartition.html */
const batchCreatePartition =
    (open: Open) =>
    (request: BatchCreatePartitionRequest, caller: Caller): BatchCreatePartitionResponse => {
        const { read, change } = open("BatchCreatePartition", request as OfTable, caller);
        const inputs = atMost(MOST.create, request.PartitionInputList ?? [], "partitionInputList");
        const each = (known: readonly Partition[], input: PartitionInput) => added(known, read(input));
        return { Errors: changeEach(change, inputs, ({ Values }) => Values, each) };
    };

/** Takes its values too from the input, so it may rename. https://docs.aws.amazon.com/glue/latest/webapi/API_UpdatePartition.html */
const updatePartition =
    (open: Open) =>
    (request: UpdatePartitionRequest, caller: Caller): Record<string, never> => {
        const { table, read, change } = open("UpdatePartition", request as OfTable, caller);
        checkValues(table, request.PartitionValueList ?? []);
        change((known) => updated(read, known, request.PartitionValueList ?? [], request.PartitionInput));
        return {};
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_BatchUpdatePartition.html */
const batchUpdatePartition =
    (open: Open) =>
    (request: BatchUpdatePartitionRequest, caller: Caller): BatchUpdatePartitionResponse => {
        const { read, change } = open("BatchUpdatePartition", request as OfTable, caller);
        const entries = atMost(MOST.create, request.Entries ?? [], "entries");
        const errors = changeEach(
            change,
            entries,
            ({ PartitionValueList }) => PartitionValueList,
            (known, { PartitionValueList = [], PartitionInput: input }) =>
                updated(read, known, PartitionValueList, input),
        );
        return {
            Errors: errors.map(({ PartitionValues, ErrorDetail }) => ({
                PartitionValueList: PartitionValues,
                ErrorDetail,
            })),
        };
    };

/** Files stay in the bucket. https://docs.aws.amazon.com/glue/latest/webapi/API_DeletePartition.html */
const deletePartition =
    (open: Open) =>
    (request: DeletePartitionRequest, caller: Caller): Record<string, never> => {
        const { table, change } = open("DeletePartition", request as OfTable, caller);
        checkValues(table, request.PartitionValues ?? []);
        change((known) => removed(known, request.PartitionValues ?? []));
        return {};
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_BatchDeletePartition.html */
const batchDeletePartition =
    (open: Open) =>
    (request: BatchDeletePartitionRequest, caller: Caller): BatchDeletePartitionResponse => {
        const { change } = open("BatchDeletePartition", request as OfTable, caller);
        const wanted = atMost(MOST.delete, request.PartitionsToDelete ?? [], "partitionsToDelete");
        const errors = changeEach(
            change,
            wanted,
            ({ Values }) => Values,
            (known, { Values = [] }) => removed(known, Values),
        );
        return { Errors: errors };
    };

/** Makes one change after another, written together; one that is refused is reported and leaves the others alone. */
function changeEach<T>(
    change: Opened["change"],
    inputs: readonly T[],
    valuesOf: (input: T) => string[] | undefined,
    each: (known: readonly Partition[], input: T) => readonly Partition[],
): PartitionError[] {
    const errors: PartitionError[] = [];
    change((before) => {
        let known = before;
        for (const input of inputs) {
            try {
                known = each(known, input);
            } catch (error) {
                if (!isServiceError(error)) throw error;
                const ErrorDetail = { ErrorCode: error.code, ErrorMessage: error.message };
                errors.push({ PartitionValues: valuesOf(input) ?? [], ErrorDetail });
            }
        }
        return known;
    });
    return errors;
}

function find(known: readonly Partition[], values: readonly string[]): Partition {
    const found = known.find((each) => idOf(each.values) === idOf(values));
    if (found) return found;
    throw serviceError("EntityNotFoundException", "Cannot find partition.");
}

function added(known: readonly Partition[], made: Partition): readonly Partition[] {
    if (!known.some(({ values }) => idOf(values) === idOf(made.values))) return [...known, made];
    throw serviceError("AlreadyExistsException", "Partition already exists.");
}

function removed(known: readonly Partition[], values: readonly string[]): readonly Partition[] {
    const gone = find(known, values);
    return known.filter((each) => each !== gone);
}

function updated(
    read: Opened["read"],
    known: readonly Partition[],
    values: readonly string[],
    input: PartitionInput | undefined,
): readonly Partition[] {
    const old = find(known, values);
    const made = read({ ...input, Values: input?.Values ?? [...values] }, old.created);
    return added(removed(known, values), made);
}

function atMost<T>(most: number, list: readonly T[], member: string): readonly T[] {
    if (list.length <= most) return list;
    throw serviceError(
        "ValidationException",
        `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
    );
}
