import * as path from "node:path";
import type { IcebergWrite } from "../services";
import type { StreamConfig } from "./config";
import type { Delivery } from "./delivery";
import { destinationArn, logFailure } from "./diagnostics";
import { readJson, writeJson } from "./files";
import { tableLocation } from "./glue-table";
import type { Failure } from "./outcome";
import { putObject } from "./put-object";
import { type Commit, invalidRecord, type Rejected, rejectionChunks } from "./rejections";
import type { Sealed, SealedTable } from "./sealed";

/** A write that is told what it leaves out before it commits, so that no kill can come between the two. */
interface ReportedWrite extends IcebergWrite {
    /** Awaited before the snapshot becomes visible. */
    beforeCommit(rejected: readonly Rejected[]): Promise<void>;
}

/** Longest time between two attempts to commit. */
const MAX_PAUSE_MS = 30_000;

/**
 * Commits a file to its table, as one snapshot that says how far the stream has come; a snapshot that says it already is the same commit,
 * made before a kill. What the table rejects, or everything once the stream's retry duration is over, is reported in the bucket. Gives the
 * number of records that failed.
 */
export async function deliverTable(
    delivery: Delivery,
    stream: StreamConfig,
    sealed: Sealed,
    table: SealedTable,
): Promise<number> {
    const commit = await commitWithRetries(delivery, stream, sealed, table);
    delivery.step("table:committed");
    const failed = "failure" in commit ? table.records : commit.rejected.length;
    if ("rejected" in commit && commit.rejected[0])
        logFailure(delivery.services, stream, destinationArn(stream), invalidRecord(commit.rejected[0].reason));
    await reportRejected(delivery, stream, sealed, table, commit);
    delivery.step("table:reported");
    putMetrics(delivery, stream, table, failed);
    putFreshness(delivery, stream, table);
    return failed;
}

async function commitWithRetries(
    delivery: Delivery,
    stream: StreamConfig,
    sealed: Sealed,
    table: SealedTable,
): Promise<Commit> {
    const { services, signal } = delivery;
    const until = services.clock.now() + (stream.iceberg?.retryMs ?? 0);
    for (let attempts = 1, pause = 1000; ; attempts++, pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
        signal.throwIfAborted();
        const commit = await tryCommit(delivery, stream, sealed, table);
        if ("rejected" in commit) return commit;
        logFailure(services, stream, destinationArn(stream), commit);
        putFreshness(delivery, stream, table);
        if (services.clock.now() + pause > until) return { failure: commit, attempts };
        await services.clock.sleep(pause, signal);
    }
}

async function tryCommit(
    delivery: Delivery,
    stream: StreamConfig,
    sealed: Sealed,
    table: SealedTable,
): Promise<{ readonly rejected: readonly Rejected[] } | Failure> {
    const { services, incarnation } = delivery;
    const found = tableLocation(services, stream, table.database, table.table);
    if ("code" in found) return found;
    const name = `tributary.firehose.${stream.name}.position`;
    const mark = `${incarnation}:${sealed.to}`;
    const file = path.join(delivery.staging, table.file);
    const rejectedFile = `${file}.rejected`;
    try {
        if ((await services.iceberg.summary(found.location, name)) === mark)
            return { rejected: readJson<Rejected[]>(rejectedFile) ?? [] };
        const keep = async (rejected: readonly Rejected[]) => writeJson(rejectedFile, rejected);
        const write: ReportedWrite = {
            file,
            uniqueKeys: uniqueKeysOf(stream, table),
            summary: { [name]: mark },
            beforeCommit: keep,
        };
        const { rejected } = await services.iceberg.write(found.location, write);
        await keep(rejected);
        return { rejected };
    } catch (error) {
        return { code: codeOf(error), message: error instanceof Error ? error.message : String(error) };
    }
}

function uniqueKeysOf(stream: StreamConfig, { database, table }: SealedTable): readonly string[] {
    return stream.iceberg?.tables.find((each) => each.database === database && each.table === table)?.uniqueKeys ?? [];
}

function codeOf(error: unknown): string {
    const code = (error as { code?: unknown }).code;
    return typeof code === "string" && /^[A-Za-z.]+$/.test(code) ? `Iceberg.${code}` : "Iceberg.InternalError";
}

async function reportRejected(
    delivery: Delivery,
    stream: StreamConfig,
    sealed: Sealed,
    table: SealedTable,
    commit: Commit,
): Promise<void> {
    let part = 0;
    for await (const chunk of rejectionChunks(delivery, sealed, table, commit)) {
        const key = part === 0 ? table.errorKey : table.errorKey.replace(/(\.[^./]*)?$/, (end) => `-${part}${end}`);
        await putObject(delivery, stream, stream.bucket, key, chunk);
        part++;
    }
}

function putMetrics({ services }: Delivery, stream: StreamConfig, table: SealedTable, failed: number): void {
    const metric = (name: string, value: number) =>
        services.metrics.put("AWS/Firehose", `DeliveryToIceberg.${name}`, { DeliveryStreamName: stream.name }, value);
    metric("IncomingRowCount", table.records);
    metric("SuccessfulRowCount", table.records - failed);
    metric("FailedRowCount", failed);
    metric("Bytes", table.bytes);
    metric("Success", failed < table.records ? 1 : 0);
}

/** The age of the oldest record, in seconds. It grows while nothing can be delivered, which is what an alarm is to see. */
function putFreshness({ services }: Delivery, stream: StreamConfig, { arrival }: SealedTable): void {
    const age = (services.clock.now() - arrival) / 1000;
    services.metrics.put("AWS/Firehose", "DeliveryToIceberg.DataFreshness", { DeliveryStreamName: stream.name }, age);
}
