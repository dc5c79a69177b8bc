import type { Properties, Resource } from "../resources";
import type { Place } from "../services";
import { indexesOf } from "./keys";
import type { IndexDescription, TableDescription } from "./model";

/** Pulumi's type of a table. */
export const TABLE_TYPE = "aws:dynamodb/table:Table";

/** An index among the inputs. */
export interface IndexInputs {
    readonly name: string;
    readonly hashKey?: string;
    readonly rangeKey?: string;
    readonly keySchemas?: readonly { readonly attributeName: string; readonly keyType: string }[];
    readonly projectionType: string;
    readonly nonKeyAttributes?: readonly string[];
    readonly readCapacity?: number;
    readonly writeCapacity?: number;
}

/** The inputs of a table, as far as the service reads them. */
export interface TableInputs extends Properties {
    readonly name?: string;
    readonly hashKey?: string;
    readonly rangeKey?: string;
    readonly attributes?: readonly { readonly name: string; readonly type: string }[];
    readonly billingMode?: string;
    readonly readCapacity?: number;
    readonly writeCapacity?: number;
    readonly globalSecondaryIndexes?: readonly IndexInputs[];
    readonly localSecondaryIndexes?: readonly IndexInputs[];
    readonly streamEnabled?: boolean;
    readonly streamViewType?: string;
    readonly deletionProtectionEnabled?: boolean;
    readonly pointInTimeRecovery?: { readonly enabled?: boolean; readonly recoveryPeriodInDays?: number };
    readonly serverSideEncryption?: { readonly enabled?: boolean; readonly kmsKeyArn?: string };
    readonly tableClass?: string;
    readonly ttl?: { readonly enabled?: boolean; readonly attributeName?: string };
    readonly tags?: Readonly<Record<string, string>>;
}

/** A table in the table of resources. */
export type TableResource = Resource<TableInputs, Properties>;

/** The stream of a table's changes. */
export interface StreamConfig {
    readonly arn: string;
    /** When it was switched on; tells it from earlier streams of the table. */
    readonly label: string;
    readonly view: string;
}

/** A table, as the service needs it. */
export interface TableConfig {
    readonly name: string;
    readonly arn: string;
    readonly description: TableDescription;
    readonly stream: StreamConfig | undefined;
    readonly tags: Readonly<Record<string, string>>;
    readonly recoveryDays: number | undefined;
}

/** Whether there is a table, and nothing is kept of it but its items: neither indexes nor a stream. */
export function keepsItemsOnly(table: TableConfig | undefined): table is TableConfig {
    return table !== undefined && table.stream === undefined && indexesOf(table.description).length === 0;
}

/** ARN of a table. */
export function tableArn({ region, account }: Place, name: string): string {
    return `arn:aws:dynamodb:${region}:${account}:table/${name}`;
}

const parsed = new WeakMap<TableResource, TableConfig>();

/** The configuration in a resource, parsed once. */
export function tableConfig(resource: TableResource): TableConfig {
    const known = parsed.get(resource) ?? parse(resource);
    parsed.set(resource, known);
    return known;
}

/** The attributes of an index that make its key, the partition key first. */
export function indexKeys({ hashKey, rangeKey, keySchemas }: IndexInputs, tableHashKey = ""): readonly string[] {
    if (keySchemas) {
        const of = (type: string) => keySchemas.filter(({ keyType }) => keyType === type);
        return [...of("HASH"), ...of("RANGE")].map(({ attributeName }) => attributeName);
    }
    return [hashKey ?? tableHashKey, ...(rangeKey ? [rangeKey] : [])];
}

function parse({ inputs, outputs }: TableResource): TableConfig {
    const name = String(outputs.name ?? inputs.name);
    const label = outputs.streamLabel as string | undefined;
    const recovery = inputs.pointInTimeRecovery;
    return {
        name,
        arn: String(outputs.arn),
        description: describe(name, inputs, outputs),
        stream:
            inputs.streamEnabled && label
                ? { arn: String(outputs.streamArn), label, view: inputs.streamViewType ?? "" }
                : undefined,
        tags: inputs.tags ?? {},
        recoveryDays: recovery?.enabled ? (recovery.recoveryPeriodInDays ?? 35) : undefined,
    };
}

function describe(name: string, inputs: TableInputs, outputs: Properties): TableDescription {
    const arn = String(outputs.arn);
    const created = Date.parse(String(outputs.creationDate));
    const onDemand = inputs.billingMode === "PAY_PER_REQUEST";
    const throughput = (of: Pick<TableInputs, "readCapacity" | "writeCapacity">) => ({
        NumberOfDecreasesToday: 0,
        ReadCapacityUnits: onDemand ? 0 : (of.readCapacity ?? 0),
        WriteCapacityUnits: onDemand ? 0 : (of.writeCapacity ?? 0),
    });
    const index = (of: IndexInputs): IndexDescription => ({
        IndexName: of.name,
        IndexArn: `${arn}/index/${of.name}`,
        KeySchema: schemaOf(indexKeys(of, inputs.hashKey)),
        Projection: {
            ProjectionType: of.projectionType,
            ...(of.nonKeyAttributes && { NonKeyAttributes: of.nonKeyAttributes }),
        },
    });
    const globals = inputs.globalSecondaryIndexes ?? [];
    const locals = inputs.localSecondaryIndexes ?? [];
    const encryption = inputs.serverSideEncryption;
    return {
        TableName: name,
        TableArn: arn,
        TableId: String(outputs.tableId),
        TableStatus: "ACTIVE",
        CreationDateTime: new Date(created),
        AttributeDefinitions: (inputs.attributes ?? []).map((attribute) => ({
            AttributeName: attribute.name,
            AttributeType: attribute.type,
        })),
        KeySchema: schemaOf([String(inputs.hashKey), ...(inputs.rangeKey ? [inputs.rangeKey] : [])]),
        ProvisionedThroughput: throughput(inputs),
        ...(onDemand && {
            BillingModeSummary: {
                BillingMode: "PAY_PER_REQUEST",
                LastUpdateToPayPerRequestDateTime: new Date(created),
            },
        }),
        ...(globals.length > 0 && {
            GlobalSecondaryIndexes: globals.map((of) => ({
                ...index(of),
                IndexStatus: "ACTIVE",
                ProvisionedThroughput: throughput(of),
            })),
        }),
        ...(locals.length > 0 && { LocalSecondaryIndexes: locals.map(index) }),
        ...(inputs.streamEnabled && {
            StreamSpecification: { StreamEnabled: true, StreamViewType: inputs.streamViewType },
            LatestStreamArn: outputs.streamArn,
            LatestStreamLabel: outputs.streamLabel,
        }),
        ...(encryption?.enabled && {
            SSEDescription: { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: encryption.kmsKeyArn },
        }),
        ...(inputs.tableClass && { TableClassSummary: { TableClass: inputs.tableClass } }),
        DeletionProtectionEnabled: inputs.deletionProtectionEnabled ?? false,
    };
}

function schemaOf([hash = "", range]: readonly string[]): TableDescription["KeySchema"] {
    return [
        { AttributeName: hash, KeyType: "HASH" },
        ...(range ? [{ AttributeName: range, KeyType: "RANGE" } as const] : []),
    ];
}
