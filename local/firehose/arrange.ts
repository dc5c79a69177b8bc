import { textOf } from "../payload";
import { type ArrangedFiles, type OpenFile, openFiles } from "./arranged-files";
import type { ConversionConfig, StreamConfig } from "./config";
import { type Conversion, conversionOf } from "./conversion";
import type { GlueColumn } from "./conversion-table";
import { documentOf } from "./document";
import { conversionErrorLine, errorLine, type FailedRecord } from "./error-record";
import { type Accepted, type Failure, isFailure, type Outcome, outcomesIn, type PartitionKeys } from "./outcome";
import { MAX_PARTITIONS, type Partition, partitionOf, TOO_MANY } from "./partition";
import { recordIds } from "./record";
import { type FirehoseRecord, type Records, recordsOf, sequenceNumberOf } from "./runs";
import type { ObjectType } from "./sealed";
import type { Transformed } from "./transform";

/** Records on their way into staging, and what the function made of them. Plain data, for another thread may get it. */
export interface Batch extends Records {
    readonly config: StreamConfig;
    readonly transformed: Transformed;
    /** The columns of the rows that records become, or why none does; nothing where they stay as they are. */
    readonly columns: readonly GlueColumn[] | Failure | undefined;
    /** The partitions that are staged already. */
    readonly partitions: readonly string[];
}

/** What a batch adds to the staged files. */
export interface Arranged extends ArrangedFiles {
    /** Records that the function gave back as they should be. */
    readonly succeeded: number;
    readonly dropped: number;
    /** Why the function's answer is of no use, or why there is none. */
    readonly failure: Failure | undefined;
    /** The last failure of a conversion. */
    readonly conversionFailure: Failure | undefined;
}

type ErrorType = Exclude<ObjectType, "data" | "backup">;

/** Decides which record of a batch goes into which file, and as what. It asks nobody and changes nothing, so any thread may do it. */
export function arrange(batch: Batch): Arranged {
    const { config, transformed } = batch;
    const records = recordsOf(batch.runs);
    const ids = recordIds(batch.incarnation);
    const conversion = conversionFor(batch);
    const columns = conversion && !isFailure(conversion) ? conversion.columns : undefined;
    const outcomes = outcomesOf(records);
    const files = openFiles();
    const partitions = new Set(batch.partitions);
    let succeeded = 0;
    let dropped = 0;
    let conversionFailure: Failure | undefined;
    /** Where the last record of data went: most go where the one before went. */
    let latest: { readonly partition: Partition; readonly file: OpenFile } | undefined;
    records.forEach((record, index) => {
        const outcome: Outcome = isFailure(outcomes)
            ? { result: "Failed", failure: outcomes }
            : (outcomes[index] as Outcome);
        place(record, outcome);
    });
    return {
        ...files.close(),
        succeeded,
        dropped,
        failure: isFailure(outcomes) ? outcomes : undefined,
        conversionFailure,
    };

    /** What became of each record in the function, or the failure of all of them. */
    function outcomesOf(records: readonly FirehoseRecord[]): readonly Outcome[] | Failure {
        const { answer, failure } = transformed;
        if (failure) return failure;
        if (answer === undefined) return records.map(({ data }) => ({ result: "Ok", data }));
        return outcomesIn(
            textOf(answer),
            records.map(({ position }) => ids.transform(position)),
        );
    }

    function place(record: FirehoseRecord, outcome: Outcome): void {
        if (config.backup) objectFor("backup", record).pieces.push(record.data);
        if (outcome.result === "Ok") {
            succeeded++;
            if (config.destination === "iceberg") placeDocument(record, outcome);
            else placeData(record, outcome);
        } else if (outcome.result === "Dropped") dropped++;
        else fail("processing-failed", record, outcome.failure, transformed.attempts);
    }

    function placeDocument(record: FirehoseRecord, { data, route }: Accepted): void {
        const document = documentOf(config, data, record.position, route);
        if (isFailure(document)) fail("iceberg-failed", record, document);
        else {
            const { database, table, line } = document;
            files.of(JSON.stringify([database, table]), record, () => ({ database, table })).pieces.push(line);
        }
    }

    function placeData(record: FirehoseRecord, { data, partitionKeys }: Accepted): void {
        const body = isFailure(conversion) ? conversion : conversion ? conversion.rowsOf(data) : data;
        if (isFailure(body)) {
            failConversion(record, body);
            return;
        }
        const partition = partitionFor(partitionKeys);
        if ("failure" in partition) fail(partition.type, record, partition.failure);
        else add(body, dataFile(record, partition));
    }

    function dataFile(record: FirehoseRecord, partition: Partition): OpenFile {
        if (latest?.partition === partition) files.count(latest.file, record);
        else latest = { partition, file: objectFor("data", record, partition, columns) };
        return latest.file;
    }

    function add(body: string | Buffer, file: OpenFile): void {
        // Between the records, not after the last one: captured on AWS in 2026.
        if (config.delimiter && !config.conversion) {
            file.isDelimited = true;
            if (file.records > 1) file.pieces.push("\n");
        }
        file.pieces.push(body);
        // A character takes three bytes at most.
        file.longest = Math.max(file.longest, body.length * 3);
    }

    /** Where a record goes among the objects of data. */
    function partitionFor(
        given: PartitionKeys | undefined,
    ): Partition | { readonly type: ErrorType; readonly failure: Failure } {
        const { partitionKeys: names, bucket } = config;
        if (!names) return NOT_PARTITIONED;
        if (latest && isOf(latest.partition, given)) return latest.partition;
        const partition = partitionOf(bucket.prefix ?? "", names, given);
        if (isFailure(partition)) return { type: "metadata-extraction-failed", failure: partition };
        if (!partitions.has(partition.id) && partitions.size === MAX_PARTITIONS)
            return { type: "activePartitionExceeded", failure: TOO_MANY };
        partitions.add(partition.id);
        return partition;
    }

    function fail(type: ErrorType, record: FirehoseRecord, failure: Failure, attempts = 1): void {
        const lambdaArn = type === "processing-failed" ? config.transform?.lambdaArn : undefined;
        const failed = { ...failedRecord(record, batch, failure), attempts, ...(lambdaArn && { lambdaArn }) };
        objectFor(type, record).pieces.push(errorLine(failed));
    }

    function failConversion(record: FirehoseRecord, failure: Failure): void {
        const { table } = config.conversion as ConversionConfig;
        const failed = failedRecord(record, batch, failure);
        const line = conversionErrorLine(failed, sequenceNumberOf(record.run, record.position, ids), table);
        objectFor("format-conversion-failed", record).pieces.push(line);
        conversionFailure = failure;
    }

    function objectFor(
        type: ObjectType,
        record: FirehoseRecord,
        partition = NOT_PARTITIONED,
        columns?: string,
    ): OpenFile {
        // Rows of other columns, after a change of the table, go into another file.
        const key = [type, columns ?? "", partition.id].join("\0");
        const isPartitioned = partition !== NOT_PARTITIONED;
        return files.of(
            key,
            record,
            () => ({
                type,
                ...(isPartitioned && { partitionKeys: partition.keys }),
                ...(columns !== undefined && { columns }),
            }),
            isPartitioned ? partition.id : undefined,
        );
    }
}

/** Whether these keys make a partition. */
function isOf({ keys }: Partition, given: PartitionKeys = {}): boolean {
    return Object.keys(keys).every((name) => given[name] === keys[name]);
}

/** Where everything goes that has no keys. */
const NOT_PARTITIONED: Partition = { id: "", keys: {} };

/** How records become rows, or why none does; nothing where they stay as they are. */
function conversionFor({ config: { conversion }, columns }: Batch): Conversion | Failure | undefined {
    if (isFailure(columns)) return columns;
    return conversion && columns && conversionOf(columns, conversion);
}

function failedRecord({ data, run }: FirehoseRecord, { transformed }: Batch, failure: Failure): FailedRecord {
    return { rawData: data.toString("base64"), arrival: run.arrival, failure, attempts: 1, ended: transformed.ended };
}
