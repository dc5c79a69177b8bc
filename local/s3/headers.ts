import { createHash } from "node:crypto";
import { serviceError, unsupported } from "../errors";
import type { HttpRequest } from "../services";
import { DEFAULT_CONTENT_TYPE, MAX_METADATA } from "./model";
import type { StoredObject } from "./store";

type Headers = Readonly<Record<string, string>>;

/** Headers of a PUT that come back with each GET. */
const KEPT = [
    "cache-control",
    "content-disposition",
    "content-language",
    "expires",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
];

/** The headers of a PUT that the object keeps. Refuses the ones that ask for what the local runtime lacks. */
export function keptHeaders(headers: HttpRequest["headers"]): Record<string, string> {
    refuseUnsupported(headers);
    const kept: Record<string, string> = { "content-type": headers["content-type"] || DEFAULT_CONTENT_TYPE };
    let metadata = 0;
    for (const [name, value] of Object.entries(headers)) {
        if (value === undefined) continue;
        if (KEPT.includes(name)) kept[name] = value;
        if (!name.startsWith("x-amz-meta-")) continue;
        metadata += Buffer.byteLength(name) - "x-amz-meta-".length + Buffer.byteLength(value, "latin1");
        kept[name] = value;
    }
    if (metadata > MAX_METADATA) {
        throw serviceError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size");
    }
    const encoding = (headers["content-encoding"] ?? "").split(",").map((each) => each.trim());
    const own = encoding.filter((each) => each !== "" && each !== "aws-chunked").join(",");
    return own === "" ? kept : { ...kept, "content-encoding": own };
}

function refuseUnsupported(headers: HttpRequest["headers"]): void {
    for (const name of Object.keys(headers)) {
        const isLacking =
            name === "x-amz-tagging" ||
            name === "x-amz-write-offset-bytes" ||
            name.startsWith("x-amz-object-lock-") ||
            name.startsWith("x-amz-grant-") ||
            name.startsWith("x-amz-server-side-encryption-customer-");
        if (isLacking) throw unsupported(`The S3 header ${name}`);
    }
    const acl = headers["x-amz-acl"] ?? "private";
    if (!["private", "bucket-owner-full-control", "bucket-owner-read"].includes(acl)) {
        throw unsupported(`The S3 access control list ${acl}`);
    }
}

/** The headers that describe an object in an answer, without its length. */
export function objectHeaders(object: StoredObject): Record<string, string> {
    return {
        ...object.headers,
        etag: `"${object.etag}"`,
        "last-modified": new Date(object.modified).toUTCString(),
        "accept-ranges": "bytes",
    };
}

/** Refuses a write whose `If-Match` or `If-None-Match` does not hold: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export function writePrecondition(headers: HttpRequest["headers"]) {
    const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = headers;
    return (current: StoredObject | undefined): void => {
        if (ifMatch !== undefined && !current) throw noSuchKey();
        if (ifMatch !== undefined && !lists(ifMatch, current?.etag)) throw preconditionFailed();
        if (ifNoneMatch !== undefined && current && lists(ifNoneMatch, current.etag)) throw preconditionFailed();
    };
}

/** Whether a read is answered 304. Throws 412 where its conditions fail. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export function isNotModified(headers: HttpRequest["headers"], object: StoredObject, prefix = ""): boolean {
    const of = (name: string) => headers[`${prefix}if-${name}`];
    const changedSince = (date: string) => Math.floor(object.modified / 1000) > Math.floor(Date.parse(date) / 1000);
    const [match, noneMatch] = [of("match"), of("none-match")];
    const [modifiedSince, unmodifiedSince] = [of("modified-since"), of("unmodified-since")];
    if (match !== undefined && !lists(match, object.etag)) throw preconditionFailed();
    if (match === undefined && unmodifiedSince !== undefined && changedSince(unmodifiedSince))
        throw preconditionFailed();
    if (noneMatch !== undefined) return lists(noneMatch, object.etag);
    return modifiedSince !== undefined && !changedSince(modifiedSince);
}

/** First and last byte that a `Range` header asks for; undefined when the whole object is meant. Throws 416. */
export function rangeOf(header: string | undefined, size: number): { start: number; end: number } | undefined {
    const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
    if (!match || (match[1] === "" && match[2] === "")) return undefined;
    const [from, to] = [match[1], match[2]];
    const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
    const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
    if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
    if (start >= size) throw serviceError("InvalidRange", "The requested range is not satisfiable", 416);
    return { start, end };
}

/** S3's answer to a condition that does not hold. */
export function preconditionFailed() {
    return serviceError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
}

/** S3's answer to a key that is not there. */
export function noSuchKey() {
    return serviceError("NoSuchKey", "The specified key does not exist.", 404);
}

/** MD5 of a buffer in hex digits, which is the ETag of an object uploaded whole. */
export function md5(body: Buffer): string {
    return createHash("md5").update(body).digest("hex");
}

/** Headers of an answer that says how an object is encrypted; SSE-S3 unless its bucket says otherwise. */
export function encryptionHeaders(algorithm = "AES256"): Headers {
    return { "x-amz-server-side-encryption": algorithm };
}

function lists(header: string, etag: string | undefined): boolean {
    return header.split(",").some((each) => {
        const wanted = each.trim().replace(/^W\//, "").replaceAll('"', "");
        return wanted === "*" || wanted === etag;
    });
}
