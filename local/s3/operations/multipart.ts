import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { serviceError } from "../../errors";
import { receive } from "../body";
import { encryptionHeaders, keptHeaders, rangeOf, writePrecondition } from "../headers";
import { MAX_PART_NUMBER } from "../model";
import type { S3Request } from "../request";
import type { NamedPart, Upload } from "../uploads";
import { fromXml, malformed, toXml, xmlResponse } from "../xml";
import type { S3Context, S3Operation } from "./context";
import { sourceObject } from "./objects";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export const createMultipartUpload: S3Operation = async ({ uploads, clock, randomHex }, { bucket, key, http }) => {
    const id = randomHex(64);
    await uploads.create({ id, bucket, key, headers: keptHeaders(http.headers), initiated: clock.now() });
    const result = { Bucket: bucket, Key: key, UploadId: id };
    return xmlResponse(toXml("CreateMultipartUploadOutput", result, "InitiateMultipartUploadResult"));
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export const uploadPart: S3Operation = async (context, request) => {
    const upload = uploadOf(context, request);
    const number = partNumberOf(request.query);
    const { md5, checksum } = await context.store.withTemporary(async (file) => {
        const received = await receive(request.http, file);
        context.uploads.addPart(upload, number, received.md5, file);
        return received;
    });
    return { status: 200, headers: { etag: `"${md5}"`, ...checksum } };
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
export const uploadPartCopy: S3Operation = async (context, request) => {
    const upload = uploadOf(context, request);
    const number = partNumberOf(request.query);
    const object = sourceObject(context, request);
    const range = rangeOf(request.http.headers["x-amz-copy-source-range"], object.size);
    const etag = await context.store.withTemporary(async (file) => {
        const copied = await copyBytes(object.path, file, range);
        context.uploads.addPart(upload, number, copied, file);
        return copied;
    });
    return xmlResponse(toXml("CopyPartResult", { ETag: `"${etag}"`, LastModified: new Date(context.clock.now()) }));
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export const completeMultipartUpload: S3Operation = async (context, request) => {
    const { store, uploads, place } = context;
    const { bucket, key, http } = request;
    const { Parts = [] } = await fromXml<{ Parts?: NamedPart[] }>(
        "CompletedMultipartUpload",
        String(await http.body()),
    );
    if (Parts.length === 0) throw malformed();
    const upload = uploadOf(context, request);
    const etag = await store.withTemporary(async (file) => {
        const joined = await uploads.join(upload, Parts, file);
        store.commit(file, bucket, key, { etag: joined, headers: upload.headers }, writePrecondition(http.headers));
        return joined;
    });
    uploads.remove(upload);
    const result = { Location: `${place.endpoint()}/${bucket}/${key}`, Bucket: bucket, Key: key, ETag: `"${etag}"` };
    const answer = xmlResponse(toXml("CompleteMultipartUploadOutput", result, "CompleteMultipartUploadResult"));
    return { ...answer, headers: { ...answer.headers, ...encryptionHeaders(context.encryption(bucket)) } };
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
export const abortMultipartUpload: S3Operation = (context, request) => {
    context.uploads.remove(uploadOf(context, request));
    return { status: 204 };
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export const listParts: S3Operation = (context, request) => {
    const { bucket, key, query } = request;
    const upload = uploadOf(context, request);
    const marker = Number(query.get("part-number-marker") ?? 0);
    const max = Math.min(Number(query.get("max-parts") ?? 1000), 1000);
    const later = context.uploads.parts(upload).filter((part) => part.number > marker);
    const page = later.slice(0, max);
    const result = {
        Bucket: bucket,
        Key: key,
        UploadId: upload.id,
        PartNumberMarker: String(marker),
        NextPartNumberMarker: String(page.at(-1)?.number ?? marker),
        MaxParts: max,
        IsTruncated: later.length > page.length,
        StorageClass: "STANDARD",
        Parts: page.map(({ number, etag, size, modified }) => ({
            PartNumber: number,
            ETag: `"${etag}"`,
            Size: size,
            LastModified: new Date(modified),
        })),
    };
    return xmlResponse(toXml("ListPartsOutput", result, "ListPartsResult"));
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export const listMultipartUploads: S3Operation = ({ uploads }, { bucket, query }) => {
    const prefix = query.get("prefix") ?? "";
    const found = uploads.of(bucket).filter(({ key }) => key.startsWith(prefix));
    const result = {
        Bucket: bucket,
        Prefix: prefix,
        MaxUploads: 1000,
        IsTruncated: false,
        Uploads: found.map(({ id, key, initiated }) => ({
            UploadId: id,
            Key: key,
            Initiated: new Date(initiated),
            StorageClass: "STANDARD",
        })),
    };
    return xmlResponse(toXml("ListMultipartUploadsOutput", result, "ListMultipartUploadsResult"));
};

function uploadOf({ uploads }: S3Context, { bucket, key, query }: S3Request): Upload {
    return uploads.get(bucket, key, query.get("uploadId") ?? "");
}

function partNumberOf(query: URLSearchParams): number {
    const number = Number(query.get("partNumber"));
    if (Number.isInteger(number) && number >= 1 && number <= MAX_PART_NUMBER) return number;
    throw serviceError("InvalidArgument", `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`);
}

async function copyBytes(from: string, to: string, range: { start: number; end: number } | undefined): Promise<string> {
    const hash = createHash("md5");
    const fd = fs.openSync(to, "wx");
    try {
        for await (const piece of fs.createReadStream(from, range) as AsyncIterable<Buffer>) {
            hash.update(piece);
            for (let at = 0; at < piece.length; ) at += fs.writeSync(fd, piece, at);
        }
        return hash.digest("hex");
    } finally {
        fs.closeSync(fd);
    }
}
