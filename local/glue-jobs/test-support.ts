import * as fs from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { GlueClient } from "@aws-sdk/client-glue";
import { fakeClock } from "../../tests/support/clock";
import { fakeServices, memoryLogs, memoryMetrics, serve } from "../../tests/support/local";
import { createDuck, type DuckEngine, literal } from "../duck";
import type { Properties } from "../resources";
import { createS3 } from "../s3";
import { createSecretsManager } from "../secretsmanager";
import { SECRET_TYPE } from "../secretsmanager/config";
import type { Services } from "../services";
import { createGlueJobs, type GlueJobsServices } from "./index";

/** A moment before the hour on a Friday. */
export const START = Date.UTC(2026, 10, 20, 11, 59, 30);

export const JOB = "lake-1234567";

const MAPPING = {
    columns: [
        { sources: ["id"], target: "id", type: "string", pii: "keep", required: true },
        { sources: ["time"], target: "at", type: "timestamp", pii: "keep", required: true },
        { sources: ["detail.amount"], target: "amount", type: "decimal(10,2)", pii: "keep", required: false },
        { sources: ["detail.card"], target: "card", type: "string", pii: "hash", required: false },
        { sources: ["detail.first", "detail.last"], target: "name", type: "string", pii: "mask", required: false },
    ],
    eventId: "id",
    eventTime: "at",
    years: [2020, 2039],
};

/** A raw event, as JSON. */
export function event(id: string, time: string, detail: Properties = {}): string {
    return JSON.stringify({ id, time, detail });
}

/** What {@link startJobs} may be given instead of its own. */
export interface JobsOptions extends Partial<Pick<Services, "iam">> {
    /** Replaces methods of S3. */
    readonly s3?: (s3: Services["s3"]) => Partial<Services["s3"]>;
    readonly crawl?: GlueJobsServices["crawl"];
    readonly job?: Properties;
    readonly arguments?: Readonly<Record<string, string>>;
    /** Folder that another process has worked in, or is to work in. */
    readonly data?: string;
    readonly announce?: GlueJobsServices["announce"];
}

/** Glue's jobs over real buckets, secrets and columns, with one job of the script; served to a client. */
export async function startJobs({ s3: replaced, crawl, job: over, ...given }: JobsOptions = {}) {
    const { iam = fakeServices().iam } = given;
    const services = fakeServices({ clock: fakeClock(START), logs: memoryLogs(), metrics: memoryMetrics(), iam });
    const { resources } = services;
    const place = { ...services.place, ...(given.data !== undefined && { data: given.data }) };
    const own = { ...services, place };
    const duck: DuckEngine = createDuck({ place });
    const s3 = createS3(own);
    for (const bucket of ["raw", "lake"]) {
        resources.put({ type: "aws:s3/bucket:Bucket", id: bucket, inputs: { bucket } });
        s3.makeBucket(bucket);
    }
    const script = fs.readFileSync(path.join(__dirname, "../../functions/lake_job.py"));
    await s3.putObject(iam.root, "lake", "scripts/lake_job.py", script);
    const secrets = createSecretsManager(own);
    const hasSecret = fs.existsSync(path.join(place.data, "secretsmanager"));
    const secretId = hasSecret ? "key" : (await secrets.bindings[SECRET_TYPE].create({ name: "key" }, "key")).id;
    const crawled: string[] = [];
    const parts: GlueJobsServices = {
        ...own,
        duck,
        secrets,
        announce: given.announce ?? (async () => undefined),
        s3: { ...s3, ...replaced?.(s3) },
        crawl:
            crawl ??
            (async (name) => {
                crawled.push(name);
                return "SUCCEEDED";
            }),
    };
    const open = () => createGlueJobs(parts);
    const jobs = open();
    const make = async (type: string, inputs: Properties) => {
        const made = await jobs.bindings[type].create(inputs, "x");
        resources.put({ type, id: made.id, inputs, outputs: made.outputs });
    };
    await make("aws:glue/job:Job", {
        name: JOB,
        roleArn: "arn:aws:iam::000000000000:role/lake",
        command: { scriptLocation: "s3://lake/scripts/lake_job.py", pythonVersion: "3" },
        glueVersion: "5.0",
        workerType: "G.1X",
        numberOfWorkers: 4,
        timeout: 10,
        defaultArguments: {
            "--job-bookmark-option": "job-bookmark-enable",
            "--custom-logGroup-prefix": "/aws-glue/jobs/lake",
            "--mapping": JSON.stringify(MAPPING),
            "--source": "s3://raw/events/",
            "--target": "s3://lake/table/",
            "--errors": "s3://lake/errors/",
            "--lookback_days": "7",
            "--secret_id": secretId,
            ...given.arguments,
        },
        ...over,
    });
    const server = await serve({
        iam,
        jsonServices: [
            { target: "AWSGlue", name: "glue", client: "@aws-sdk/client-glue", operations: jobs.operations },
        ],
    });
    const glue = new GlueClient(server.client);
    return {
        services,
        secrets,
        secretArn: secretId,
        s3,
        jobs,
        glue,
        crawled,
        make,
        /** A further process over the same folder. */
        open,
        /** Stores raw events in a file. */
        put: (key: string, ...texts: readonly string[]) =>
            s3.putObject(iam.root, "raw", `events/${key}`, gzipSync(texts.map((text) => `${text}\n`).join(""))),
        keys: async (prefix: string) => (await s3.listObjects(iam.root, "lake", prefix)).map(({ key }) => key),
        /** The rows of the table, by time and id. */
        async rows() {
            const files = (await s3.listObjects(iam.root, "lake", "table/")).map(({ key }) =>
                literal(s3.file("lake", key)),
            );
            if (files.length === 0) return [];
            return await duck.query(
                `SELECT * FROM read_parquet([${files.join(", ")}], hive_partitioning = false) ORDER BY "at", id`,
            );
        },
        async close() {
            glue.destroy();
            await server.close();
            await jobs.close();
            await duck.close();
            services.place.remove();
        },
    };
}

/** An S3 whose first listing, or each of them, waits until it is let go. */
export function heldListings(which: "first" | "all") {
    const held = Promise.withResolvers<void>();
    let count = 0;
    const s3 = (real: Services["s3"]): Partial<Services["s3"]> => ({
        listObjects: async (...request) => {
            if (count++ === 0 || which === "all") await held.promise;
            return await real.listObjects(...request);
        },
    });
    return { s3, release: () => held.resolve() };
}
