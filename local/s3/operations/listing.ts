import { serviceError } from "../../errors";
import { MAX_KEYS } from "../model";
import type { S3Request } from "../request";
import { walkKeys } from "../walk";
import { toXml, xmlResponse } from "../xml";
import type { S3Context, S3Operation } from "./context";

interface Listing {
    readonly prefix: string;
    readonly delimiter: string;
    /** Keys and common prefixes up to this one have been listed. */
    readonly after: string;
    readonly max: number;
}

interface Page {
    readonly objects: readonly { Key: string; LastModified: Date; ETag: string; Size: number; StorageClass: string }[];
    readonly prefixes: readonly { Prefix: string }[];
    /** The last key or common prefix on the page, when there are more. */
    readonly next?: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const listObjectsV2: S3Operation = async (context, request) => {
    const { bucket, query } = request;
    const token = query.get("continuation-token");
    const startAfter = query.get("start-after");
    const listing = listingOf(query, token === null ? (startAfter ?? "") : keyOfToken(token));
    const page = await list(context, bucket, listing, encoderOf(query));
    const owner = query.get("fetch-owner") === "true" ? { Owner: { ID: context.place.account } } : {};
    return answer("ListObjectsV2Output", request, listing, page, {
        Contents: page.objects.map((object) => ({ ...object, ...owner })),
        KeyCount: page.objects.length + page.prefixes.length,
        ...(token !== null && { ContinuationToken: token }),
        ...(startAfter !== null && { StartAfter: encoderOf(query)(startAfter) }),
        ...(page.next !== undefined && { NextContinuationToken: Buffer.from(page.next).toString("base64") }),
    });
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export const listObjects: S3Operation = async (context, request) => {
    const { bucket, query } = request;
    const encode = encoderOf(query);
    const marker = query.get("marker") ?? "";
    const listing = listingOf(query, marker);
    const page = await list(context, bucket, listing, encode);
    return answer("ListObjectsOutput", request, listing, page, {
        Marker: encode(marker),
        Contents: page.objects.map((object) => ({ ...object, Owner: { ID: context.place.account } })),
        // Without a delimiter, clients go on from the last key: so says the page on the API.
        ...(page.next !== undefined && listing.delimiter !== "" && { NextMarker: encode(page.next) }),
    });
};

function answer(shape: string, request: S3Request, listing: Listing, page: Page, more: object) {
    const { bucket, query } = request;
    const encode = encoderOf(query);
    const result = {
        Name: bucket,
        Prefix: encode(listing.prefix),
        ...(listing.delimiter !== "" && { Delimiter: encode(listing.delimiter) }),
        ...(query.has("encoding-type") && { EncodingType: query.get("encoding-type") }),
        MaxKeys: listing.max,
        IsTruncated: page.next !== undefined,
        CommonPrefixes: page.prefixes,
        ...more,
    };
    return xmlResponse(toXml(shape, result, "ListBucketResult"));
}

function listingOf(query: URLSearchParams, after: string): Listing {
    const max = Number(query.get("max-keys") ?? MAX_KEYS);
    if (!Number.isInteger(max) || max < 0) {
        throw serviceError("InvalidArgument", "Argument maxKeys must be an integer between 0 and 2147483647");
    }
    const [prefix, delimiter] = [query.get("prefix") ?? "", query.get("delimiter") ?? ""];
    return { prefix, delimiter, after, max: Math.min(max, MAX_KEYS) };
}

async function list(
    context: S3Context,
    bucket: string,
    listing: Listing,
    encode: (text: string) => string,
): Promise<Page> {
    const { prefix, delimiter, after, max } = listing;
    const objects: Page["objects"][number][] = [];
    const prefixes: { Prefix: string }[] = [];
    const page = { objects, prefixes };
    if (max === 0) return page;
    let last = "";
    const walk = { prefix, after, skip: commonPrefix(after, listing) === after && after !== "" ? after : undefined };
    for await (const key of walkKeys(context.store.folder(bucket), walk)) {
        if (objects.length + prefixes.length === max) return { ...page, next: last };
        const common = delimiter === "" ? undefined : commonPrefix(key, listing);
        if (common === undefined) {
            const object = context.store.stat(bucket, key);
            // It may have gone since its folder was read.
            if (!object) continue;
            const { size: Size, etag, modified, headers } = object;
            const StorageClass = headers["x-amz-storage-class"] ?? "STANDARD";
            objects.push({ Key: encode(key), LastModified: new Date(modified), ETag: `"${etag}"`, Size, StorageClass });
        } else {
            prefixes.push({ Prefix: encode(common) });
            walk.skip = common;
        }
        last = common ?? key;
    }
    return page;
}

/** The part of a key up to the first delimiter after the prefix. */
function commonPrefix(key: string, { prefix, delimiter }: Listing): string | undefined {
    if (delimiter === "" || !key.startsWith(prefix)) return undefined;
    const at = key.indexOf(delimiter, prefix.length);
    return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** Keys may hold what XML cannot; the SDK and the CLI ask for them URL-encoded. */
function encoderOf(query: URLSearchParams): (text: string) => string {
    if (query.get("encoding-type") !== "url") return (text) => text;
    return (text) => encodeURIComponent(text).replaceAll("%2F", "/");
}

function keyOfToken(token: string): string {
    const key = Buffer.from(token, "base64").toString();
    if (token === "" || Buffer.from(key).toString("base64") !== token) {
        throw serviceError("InvalidArgument", "The continuation token provided is incorrect");
    }
    return key;
}
