import { createHash } from "node:crypto";
import type * as S3 from "@aws-sdk/client-s3";
import { inParallel } from "./in-parallel";
import { folderOfHour, type Hour } from "./utc-hours";

/** Folders that are listed at once. */
const CONCURRENCY = 16;

/**
 * Makes the function that lists folders of a bucket, one for each hour, and gives a fingerprint of those that hold anything: another one as
 * soon as an object comes, goes or changes.
 */
export function arrivalFolders(sdk: typeof S3, client: S3.S3Client, bucket: string, prefix: string) {
    return async (hours: readonly Hour[]): Promise<ReadonlyMap<Hour, string>> => {
        const fingerprints = await inParallel(CONCURRENCY, hours, fingerprintOf);
        return new Map(hours.flatMap((hour, index) => (fingerprints[index] ? [[hour, fingerprints[index]]] : [])));
    };

    async function fingerprintOf(hour: Hour): Promise<string | undefined> {
        const hash = createHash("sha256");
        let count = 0;
        const input = { Bucket: bucket, Prefix: prefix + folderOfHour(hour) };
        for await (const { Contents = [] } of sdk.paginateListObjectsV2({ client }, input)) {
            for (const { Key, Size, ETag } of Contents.filter((object) => object.Size !== 0)) {
                hash.update(`${Key} ${Size} ${ETag}\n`);
                count++;
            }
        }
        return count > 0 ? hash.digest("hex").slice(0, 32) : undefined;
    }
}
