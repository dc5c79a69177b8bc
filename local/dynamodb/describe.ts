import { serviceError } from "../errors";
import type { Caller, Operation, Services } from "../services";
import type { TableConfig } from "./config";

/** What the operations that tell of tables need. */
export interface DescribeServices {
    readonly services: Pick<Services, "clock" | "iam">;
    arn(tableName: string): string;
    find(tableName: string): TableConfig | undefined;
    names(): readonly string[];
}

interface TableRequest {
    readonly TableName: string;
}

/** The operations that tell of tables. Those that make and change tables are the program's business. */
export function describeOperations(describe: DescribeServices): Readonly<Record<string, Operation>> {
    return {
        DescribeTable: describeTable(describe),
        DescribeContinuousBackups: describeContinuousBackups(describe),
        DescribeTimeToLive: describeTimeToLive(describe),
        ListTables: listTables(describe),
        ListTagsOfResource: listTagsOfResource(describe),
    };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html AWS counts items every six hours; here nobody does. */
const describeTable = (describe: DescribeServices) => (input: TableRequest, caller: Caller) => {
    const { description } = enter(describe, caller, "DescribeTable", input);
    return { Table: { ...description, ItemCount: 0, TableSizeBytes: 0 } };
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html */
const describeContinuousBackups = (describe: DescribeServices) => (input: TableRequest, caller: Caller) => {
    const name = nameIn(input.TableName);
    describe.services.iam.authorize(caller, "dynamodb:DescribeContinuousBackups", describe.arn(name));
    const table = describe.find(name);
    if (!table) throw serviceError("TableNotFoundException", `Table not found: ${name}`);
    const now = describe.services.clock.now();
    const created = table.description.CreationDateTime as Date;
    return {
        ContinuousBackupsDescription: {
            ContinuousBackupsStatus: "ENABLED",
            PointInTimeRecoveryDescription:
                table.recoveryDays === undefined
                    ? { PointInTimeRecoveryStatus: "DISABLED" }
                    : {
                          PointInTimeRecoveryStatus: "ENABLED",
                          RecoveryPeriodInDays: table.recoveryDays,
                          EarliestRestorableDateTime: created,
                          LatestRestorableDateTime: new Date(Math.max(created.getTime(), now - 300_000)),
                      },
        },
    };
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html No table has it: see the binding's check. */
const describeTimeToLive = (describe: DescribeServices) => (input: TableRequest, caller: Caller) => {
    enter(describe, caller, "DescribeTimeToLive", input);
    return { TimeToLiveDescription: { TimeToLiveStatus: "DISABLED" } };
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html */
const listTables =
    ({ services, names }: DescribeServices) =>
    (input: { readonly Limit?: number; readonly ExclusiveStartTableName?: string }, caller: Caller) => {
        const { Limit: limit = 100, ExclusiveStartTableName: after = "" } = input;
        if (limit < 1 || limit > 100) throw limitError(limit);
        services.iam.authorize(caller, "dynamodb:ListTables", "*");
        const all = [...names()].sort().filter((name) => name > after);
        const page = all.slice(0, limit);
        return { TableNames: page, ...(all.length > limit && { LastEvaluatedTableName: page.at(-1) }) };
    };

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html */
const listTagsOfResource =
    (describe: DescribeServices) => (input: { readonly ResourceArn: string }, caller: Caller) => {
        const { ResourceArn: arn } = input;
        describe.services.iam.authorize(caller, "dynamodb:ListTagsOfResource", arn);
        const table = describe.find(nameIn(arn));
        if (!table)
            throw serviceError(
                "ResourceNotFoundException",
                `Requested resource not found: ResourcArn: ${arn} not found`,
            );
        return { Tags: Object.entries(table.tags).map(([Key, Value]) => ({ Key, Value })) };
    };

function enter(describe: DescribeServices, caller: Caller, action: string, input: TableRequest): TableConfig {
    const name = nameIn(input.TableName);
    describe.services.iam.authorize(caller, `dynamodb:${action}`, describe.arn(name));
    const table = describe.find(name);
    if (table) return table;
    throw serviceError("ResourceNotFoundException", `Requested resource not found: Table: ${name} not found`);
}

function nameIn(given: string): string {
    return given.replace(/^arn:aws:dynamodb:[^:]*:\d{12}:table\//, "");
}

function limitError(limit: number): Error {
    const rule = limit < 1 ? "greater than or equal to 1" : "less than or equal to 100";
    return serviceError(
        "ValidationException",
        `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value ${rule}`,
    );
}
