import type * as S3 from "@aws-sdk/client-s3";
import { arrivalFolders } from "./arrival-folders";
import { athenaQueries } from "./athena-queries";
import { environment } from "./environment";
import { folderContents } from "./folder-contents";
import { hourPartitions } from "./hour-partitions";
import { failureOf, type Lake, type MergeReport, mergeHours, secondsBehind } from "./merge-hours";
import { readMergeRequest } from "./merge-request";
import { countStatement, type MergeTables, writeStatement } from "./merge-statements";
import { folderOfRun, newRun, runFolders } from "./run-folders";
import { deadlineOf, type LambdaContext } from "./time-left";
import { hourAt, nameOfHour } from "./utc-hours";

/** Settings of {@link mergeAccessLog}. Plain data. */
export interface MergeAccessLogOptions {
    readonly tables: Omit<MergeTables, "database">;
    /** Folders of the bucket: of the raw lines, of the merged table, and of what is known about the raw lines. */
    readonly rawPrefix: string;
    readonly mergedPrefix: string;
    readonly contentsPrefix: string;
    /** Hours after which nothing is expected any more in a folder of raw lines. */
    readonly latenessHours: number;
}

/** What a call answers. Hours are named `2026-01-31T12`. */
export interface MergeAnswer {
    readonly merged: readonly { readonly hour: string; readonly rows: number }[];
    /** Hours for which no time was left. The next call goes on with them. */
    readonly left: readonly string[];
    /** Lines of the lateness window that are no request. */
    readonly malformed: number;
}

/** Milliseconds that an hour takes at most, as a rule: none is begun with less. */
const AN_HOUR_TAKES = 60_000;

/**
 * Makes the handler that merges the access log of an API, JSON lines by the hour of their arrival, into a table of Parquet files by the hour of
 * the request, each request once. It works in the workgroup, database and bucket that the environment names. The call says which hours: see
 * `readMergeRequest`. It throws when an hour could not be merged, after the others.
 */
export function mergeAccessLog(options: MergeAccessLogOptions) {
    const [workgroup, database, bucket] = ["WORKGROUP", "DATABASE", "BUCKET"].map(environment) as [
        string,
        string,
        string,
    ];
    const tables: MergeTables = { ...options.tables, database };
    let connection: Connection | undefined;

    return async (event: unknown, context?: LambdaContext): Promise<MergeAnswer> => {
        const range = readMergeRequest(event);
        const deadline = deadlineOf(context);
        const reserve = Math.min(AN_HOUR_TAKES, (deadline - Date.now()) / 2);
        const report = await mergeHours(lake(deadline), {
            range,
            now: hourAt(Date.now()),
            latenessHours: options.latenessHours,
            hasTime: () => Date.now() < deadline - reserve,
            newRun,
        });
        return answer(report);
    };

    function lake(deadline: number): Lake {
        connection ??= connect(workgroup, database, bucket, options);
        const { sdk, client, queriesUntil, partitions, folders, tidy } = connection;
        const queries = queriesUntil(deadline);
        const location = (run: string) => `s3://${bucket}/${options.mergedPrefix}${folderOfRun(run)}`;
        return {
            folders,
            contents: folderContents(sdk, client, { bucket, prefix: options.contentsPrefix }, queries, tables),
            published: partitions.published,
            write: (hour, of, run) => queries.run(writeStatement(tables, hour, of, location(run))),
            async count(hour, of, run) {
                const [row = []] = await queries.rows(countStatement(tables, hour, of, run));
                const [requests = 0, rows = 0, different = 0] = row.map(Number);
                return { requests, rows, different };
            },
            publish: (hour, next, before) => partitions.publish(hour, next, location(next.run), before),
            tidy: (hours) => tidy(hours, partitions.published, Date.now()),
        };
    }
}

type Connection = ReturnType<typeof connect>;

/** The SDK is not in the bundle: Lambda has it. Its clients are made once, for the first call. */
function connect(workgroup: string, database: string, bucket: string, options: MergeAccessLogOptions) {
    const sdk = require("@aws-sdk/client-s3") as typeof S3;
    const client = new sdk.S3Client({ maxAttempts: 8 });
    return {
        sdk,
        client,
        queriesUntil: athenaQueries(workgroup),
        partitions: hourPartitions(database, options.tables.merged),
        folders: arrivalFolders(sdk, client, bucket, options.rawPrefix),
        tidy: runFolders(sdk, client, bucket, options.mergedPrefix),
    };
}

/** Logs how it went, in numbers: alarms read them. Throws for what could not be merged. */
function answer(report: MergeReport): MergeAnswer {
    const { merged, left, failed, malformed } = report;
    const rows = merged.reduce((sum, each) => sum + each.rows, 0);
    const behindSeconds = secondsBehind(report, Date.now());
    console.info({
        outcome: "Run",
        merged: merged.length,
        rows,
        left: left.length,
        failed: failed.length,
        malformed,
        behindSeconds,
    });
    const failure = failureOf(report);
    if (failure) throw new Error(failure);
    return {
        merged: merged.map(({ hour, rows }) => ({ hour: nameOfHour(hour), rows })),
        left: left.map(nameOfHour),
        malformed,
    };
}
