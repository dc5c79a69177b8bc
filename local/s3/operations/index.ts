import { getBucketLocation, getBucketVersioning, headBucket, listBuckets } from "./buckets";
import type { S3Operation } from "./context";
import { listObjects, listObjectsV2 } from "./listing";
import {
    abortMultipartUpload,
    completeMultipartUpload,
    createMultipartUpload,
    listMultipartUploads,
    listParts,
    uploadPart,
    uploadPartCopy,
} from "./multipart";
import { copyObject, deleteObject, deleteObjects, getObject, putObject } from "./objects";

/** How a request is known as an operation, and what the caller must be allowed. */
export interface Route {
    readonly name: string;
    readonly method: string;
    /** What the request names. */
    readonly on: "service" | "bucket" | "object";
    /** The query parameter that tells this operation from others; of several that fit, the first in the table is meant. */
    readonly with?: string;
    /** The header that tells this operation from others. */
    readonly header?: string;
    /** Other query parameters that it knows. One that it does not know is refused, not passed over. */
    readonly parameters?: readonly string[];
    /** The action that is authorized first; none for an operation that authorizes each of its keys. */
    readonly action?: string;
    readonly run: S3Operation;
}

const LISTING = ["prefix", "delimiter", "max-keys", "encoding-type"];
const OVERRIDES = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];

/** Every operation of the local S3. */
export const ROUTES: readonly Route[] = [
    route("ListBuckets", "GET service", "s3:ListAllMyBuckets", listBuckets, {
        parameters: ["prefix", "max-buckets", "bucket-region"],
    }),
    route("HeadBucket", "HEAD bucket", "s3:ListBucket", headBucket),
    route("GetBucketLocation", "GET bucket", "s3:GetBucketLocation", getBucketLocation, { with: "location" }),
    route("GetBucketVersioning", "GET bucket", "s3:GetBucketVersioning", getBucketVersioning, { with: "versioning" }),
    route("ListMultipartUploads", "GET bucket", "s3:ListBucketMultipartUploads", listMultipartUploads, {
        with: "uploads",
        parameters: ["prefix"],
    }),
    route("ListObjectsV2", "GET bucket", "s3:ListBucket", listObjectsV2, {
        with: "list-type",
        parameters: [...LISTING, "continuation-token", "start-after", "fetch-owner"],
    }),
    route("ListObjects", "GET bucket", "s3:ListBucket", listObjects, { parameters: [...LISTING, "marker"] }),
    route("DeleteObjects", "POST bucket", undefined, deleteObjects, { with: "delete" }),
    route("ListParts", "GET object", "s3:ListMultipartUploadParts", listParts, {
        with: "uploadId",
        parameters: ["max-parts", "part-number-marker"],
    }),
    route("GetObject", "GET object", "s3:GetObject", getObject, {
        parameters: OVERRIDES.map((header) => `response-${header}`),
    }),
    route("HeadObject", "HEAD object", "s3:GetObject", getObject),
    route("UploadPartCopy", "PUT object", "s3:PutObject", uploadPartCopy, {
        with: "uploadId",
        header: "x-amz-copy-source",
        parameters: ["partNumber"],
    }),
    route("UploadPart", "PUT object", "s3:PutObject", uploadPart, { with: "uploadId", parameters: ["partNumber"] }),
    route("CopyObject", "PUT object", "s3:PutObject", copyObject, { header: "x-amz-copy-source" }),
    route("PutObject", "PUT object", "s3:PutObject", putObject),
    route("AbortMultipartUpload", "DELETE object", "s3:AbortMultipartUpload", abortMultipartUpload, {
        with: "uploadId",
    }),
    route("DeleteObject", "DELETE object", "s3:DeleteObject", deleteObject),
    route("CreateMultipartUpload", "POST object", "s3:PutObject", createMultipartUpload, { with: "uploads" }),
    route("CompleteMultipartUpload", "POST object", "s3:PutObject", completeMultipartUpload, { with: "uploadId" }),
];

function route(
    name: string,
    target: `${string} ${Route["on"]}`,
    action: string | undefined,
    run: S3Operation,
    more: Pick<Route, "with" | "header" | "parameters"> = {},
): Route {
    const [method = "", on] = target.split(" ") as [string, Route["on"]];
    return { name, method, on, run, ...(action && { action }), ...more };
}
