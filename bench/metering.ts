import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { AthenaClient } from "@aws-sdk/client-athena";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { runQuery } from "../cli/support/athena";
import { LOCAL_CREDENTIALS, type PipelineOutputs } from "../cli/support/stack";
import { accessLog, usage } from "../components/saas-metering/dataset";
import { folderOfHour, type Hour, hourAt, nameOfHour, partsOf, startOf } from "../functions/utc-hours";
import type { Figure } from "./figure";
import { startMeasured } from "./runtime";

const INSTANCE = "saas-metering";
const DAYS = 30;
/** Hours of each day in which there are requests: few, so that the merge is soon over. */
const HOURS = [10, 16];
const REQUESTS = 5_000;
const TENANTS = Array.from({ length: 20 }, () => randomUUID());
const FIRST = hourAt(Date.UTC(2026, 0, 1));

/** What it costs to ask for one day of one tenant out of 30 days, of the merged table and of the log itself. */
export async function metering(): Promise<readonly Figure[]> {
    const runtime = await startMeasured();
    try {
        const outputs = runtime.status.outputs.pipelines[INSTANCE] as PipelineOutputs;
        const client = { region: outputs.region, endpoint: runtime.endpoint, credentials: LOCAL_CREDENTIALS };
        const s3 = new S3Client(client);
        for (const hour of hours()) await log(s3, outputs, hour);
        const start = performance.now();
        await merge(new LambdaClient(client), outputs);
        const seconds = (performance.now() - start) / 1000;
        const athena = new AthenaClient(client);
        const [merged, raw] = [await runQuery(athena, outputs, ofUsage()), await runQuery(athena, outputs, ofLog())];
        if (merged.rows.join() !== raw.rows.join())
            throw new Error(`The table says ${merged.rows}, and the log ${raw.rows}.`);
        return [
            { name: "metering.merged_bytes", value: merged.scannedBytes, unit: "bytes" },
            { name: "metering.raw_bytes", value: raw.scannedBytes, unit: "bytes" },
            { name: "metering.bytes_ratio", value: raw.scannedBytes / merged.scannedBytes, unit: "x", target: 20 },
            { name: "metering.hours_per_second", value: (DAYS * HOURS.length) / seconds, unit: "hours/s" },
        ];
    } finally {
        await runtime.stop();
    }
}

function hours(): readonly Hour[] {
    return Array.from({ length: DAYS }, (_, day) => HOURS.map((hour) => FIRST + 24 * day + hour)).flat();
}

/** The log of an hour, as Firehose writes it. */
async function log(s3: S3Client, { bucket }: PipelineOutputs, hour: Hour): Promise<void> {
    const lines = Array.from({ length: REQUESTS }, (_, nth) => {
        const known: Readonly<Record<string, string>> = {
            request_id: randomUUID(),
            tenant: TENANTS[nth % TENANTS.length] as string,
            request_time: String(startOf(hour) + Math.floor((nth * 3_600_000) / REQUESTS)),
            http_method: "GET",
            resource_path: "/random/strings",
            status: nth % 50 === 0 ? "400" : "200",
            response_bytes: String(answerLength(1 + (Math.floor(nth / 7) % 5), 1 + (nth % 20))),
            latency_ms: String(5 + ((nth * 104_729) % 200)),
            ip: `192.0.2.${nth % 256}`,
            protocol: "HTTP/1.1",
        };
        return `${JSON.stringify(Object.fromEntries(accessLog.columns.map(({ name }) => [name, known[name] ?? "-"])))}\n`;
    });
    const Key = `${accessLog.name}/${folderOfHour(hour)}log.gz`;
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: gzipSync(lines.join("")) }));
}

/** Of a list of so many strings as JSON: quotes around each, commas between, brackets around all. */
function answerLength(num: number, len: number): number {
    return num * (len + 3) + 1;
}

async function merge(lambda: LambdaClient, { functions }: PipelineOutputs): Promise<void> {
    const time = (hour: Hour) => `${nameOfHour(hour)}:00:00Z`;
    const Payload = JSON.stringify({ from: time(FIRST), to: time(FIRST + 24 * DAYS) });
    const { FunctionError, Payload: answer } = await lambda.send(
        new InvokeCommand({ FunctionName: functions?.merge, Payload }),
    );
    if (FunctionError) throw new Error(Buffer.from(answer ?? []).toString());
}

/** The day in the middle. */
const [YEAR, MONTH, DAY] = partsOf(FIRST + 24 * 15);
const OF_DAY = `"year" = ${YEAR} AND "month" = ${MONTH} AND "day" = ${DAY} AND tenant = '${TENANTS[7]}'`;

function ofUsage(): string {
    const numbers = "count(*), count(CASE WHEN status < 400 THEN 1 END), sum(response_bytes)";
    return `SELECT ${numbers} FROM ${usage.name} WHERE ${OF_DAY}`;
}

function ofLog(): string {
    const numbers =
        "count(DISTINCT request_id), count(CASE WHEN CAST(status AS integer) < 400 THEN 1 END), sum(CAST(response_bytes AS bigint))";
    return `SELECT ${numbers} FROM ${accessLog.name} WHERE ${OF_DAY}`;
}
