import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "./role";
import { type Transform, transformed } from "./transform";

/** An attribute that items are found by. */
export interface KeyAttribute {
    readonly name: string;
    readonly type: "string" | "number";
}

/** Arguments of {@link ItemTable}. */
export interface ItemTableArgs {
    /** Partition key, and sort key if there is one. It cannot be changed later: the table is replaced. */
    readonly keys: readonly [KeyAttribute, KeyAttribute?];
    /** Whether every change is kept for a day in a stream, with the item before and after it. @default false */
    readonly changes?: boolean;
    /** Whether the table may be deleted with what is in it. */
    readonly disposable: boolean;
    readonly transform?: { readonly table?: Transform<aws.dynamodb.TableArgs> };
}

/** A DynamoDB table that costs what is used of it: encrypted, and to be restored to any second of the last 35 days. */
export class ItemTable extends pulumi.ComponentResource {
    public readonly table: aws.dynamodb.Table;

    constructor(name: string, args: ItemTableArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:ItemTable", name, {}, opts);
        const keys = args.keys.filter((key) => key !== undefined);
        const [partitionKey, sortKey] = keys;

        this.table = new aws.dynamodb.Table(
            name,
            transformed(args.transform?.table, {
                attributes: keys.map((key) => ({ name: key.name, type: key.type === "string" ? "S" : "N" })),
                hashKey: partitionKey?.name,
                rangeKey: sortKey?.name,
                billingMode: "PAY_PER_REQUEST",
                pointInTimeRecovery: { enabled: true },
                serverSideEncryption: { enabled: true },
                ...(args.changes && { streamEnabled: true, streamViewType: "NEW_AND_OLD_IMAGES" }),
                deletionProtectionEnabled: !args.disposable,
            }),
            { parent: this, protect: !args.disposable },
        );

        this.registerOutputs({ table: this.table });
    }

    /** What those need who write items in batches. */
    public get write(): readonly Statement[] {
        return [{ actions: ["dynamodb:BatchWriteItem"], resources: [this.table.arn] }];
    }
}
