import * as fs from "node:fs/promises";
import * as path from "node:path";
import type { Metrics } from "../services";
import type { StreamConfig } from "./config";
import { deliverTable } from "./deliver-table";
import type { Delivery } from "./delivery";
import { parquetOf } from "./parquet";
import { putObject } from "./put-object";
import { bucketOf, type Sealed, type SealedObject } from "./sealed";

/** What became of the records of a sealed batch. */
export interface Delivered {
    readonly delivered: number;
    readonly failed: number;
}

/** Delivers a sealed batch: the tables first, then the objects. It does not end before everything is where it belongs, or the signal aborts. */
export async function deliver(delivery: Delivery, stream: StreamConfig, sealed: Sealed): Promise<Delivered> {
    let delivered = 0;
    let failed = 0;
    for (const table of sealed.tables) {
        const rejected = await deliverTable(delivery, stream, sealed, table);
        delivered += table.records - rejected;
        failed += rejected;
    }
    for (const object of sealed.objects) {
        await deliverObject(delivery, stream, object);
        if (object.type === "data") delivered += object.records;
        else if (object.type !== "backup") failed += object.records;
    }
    return { delivered, failed };
}

async function deliverObject(delivery: Delivery, stream: StreamConfig, object: SealedObject): Promise<void> {
    const { services } = delivery;
    const body = await bodyOf(delivery, stream, object);
    await putObject(delivery, stream, bucketOf(stream, object.type), object.key, body);
    delivery.step(`object:${object.type}`);
    const family = object.type === "backup" ? "BackupToS3" : "DeliveryToS3";
    const metric = (name: string, value: number) =>
        services.metrics.put("AWS/Firehose", `${family}.${name}`, { DeliveryStreamName: stream.name }, value);
    metric("Records", object.records);
    metric("Bytes", object.bytes);
    metric("DataFreshness", (services.clock.now() - object.arrival) / 1000);
    putConversionMetrics(services.metrics, stream, object);
}

/** The file's own bytes, or what its rows are as Parquet. */
async function bodyOf(
    { services, staging }: Delivery,
    { conversion }: StreamConfig,
    { file, rows }: SealedObject,
): Promise<Buffer> {
    const staged = path.join(staging, file);
    if (!rows) return fs.readFile(staged);
    return parquetOf(services.duck, staged, rows, conversion?.compression ?? "SNAPPY");
}

function putConversionMetrics(metrics: Metrics, stream: StreamConfig, object: SealedObject): void {
    const isFailed = object.type === "format-conversion-failed";
    if (!isFailed && !object.rows) return;
    const family = isFailed ? "FailedConversion" : "SucceedConversion";
    for (const [name, value] of [
        ["Records", object.records],
        ["Bytes", object.bytes],
    ] as const)
        metrics.put("AWS/Firehose", `${family}.${name}`, { DeliveryStreamName: stream.name }, value);
}
