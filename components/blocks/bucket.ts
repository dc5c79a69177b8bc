import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "./transform";

/** Arguments of {@link Bucket}. */
export interface BucketArgs {
    /** Whether the bucket may be deleted with all that is in it. */
    readonly disposable: boolean;
    /** Days after which objects below a prefix are deleted, by prefix. */
    readonly expire: Readonly<Record<string, number>>;
    readonly transform?: Transform<aws.s3.BucketArgs>;
}

/** A private bucket: encrypted, closed to the public and to requests without TLS, owned by the account, tidied up by age. */
export class Bucket extends pulumi.ComponentResource {
    public readonly bucket: aws.s3.Bucket;

    constructor(name: string, args: BucketArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:Bucket", name, {}, opts);
        const child = { parent: this };

        this.bucket = new aws.s3.Bucket(name, transformed(args.transform, { forceDestroy: args.disposable }), {
            ...child,
            protect: !args.disposable,
        });
        const bucket = this.bucket.bucket;
        new aws.s3.BucketOwnershipControls(
            `${name}-ownership`,
            { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
            child,
        );
        new aws.s3.BucketServerSideEncryptionConfiguration(
            `${name}-encryption`,
            {
                bucket,
                rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: true }],
            },
            child,
        );
        const publicAccess = new aws.s3.BucketPublicAccessBlock(
            `${name}-public-access`,
            {
                bucket,
                blockPublicAcls: true,
                blockPublicPolicy: true,
                ignorePublicAcls: true,
                restrictPublicBuckets: true,
            },
            child,
        );
        new aws.s3.BucketLifecycleConfiguration(`${name}-lifecycle`, { bucket, rules: lifecycle(args.expire) }, child);
        // S3 refuses a policy while the public access block is being changed.
        new aws.s3.BucketPolicy(
            `${name}-policy`,
            { bucket, policy: tlsOnly(this.bucket.arn) },
            { ...child, dependsOn: publicAccess },
        );

        this.registerOutputs({ bucket: this.bucket });
    }
}

function lifecycle(expire: Readonly<Record<string, number>>) {
    const expirations = Object.entries(expire).map(([prefix, days]) => ({
        id: `expire-${prefix.replaceAll("/", "")}`,
        status: "Enabled",
        filter: { prefix },
        expiration: { days },
    }));
    return [
        ...expirations,
        {
            id: "abort-uploads",
            status: "Enabled",
            filter: { prefix: "" },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
    ];
}

function tlsOnly(arn: pulumi.Output<string>): pulumi.Output<string> {
    return pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "DenyWithoutTls",
                Effect: "Deny",
                Principal: "*",
                Action: "s3:*",
                Resource: [arn, pulumi.interpolate`${arn}/*`],
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
        ],
    });
}
