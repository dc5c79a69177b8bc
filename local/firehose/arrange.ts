import { textOf } from "../payload";
import { type ArrangedFiles, type OpenFile, openFiles, type Placed } from "./arranged-files";
import type { ConversionConfig, StreamConfig } from "./config";
import { type Conversion, conversionOf } from "./conversion";
import type { GlueColumn } from "./conversion-table";
import { documentOf } from "./document";
import { conversionErrorLine, errorLine, type FailedRecord } from "./error-record";
import { type Accepted, type Failure, isFailure, type Outcome, outcomesIn, type PartitionKeys } from "./outcome";
import { MAX_PARTITIONS, type Partition, partitionOf, TOO_MANY } from "./partition";
import { arrivalOf, dataOf, idOf, sequenceNumberOf } from "./record";
import type { ObjectType } from "./sealed";
import type { Transformed } from "./transform";

/** Records on their way into staging: their lines, and what the function made of them. Plain data, for another thread may get it. */
export interface Batch {
    readonly config: StreamConfig;
    readonly lines: readonly string[];
    /** Position of the first. */
    readonly first: number;
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
    const { config, lines, first, transformed } = batch;
    const conversion = conversionFor(batch);
    const columns = conversion && !isFailure(conversion) ? conversion.columns : undefined;
    const outcomes = outcomesOf(batch);
    const files = openFiles();
    const partitions = new Set(batch.partitions);
    let succeeded = 0;
    let dropped = 0;
    let conversionFailure: Failure | undefined;
    lines.forEach((line, index) => {
        const outcome: Outcome = isFailure(outcomes)
            ? { result: "Failed", failure: outcomes }
            : (outcomes[index] as Outcome);
        place({ line, position: first + index }, outcome);
    });
    return {
        ...files.close(),
        succeeded,
        dropped,
        failure: isFailure(outcomes) ? outcomes : undefined,
        conversionFailure,
    };

    function place(placed: Placed, outcome: Outcome): void {
        if (config.backup) objectFor("backup", placed).pieces.push(Buffer.from(dataOf(placed.line), "base64"));
        if (outcome.result === "Ok") {
            succeeded++;
            if (config.destination === "iceberg") placeDocument(placed, outcome);
            else placeData(placed, outcome);
        } else if (outcome.result === "Dropped") dropped++;
        else fail("processing-failed", placed, outcome.failure, transformed.attempts);
    }

    function placeDocument(placed: Placed, { data, route }: Accepted): void {
        const document = documentOf(config, data, placed.position, route);
        if (isFailure(document)) fail("iceberg-failed", placed, document);
        else {
            const { database, table, line } = document;
            files.of(JSON.stringify([database, table]), placed, () => ({ database, table })).pieces.push(line);
        }
    }

    function placeData(placed: Placed, { data, partitionKeys }: Accepted): void {
        const body = isFailure(conversion) ? conversion : conversion ? conversion.rowsOf(data) : data;
        if (isFailure(body)) {
            failConversion(placed, body);
            return;
        }
        const partition = partitionFor(partitionKeys);
        if ("failure" in partition) fail(partition.type, placed, partition.failure);
        else add(body, objectFor("data", placed, partition, columns));
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
        const partition = partitionOf(bucket.prefix ?? "", names, given);
        if (isFailure(partition)) return { type: "metadata-extraction-failed", failure: partition };
        if (!partitions.has(partition.id) && partitions.size === MAX_PARTITIONS)
            return { type: "activePartitionExceeded", failure: TOO_MANY };
        partitions.add(partition.id);
        return partition;
    }

    function fail(type: ErrorType, placed: Placed, failure: Failure, attempts = 1): void {
        const lambdaArn = type === "processing-failed" ? config.transform?.lambdaArn : undefined;
        const failed = { ...failedRecord(placed.line, batch, failure), attempts, ...(lambdaArn && { lambdaArn }) };
        objectFor(type, placed).pieces.push(errorLine(failed));
    }

    function failConversion(placed: Placed, failure: Failure): void {
        const { table } = config.conversion as ConversionConfig;
        const failed = failedRecord(placed.line, batch, failure);
        const line = conversionErrorLine(failed, sequenceNumberOf(placed.line), table);
        objectFor("format-conversion-failed", placed).pieces.push(line);
        conversionFailure = failure;
    }

    function objectFor(type: ObjectType, placed: Placed, partition = NOT_PARTITIONED, columns?: string): OpenFile {
        // Rows of other columns, after a change of the table, go into another file.
        const key = [type, columns ?? "", partition.id].join("\0");
        const isPartitioned = partition !== NOT_PARTITIONED;
        return files.of(
            key,
            placed,
            () => ({
                type,
                ...(isPartitioned && { partitionKeys: partition.keys }),
                ...(columns !== undefined && { columns }),
            }),
            isPartitioned ? partition.id : undefined,
        );
    }
}

/** Where everything goes that has no keys. */
const NOT_PARTITIONED: Partition = { id: "", keys: {} };

/** How records become rows, or why none does; nothing where they stay as they are. */
function conversionFor({ config: { conversion }, columns }: Batch): Conversion | Failure | undefined {
    if (isFailure(columns)) return columns;
    return conversion && columns && conversionOf(columns, conversion);
}

/** What became of each record in the function, or the failure of all of them. */
function outcomesOf({ lines, transformed: { answer, failure } }: Batch): readonly Outcome[] | Failure {
    if (failure) return failure;
    if (answer !== undefined) return outcomesIn(textOf(answer), lines.map(idOf));
    return lines.map((line) => ({ result: "Ok", data: Buffer.from(dataOf(line), "base64") }));
}

function failedRecord(line: string, { transformed }: Batch, failure: Failure): FailedRecord {
    return { rawData: dataOf(line), arrival: arrivalOf(line), failure, attempts: 1, ended: transformed.ended };
}
