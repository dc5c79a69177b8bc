import { serviceError } from "../errors";
import type { Binding, Bindings, Made, Properties } from "../resources";
import type { Services } from "../services";
import type { LocalS3 } from ".";

/** Bindings of S3's resource types. Notifications of a bucket have none: they are not supported, and a program that has one is told so. */
export function s3Bindings({ iam, place }: Pick<Services, "iam" | "place">, s3: LocalS3): Bindings {
    return {
        "aws:s3/bucket:Bucket": bucketBinding(place.region, s3),
        "aws:s3/bucketObjectv2:BucketObjectv2": objectBinding(iam, s3),
        "aws:s3/bucketPolicy:BucketPolicy": { ...ofBucket(), check: ({ policy }) => policyProblems(policy) },
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ofBucket({
            blockPublicAcls: false,
            blockPublicPolicy: false,
            ignorePublicAcls: false,
            restrictPublicBuckets: false,
        }),
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ofBucket(),
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ofBucket({
            transitionDefaultMinimumObjectSize: "all_storage_classes_128K",
        }),
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ofBucket(),
        "aws:s3/bucketVersioning:BucketVersioning": ofBucket(),
    };
}

function bucketBinding(region: string, s3: LocalS3): Binding {
    const made = (inputs: Properties): Made => {
        const bucket = String(inputs.bucket);
        const outputs = {
            forceDestroy: false,
            objectLockEnabled: false,
            requestPayer: "BucketOwner",
            region,
            bucketRegion: region,
            tagsAll: inputs.tags ?? {},
            ...inputs,
            arn: `arn:aws:s3:::${bucket}`,
            bucketDomainName: `${bucket}.s3.amazonaws.com`,
            bucketRegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
        };
        return { id: bucket, outputs };
    };
    return {
        name: { property: "bucket", maxLength: 63, lower: true },
        check: ({ bucket }) => bucketNameProblems(String(bucket)),
        create(inputs) {
            s3.makeBucket(String(inputs.bucket));
            return made(inputs);
        },
        update: (_old, inputs) => made(inputs),
        async delete({ id, inputs }) {
            if (inputs.forceDestroy !== true && !(await s3.isEmpty(id))) {
                throw serviceError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
            }
            s3.removeBucket(id);
        },
    };
}

/** An object that the program itself uploads. */
function objectBinding(iam: Services["iam"], s3: LocalS3): Binding {
    const create = async (inputs: Properties): Promise<Made> => {
        const { bucket, key, contentType, contentEncoding } = inputs as Readonly<Record<string, string>>;
        const headers = { ...(contentType && { contentType }), ...(contentEncoding && { contentEncoding }) };
        await s3.putObject(iam.root, String(bucket), String(key), contentOf(inputs), headers);
        const outputs = {
            forceDestroy: false,
            contentType: "binary/octet-stream",
            serverSideEncryption: "AES256",
            storageClass: "STANDARD",
            tagsAll: inputs.tags ?? {},
            ...inputs,
            arn: `arn:aws:s3:::${bucket}/${key}`,
        };
        return { id: `${bucket}/${key}`, outputs };
    };
    return {
        name: { property: "key", maxLength: 1024 },
        create,
        delete: ({ inputs }) => s3.deleteObject(iam.root, String(inputs.bucket), String(inputs.key)),
    };
}

function contentOf(inputs: Properties): Buffer {
    if (typeof inputs.contentBase64 === "string") return Buffer.from(inputs.contentBase64, "base64");
    const source = inputs.source as { text?: string } | undefined;
    return Buffer.from(source?.text ?? String(inputs.content ?? ""));
}

/** A setting of a bucket: known, and read by the service where it has an effect. Its id is the bucket's name. */
function ofBucket(defaults: Properties = {}): Binding {
    return { create: (inputs) => ({ id: String(inputs.bucket), outputs: { ...defaults, ...inputs } }) };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function bucketNameProblems(name: string): readonly string[] {
    const isValid =
        /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
        !name.includes("..") &&
        !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
        !/^(xn--|sthree-|amzn-s3-demo-)/.test(name) &&
        !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name);
    if (isValid) return [];
    return [
        `"${name}" is no valid name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends, none that looks like an IP address or has a prefix or suffix that S3 keeps for itself.`,
    ];
}

function policyProblems(policy: unknown): readonly string[] {
    if (typeof policy !== "string") return [];
    try {
        JSON.parse(policy);
        return [];
    } catch {
        return [`"policy" contains an invalid JSON policy.`];
    }
}
