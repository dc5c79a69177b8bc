import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "./role";
import { type Transform, transformed } from "./transform";

/** Arguments of {@link DataStream}. */
export interface DataStreamArgs {
    /** Whether AWS keeps as many shards as are needed. Without it, that many shards. */
    readonly shards?: number;
    /** Hours for which records are kept. */
    readonly retentionHours: number;
    /** Whether records are encrypted with a key of their own, and not with the one that the account has for all of Kinesis. */
    readonly ownKey: boolean;
    /** Whether the stream may be deleted with what is in it. */
    readonly disposable: boolean;
    readonly transform?: { readonly stream?: Transform<aws.kinesis.StreamArgs> };
}

/** A Kinesis stream, encrypted, and with as many shards as are needed unless a number is given. */
export class DataStream extends pulumi.ComponentResource {
    public readonly stream: aws.kinesis.Stream;
    /** The key of its own, if it has one. */
    public readonly key?: aws.kms.Key;

    constructor(name: string, args: DataStreamArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:DataStream", name, {}, opts);
        const data = { parent: this, protect: !args.disposable };

        // Without a policy of its own, a key leaves it to IAM who may use it.
        this.key = args.ownKey
            ? new aws.kms.Key(`${name}-key`, { description: `Records of ${name}.`, enableKeyRotation: true }, data)
            : undefined;
        this.stream = new aws.kinesis.Stream(
            name,
            transformed(args.transform?.stream, {
                streamModeDetails: { streamMode: args.shards === undefined ? "ON_DEMAND" : "PROVISIONED" },
                shardCount: args.shards,
                retentionPeriod: args.retentionHours,
                encryptionType: "KMS",
                kmsKeyId: this.key?.arn ?? "alias/aws/kinesis",
            }),
            data,
        );

        this.registerOutputs({ stream: this.stream, key: this.key });
    }

    /** What those need who read all of its records. https://docs.aws.amazon.com/streams/latest/dev/controlling-access.html */
    public get read(): readonly Statement[] {
        const actions = ["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"];
        return [
            { actions: actions.map((action) => `kinesis:${action}`), resources: [this.stream.arn] },
            ...this.useKey("kms:Decrypt"),
        ];
    }

    /** What those need who put records into it. */
    public get write(): readonly Statement[] {
        return [
            { actions: ["kinesis:PutRecord", "kinesis:PutRecords"], resources: [this.stream.arn] },
            ...this.useKey("kms:GenerateDataKey"),
        ];
    }

    /** The account's key for Kinesis asks nobody who comes by way of Kinesis. https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html */
    private useKey(action: string): readonly Statement[] {
        return this.key ? [{ actions: [action], resources: [this.key.arn] }] : [];
    }
}
