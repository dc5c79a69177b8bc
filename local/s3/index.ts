import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { isServiceError, serviceError, unsupported } from "../errors";
import type { Caller, HttpRequest, HttpResponse, S3, Services } from "../services";
import { md5, noSuchKey } from "./headers";
import { DEFAULT_CONTENT_TYPE } from "./model";
import { ROUTES, type Route } from "./operations";
import type { S3Context } from "./operations/context";
import { addressOf, checked, type S3Request } from "./request";
import { openStore } from "./store";
import { openUploads } from "./uploads";
import { walkKeys } from "./walk";
import { errorXml } from "./xml";

/** The local S3. */
export interface LocalS3 extends S3 {
    /** Answers a request to S3's REST API. */
    handle(request: HttpRequest): Promise<HttpResponse>;
    /** Whether a bucket holds no object. */
    isEmpty(bucket: string): Promise<boolean>;
    /** Makes a bucket's folder. */
    makeBucket(bucket: string): void;
    /** Removes a bucket's folder and everything in it. */
    removeBucket(bucket: string): void;
}

/**
 * Makes the local S3: buckets as folders below `<data>/s3`, objects as files that keep their keys for names.
 *
 * Not done here: versions (a bucket's status is known, and its newest versions are all there is), lifecycle rules and encryption at rest
 * (known, without effect).
 *
 * The endpoint speaks plain HTTP on loopback, where no one can listen in; IAM takes it for TLS, so buckets that refuse anything else work.
 */
export function createS3(services: Pick<Services, "clock" | "place" | "resources" | "iam" | "randomHex">): LocalS3 {
    const root = path.join(services.place.data, "s3");
    const store = openStore(root, () => services.clock.now());
    const uploads = openUploads(path.join(root, ".uploads"), store.withTemporary);
    const context: S3Context = { ...services, store, uploads, ...rulesOf(services) };

    const allowed = (caller: Caller, action: string, bucket: string, key?: string) => {
        context.requireBucket(bucket);
        context.authorize({ caller }, action, bucket, key);
    };
    return {
        handle: (request) => handle(context, request),
        async putObject(caller, bucket, key, body, headers = {}) {
            allowed(caller, "s3:PutObject", bucket, checked(key));
            const bytes = typeof body === "string" ? Buffer.from(body) : body;
            const { contentType = DEFAULT_CONTENT_TYPE, contentEncoding } = headers;
            const kept = {
                "content-type": contentType,
                ...(contentEncoding && { "content-encoding": contentEncoding }),
            };
            await store.withTemporary((file) => {
                fs.writeFileSync(file, bytes);
                store.commit(file, bucket, key, { etag: md5(bytes), headers: kept });
            });
        },
        async getObject(caller, bucket, key) {
            allowed(caller, "s3:GetObject", bucket, checked(key));
            const opened = store.open(bucket, key);
            if (opened) return readWhole(opened.fd).finally(() => fs.closeSync(opened.fd));
            context.authorize({ caller }, "s3:ListBucket", bucket);
            throw noSuchKey();
        },
        async listObjects(caller, bucket, prefix) {
            allowed(caller, "s3:ListBucket", bucket);
            const found: { key: string; size: number; modified: number }[] = [];
            for await (const key of walkKeys(store.folder(bucket), { prefix })) {
                const object = store.stat(bucket, key);
                if (object) found.push({ key, size: object.size, modified: object.modified });
            }
            return found;
        },
        async deleteObject(caller, bucket, key) {
            allowed(caller, "s3:DeleteObject", bucket, checked(key));
            store.remove(bucket, key);
        },
        file: store.file,
        makeBucket: store.makeBucket,
        async isEmpty(bucket) {
            for await (const _ of walkKeys(store.folder(bucket), { prefix: "" })) return false;
            return true;
        },
        removeBucket(bucket) {
            store.removeBucket(bucket);
            uploads.removeBucket(bucket);
        },
    };
}

const readWhole = promisify<number, Buffer>(fs.readFile);

function rulesOf({ iam, resources }: Pick<Services, "iam" | "resources">) {
    return {
        requireBucket(bucket: string) {
            if (resources.get("aws:s3/bucket:Bucket", bucket)) return;
            throw serviceError("NoSuchBucket", "The specified bucket does not exist", 404);
        },
        authorize({ caller }: { caller: Caller }, action: string, bucket: string, key?: string, condition = {}) {
            const resource = bucket === "" ? "*" : `arn:aws:s3:::${bucket}${key === undefined ? "" : `/${key}`}`;
            try {
                iam.authorize(caller, action, resource, condition);
            } catch (error) {
                throw isServiceError(error) ? serviceError("AccessDenied", error.message, 403) : error;
            }
        },
        encryption(bucket: string) {
            const type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
            const found = resources.all<EncryptionInputs>(type).find(({ inputs }) => inputs.bucket === bucket);
            return found?.inputs.rules[0]?.applyServerSideEncryptionByDefault?.sseAlgorithm;
        },
    };
}

interface EncryptionInputs {
    readonly bucket: string;
    readonly rules: readonly { readonly applyServerSideEncryptionByDefault?: { readonly sseAlgorithm: string } }[];
}

async function handle(context: S3Context, http: HttpRequest): Promise<HttpResponse> {
    const id = context.randomHex(16).toUpperCase();
    const ids = { "x-amz-request-id": id, "x-amz-id-2": Buffer.from(id).toString("base64") };
    try {
        const response = await answer(context, http);
        return { ...response, headers: { ...response.headers, ...ids } };
    } catch (error) {
        if (!isServiceError(error)) throw error;
        const { status, code } = error;
        const headers = { ...ids, "content-type": "application/xml" };
        if (http.method === "HEAD") return { status, headers };
        const resource = http.url.split("?")[0] ?? "";
        const body = errorXml({
            Code: code,
            Message: error.message,
            Resource: resource,
            RequestId: id,
            HostId: ids["x-amz-id-2"],
        });
        return { status, headers, body };
    }
}

async function answer(context: S3Context, http: HttpRequest): Promise<HttpResponse> {
    const address = addressOf(http);
    const { caller } = http;
    // Nothing is public: S3 blocks public access unless a bucket is opened, which the program's buckets are not.
    if (!caller) throw serviceError("AccessDenied", "Access Denied", 403);
    const request: S3Request = { http, caller, ...address };
    const { bucket, key, query } = address;
    const route = routeOf(request);
    if (bucket !== "") context.requireBucket(bucket);
    const owner = http.headers["x-amz-expected-bucket-owner"];
    if (owner !== undefined && owner !== context.place.account)
        throw serviceError("AccessDenied", "Access Denied", 403);
    if (route.action) {
        const listed = { "s3:prefix": query.get("prefix") ?? "" };
        const prefix = route.action === "s3:ListBucket" ? listed : undefined;
        context.authorize(request, route.action, bucket, key === "" ? undefined : key, prefix);
    }
    return route.run(context, request);
}

function routeOf({ http, bucket, key, query }: S3Request): Route {
    const on = bucket === "" ? "service" : key === "" ? "bucket" : "object";
    const route = ROUTES.find(
        (each) =>
            each.method === http.method &&
            each.on === on &&
            (each.with === undefined || query.has(each.with)) &&
            (each.header === undefined || http.headers[each.header] !== undefined),
    );
    const known = [route?.with, ...(route?.parameters ?? []), "x-id"];
    const unknown = [...query.keys()].filter((name) => !known.includes(name) && !name.startsWith("X-Amz-"));
    if (route && unknown.length === 0) return route;
    const target = { service: "the service", bucket: "a bucket", object: "an object" }[on];
    const parameters = unknown.length === 0 ? "" : ` with ?${unknown.join("&")}`;
    throw unsupported(`The S3 request ${http.method} on ${target}${parameters}`);
}
