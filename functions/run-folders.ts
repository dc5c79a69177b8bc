import { randomBytes } from "node:crypto";
import type * as S3 from "@aws-sdk/client-s3";
import { inParallel } from "./in-parallel";
import type { PublishedHour } from "./merge-hours";
import { type Hour, nameOfHour } from "./utc-hours";

/** Milliseconds after which a folder that nobody reads is not being written any more either, nor read by a query that began before. */
const A_DAY = 86_400_000;

/** Folders that are listed at once. */
const CONCURRENCY = 16;

/** Objects that one request deletes. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const MOST = 1000;

/** A name that no other run of an hour has: `2026-01-31T12-9f86d081884c7d65`. */
export function newRun(hour: Hour): string {
    return `${nameOfHour(hour)}-${randomBytes(8).toString("hex")}`;
}

/** The folder of a run, as the partitions of a table by the run are named. */
export function folderOfRun(run: string): string {
    return `run=${run}/`;
}

/**
 * Makes the function that removes the folders of runs that are not published and older than a day: of runs that were ended, and those that
 * were published before.
 */
export function runFolders(sdk: typeof S3, client: S3.S3Client, bucket: string, prefix: string) {
    return async (
        hours: readonly Hour[],
        published: (hours: readonly Hour[]) => Promise<ReadonlyMap<Hour, PublishedHour>>,
        now: number,
    ): Promise<void> => {
        const listed = await inParallel(CONCURRENCY, hours, list);
        // After the listing: what is published now and was not then, is younger than a day.
        const inUse = await published(hours);
        const keys = hours.flatMap((hour, at) => {
            const run = inUse.get(hour)?.run;
            return (listed[at] as readonly S3._Object[])
                .filter(isOld)
                .flatMap(({ Key = "" }) => (runOf(Key) === run ? [] : [Key]));
        });
        for (let from = 0; from < keys.length; from += MOST) await remove(keys.slice(from, from + MOST));

        function isOld({ LastModified }: S3._Object): boolean {
            return LastModified !== undefined && LastModified.getTime() < now - A_DAY;
        }
    };

    async function list(hour: Hour): Promise<readonly S3._Object[]> {
        const objects: S3._Object[] = [];
        const input = { Bucket: bucket, Prefix: `${prefix}run=${nameOfHour(hour)}-` };
        for await (const { Contents = [] } of sdk.paginateListObjectsV2({ client }, input)) objects.push(...Contents);
        return objects;
    }

    async function remove(keys: readonly string[]): Promise<void> {
        const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
        await client.send(new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete }));
    }

    function runOf(key: string): string {
        return key.slice(prefix.length + "run=".length).split("/")[0] as string;
    }
}
