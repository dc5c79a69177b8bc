import * as fs from "node:fs";
import { serviceError } from "../../errors";
import type { HttpResponse } from "../../services";
import { receive } from "../body";
import {
    encryptionHeaders,
    isNotModified,
    keptHeaders,
    noSuchKey,
    objectHeaders,
    preconditionFailed,
    rangeOf,
    writePrecondition,
} from "../headers";
import { MAX_KEYS } from "../model";
import { checked, copySourceOf, type S3Request } from "../request";
import type { StoredObject } from "../store";
import { fromXml, malformed, toXml, xmlResponse } from "../xml";
import type { S3Context, S3Operation } from "./context";

/** Up to this many bytes are answered from memory; more are streamed. */
const SMALL = 256 * 1024;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const putObject: S3Operation = async (context, { bucket, key, http }) => {
    const headers = keptHeaders(http.headers);
    const { md5, checksum } = await context.store.withTemporary(async (file) => {
        const received = await receive(http, file);
        const info = { etag: received.md5, headers, ...(received.checksum && { checksum: received.checksum }) };
        context.store.commit(file, bucket, key, info, writePrecondition(http.headers));
        return received;
    });
    return {
        status: 200,
        headers: { etag: `"${md5}"`, ...checksum, ...encryptionHeaders(context.encryption(bucket)) },
    };
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html and HeadObject, which is the same without the body. */
export const getObject: S3Operation = (context, request) => {
    const { http, bucket, key, query } = request;
    const opened = context.store.open(bucket, key);
    if (!opened) throw missing(context, request);
    const { object, fd } = opened;
    let streams = false;
    try {
        if (isNotModified(http.headers, object)) return { status: 304, headers: objectHeaders(object) };
        const range = rangeOf(http.headers.range, object.size);
        const { start, end } = range ?? { start: 0, end: object.size - 1 };
        const length = end - start + 1;
        const headers = {
            ...objectHeaders(object),
            ...encryptionHeaders(context.encryption(bucket)),
            ...(http.headers["x-amz-checksum-mode"] === "ENABLED" && !range && object.checksum),
            ...overrides(query),
            ...(range && { "content-range": `bytes ${start}-${end}/${object.size}` }),
            "content-length": String(length),
        };
        const status = range ? 206 : 200;
        if (http.method === "HEAD") return { status, headers };
        if (length > SMALL) streams = true;
        return { status, headers, body: streams ? stream(fd, start, end) : read(fd, start, length) };
    } finally {
        if (!streams) fs.closeSync(fd);
    }
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export const deleteObject: S3Operation = ({ store }, { bucket, key, http }) => {
    const current = store.stat(bucket, key);
    if (current) writePrecondition({ "if-match": http.headers["if-match"] })(current);
    store.remove(bucket, key);
    return { status: 204 };
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export const deleteObjects: S3Operation = async (context, request) => {
    const { bucket, http } = request;
    const body = await fromXml<{ Objects?: { Key?: string }[]; Quiet?: boolean }>("Delete", String(await http.body()));
    const keys = (body.Objects ?? []).map(({ Key }) => Key ?? "");
    if (keys.length === 0 || keys.length > MAX_KEYS || keys.includes("")) throw malformed();
    const deleted: { Key: string }[] = [];
    const errors: { Key: string; Code: string; Message: string }[] = [];
    for (const key of keys) {
        try {
            context.authorize(request, "s3:DeleteObject", bucket, checked(key));
            context.store.remove(bucket, key);
            deleted.push({ Key: key });
        } catch (error) {
            const { code = "InternalError", message } = error as Error & { code?: string };
            errors.push({ Key: key, Code: code, Message: message });
        }
    }
    const result = { Deleted: body.Quiet ? [] : deleted, Errors: errors };
    return xmlResponse(toXml("DeleteObjectsOutput", result, "DeleteResult"));
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const copyObject: S3Operation = async (context, request) => {
    const { bucket, key, http } = request;
    const replaces = http.headers["x-amz-metadata-directive"] === "REPLACE";
    const source = copySourceOf(http.headers["x-amz-copy-source"] ?? "");
    if (source.bucket === bucket && source.key === key && !replaces) {
        const message =
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
        throw serviceError("InvalidRequest", message);
    }
    const object = sourceObject(context, request);
    const { etag, checksum } = object;
    const info = {
        etag,
        headers: replaces ? keptHeaders(http.headers) : object.headers,
        ...(checksum && { checksum }),
    };
    const { modified } = await context.store.withTemporary((file) => {
        fs.copyFileSync(object.path, file, fs.constants.COPYFILE_FICLONE);
        return context.store.commit(file, bucket, key, info, writePrecondition(http.headers));
    });
    return xmlResponse(toXml("CopyObjectResult", { ETag: `"${etag}"`, LastModified: new Date(modified) }));
};

/** The object that an `x-amz-copy-source` header names, when the caller may read it and the header's conditions hold. */
export function sourceObject(context: S3Context, request: S3Request): StoredObject {
    const { headers } = request.http;
    const source = copySourceOf(headers["x-amz-copy-source"] ?? "");
    context.requireBucket(source.bucket);
    context.authorize(request, "s3:GetObject", source.bucket, source.key);
    const object = context.store.stat(source.bucket, source.key);
    if (!object) throw missing(context, { ...request, ...source });
    if (isNotModified(headers, object, "x-amz-copy-source-")) {
        throw preconditionFailed();
    }
    return object;
}

/** S3 tells only those who may list a bucket that a key is not in it: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
function missing(context: S3Context, request: Pick<S3Request, "caller" | "bucket">): Error {
    context.authorize(request, "s3:ListBucket", request.bucket);
    return noSuchKey();
}

/** `?response-content-type=…` and its like replace headers of the answer. */
function overrides(query: URLSearchParams): Record<string, string> {
    const named = [...query].filter(([name]) => name.startsWith("response-"));
    return Object.fromEntries(named.map(([name, value]) => [name.slice("response-".length), value]));
}

function read(fd: number, start: number, length: number): Buffer {
    const body = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; ) at += fs.readSync(fd, body, at, length - at, start + at);
    return body;
}

function stream(fd: number, start: number, end: number): HttpResponse["body"] {
    return fs.createReadStream("", { fd, start, end, highWaterMark: SMALL });
}
