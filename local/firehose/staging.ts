import * as fs from "node:fs/promises";
import * as path from "node:path";
import type { ConversionConfig, StreamConfig } from "./config";
import type { Conversion } from "./conversion";
import { type Document, documentOf } from "./document";
import { conversionErrorLine, errorLine, type FailedRecord } from "./error-record";
import { type Accepted, type Failure, isFailure, type Outcome, type PartitionKeys } from "./outcome";
import { MAX_PARTITIONS, type Partition, partitionOf, TOO_MANY } from "./partition";
import { arrivalOf, dataOf, sequenceNumberOf, sizeOf } from "./record";
import type { ObjectType, SealedObject, SealedTable } from "./sealed";
import type { Transformed } from "./transform";

/** Records after which staging lets others have a turn. */
const CHUNK = 500;

/** Records on their way into {@link Staging}: their lines, and what became of them. */
export interface StagedBatch {
    readonly config: StreamConfig;
    readonly lines: readonly string[];
    /** Position of the first. */
    readonly first: number;
    readonly transformed: Transformed;
    /** How records become rows, or why none does; nothing where they stay as they are. */
    readonly conversion: Conversion | Failure | undefined;
}

/** What has been transformed and waits for its delivery: a file for each table and each object to be, so that memory stays small. */
export interface Staging {
    /** Number of records in it, whatever became of them. */
    readonly records: number;
    readonly dropped: number;
    /** Bytes in its files. */
    readonly bytes: number;
    /** Bytes in the largest of them. */
    readonly largest: number;
    /** Number of its partitions. */
    readonly partitions: number;
    /** Adds a batch. Gives the first failure of a conversion in it. */
    add(batch: StagedBatch): Promise<Failure | undefined>;
    tables(): readonly Omit<SealedTable, "errorKey">[];
    objects(): readonly Omit<SealedObject, "key">[];
}

interface StagedFile {
    readonly file: string;
    readonly first: number;
    readonly arrival: number;
    records: number;
    /** Bytes of the records as they came in. */
    bytes: number;
    pending: (string | Buffer)[];
    /** Bytes of the file. */
    written: number;
}

interface StagedObject extends StagedFile, Pick<SealedObject, "type" | "partitionKeys"> {
    rows?: { readonly columns: string; longest: number };
}

type ErrorType = Exclude<ObjectType, "data" | "backup">;

/** A record on its way into a file. */
interface Placed {
    readonly batch: StagedBatch;
    readonly line: string;
    readonly position: number;
}

/** Makes an empty {@link Staging} whose files are in `folder`. What is there from before is removed. */
export async function createStaging(folder: string): Promise<Staging> {
    await fs.rm(folder, { recursive: true, force: true });
    await fs.mkdir(folder, { recursive: true });
    const tables = new Map<string, StagedFile & Pick<Document, "database" | "table">>();
    const objects = new Map<string, StagedObject>();
    const partitions = new Set<string>();
    let records = 0;
    let dropped = 0;
    let bytes = 0;
    let largest = 0;

    return {
        get records() {
            return records;
        },
        get dropped() {
            return dropped;
        },
        get bytes() {
            return bytes;
        },
        get largest() {
            return largest;
        },
        get partitions() {
            return partitions.size;
        },
        async add(batch) {
            const { lines, transformed } = batch;
            let failure: Failure | undefined;
            for (let start = 0; start < lines.length; start += CHUNK) {
                const end = Math.min(start + CHUNK, lines.length);
                for (let index = start; index < end; index++) {
                    const placed = { batch, line: lines[index] as string, position: batch.first + index };
                    failure = place(placed, transformed.outcomes[index] as Outcome) ?? failure;
                }
                await new Promise<void>((resolve) => setImmediate(resolve));
            }
            records += lines.length;
            await Promise.all([...tables.values(), ...objects.values()].map(write));
            return failure;
        },
        tables: () => [...tables.values()].map(withoutPending),
        objects: () => [...objects.values()].map(withoutPending),
    };

    /** Gives the failure of a conversion. */
    function place(placed: Placed, outcome: Outcome): Failure | undefined {
        const { config } = placed.batch;
        if (config.backup) objectFor("backup", placed).pending.push(Buffer.from(dataOf(placed.line), "base64"));
        if (outcome.result === "Dropped") {
            dropped++;
        } else if (outcome.result === "Failed") {
            fail("processing-failed", placed, outcome.failure, placed.batch.transformed.attempts);
        } else if (config.destination === "iceberg") {
            const document = documentOf(config, outcome.data, placed.position, outcome.route);
            if (isFailure(document)) fail("iceberg-failed", placed, document);
            else tableFor(document, placed).pending.push(document.line);
        } else return placeData(placed, outcome);
        return undefined;
    }

    /** Gives the failure of a conversion. */
    function placeData(placed: Placed, { data, partitionKeys }: Accepted): Failure | undefined {
        const { config, conversion } = placed.batch;
        if (isFailure(conversion)) return failConversion(placed, conversion);
        const body = conversion ? conversion.rowsOf(data) : data;
        if (isFailure(body)) return failConversion(placed, body);
        const partition = partitionFor(config, partitionKeys);
        if ("failure" in partition) {
            fail(partition.type, placed, partition.failure);
            return undefined;
        }
        const object = objectFor("data", placed, partition, conversion?.columns);
        // Between the records, not after the last one: captured on AWS in 2026.
        if (config.delimiter && !conversion && object.records > 1) object.pending.push("\n");
        object.pending.push(body);
        // A character takes three bytes at most.
        if (object.rows) object.rows.longest = Math.max(object.rows.longest, body.length * 3);
        return undefined;
    }

    /** Where a record goes among the objects of data. */
    function partitionFor(
        { bucket, partitionKeys: names }: StreamConfig,
        given: PartitionKeys | undefined,
    ): Partition | { readonly type: ErrorType; readonly failure: Failure } {
        if (!names) return NOT_PARTITIONED;
        const partition = partitionOf(bucket.prefix ?? "", names, given);
        if (isFailure(partition)) return { type: "metadata-extraction-failed", failure: partition };
        if (!partitions.has(partition.id) && partitions.size === MAX_PARTITIONS)
            return { type: "activePartitionExceeded", failure: TOO_MANY };
        partitions.add(partition.id);
        return partition;
    }

    function fail(type: ErrorType, placed: Placed, failure: Failure, attempts = 1): void {
        const { line, batch } = placed;
        const lambdaArn = type === "processing-failed" ? batch.config.transform?.lambdaArn : undefined;
        objectFor(type, placed).pending.push(
            errorLine({ ...failedRecord(line, batch, failure), attempts, ...(lambdaArn && { lambdaArn }) }),
        );
    }

    function failConversion(placed: Placed, failure: Failure): Failure {
        const { line, batch } = placed;
        const { table } = batch.config.conversion as ConversionConfig;
        objectFor("format-conversion-failed", placed).pending.push(
            conversionErrorLine(failedRecord(line, batch, failure), sequenceNumberOf(line), table),
        );
        return failure;
    }

    function tableFor({ database, table }: Document, placed: Placed): StagedFile {
        const key = JSON.stringify([database, table]);
        const file = `table-${tables.size}.ndjson`;
        return counted(tables, key, placed.line, () => ({ database, table, ...emptyFile(file, placed) }));
    }

    function objectFor(type: ObjectType, placed: Placed, partition = NOT_PARTITIONED, columns?: string): StagedObject {
        // Rows of other columns, after a change of the table, go into another file.
        const key = [type, columns ?? "", partition.id].join("\0");
        const partitionKeys = partition === NOT_PARTITIONED ? undefined : partition.keys;
        return counted(objects, key, placed.line, () => ({
            type,
            ...(partitionKeys && { partitionKeys }),
            ...(columns !== undefined && { rows: { columns, longest: 0 } }),
            ...emptyFile(`${type}-${objects.size}`, placed),
        }));
    }

    async function write(staged: StagedFile): Promise<void> {
        if (staged.pending.length === 0) return;
        const chunk = Buffer.concat(joined(staged.pending));
        staged.pending = [];
        await fs.appendFile(path.join(folder, staged.file), chunk);
        staged.written += chunk.length;
        bytes += chunk.length;
        largest = Math.max(largest, staged.written);
    }
}

/** Where everything goes that has no keys. */
const NOT_PARTITIONED: Partition = { id: "", keys: {} };

function failedRecord(line: string, { transformed }: StagedBatch, failure: Failure): FailedRecord {
    return { rawData: dataOf(line), arrival: arrivalOf(line), failure, attempts: 1, ended: transformed.ended };
}

function withoutPending<S extends StagedFile>({ pending: _pending, written: _written, ...staged }: S) {
    return staged;
}

function counted<S extends StagedFile>(files: Map<string, S>, key: string, line: string, make: () => S): S {
    let staged = files.get(key);
    if (!staged) {
        staged = make();
        files.set(key, staged);
    }
    staged.records++;
    staged.bytes += sizeOf(line);
    return staged;
}

function emptyFile(file: string, { line, position }: Placed): StagedFile {
    return { file, first: position, arrival: arrivalOf(line), records: 0, bytes: 0, pending: [], written: 0 };
}

/** Runs of strings are encoded at once, which is much faster than one by one. */
function joined(pieces: readonly (string | Buffer)[]): Buffer[] {
    if (pieces.every((piece) => typeof piece === "string")) return [Buffer.from(pieces.join(""))];
    return pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece));
}
