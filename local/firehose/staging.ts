import * as fs from "node:fs/promises";
import * as path from "node:path";
import type { StreamConfig } from "./config";
import { type Document, documentOf } from "./document";
import { errorLine } from "./error-record";
import type { Failure, Outcome } from "./outcome";
import { arrivalOf, dataOf, sizeOf } from "./record";
import type { SealedObject, SealedTable } from "./sealed";
import type { Transformed } from "./transform";

/** Records after which staging lets others have a turn. */
const CHUNK = 500;

/** What has been transformed and waits for its delivery: a file for each table and each object to be, so that memory stays small. */
export interface Staging {
    /** Number of records in it, whatever became of them. */
    readonly records: number;
    readonly dropped: number;
    /** Bytes in its files. */
    readonly bytes: number;
    /** Adds a batch: its lines, the position of the first, and what became of them. */
    add(config: StreamConfig, lines: readonly string[], first: number, transformed: Transformed): Promise<void>;
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
}

/** Makes an empty {@link Staging} whose files are in `folder`. What is there from before is removed. */
export async function createStaging(folder: string): Promise<Staging> {
    await fs.rm(folder, { recursive: true, force: true });
    await fs.mkdir(folder, { recursive: true });
    const tables = new Map<string, StagedFile & Pick<Document, "database" | "table">>();
    const objects = new Map<string, StagedFile & Pick<SealedObject, "type">>();
    let records = 0;
    let dropped = 0;
    let bytes = 0;

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
        async add(config, lines, first, transformed) {
            for (let start = 0; start < lines.length; start += CHUNK) {
                const end = Math.min(start + CHUNK, lines.length);
                for (let index = start; index < end; index++)
                    place(
                        config,
                        lines[index] as string,
                        first + index,
                        transformed,
                        transformed.outcomes[index] as Outcome,
                    );
                await new Promise<void>((resolve) => setImmediate(resolve));
            }
            records += lines.length;
            for (const staged of [...tables.values(), ...objects.values()]) bytes += await write(staged);
        },
        tables: () => [...tables.values()].map(({ pending: _pending, ...table }) => table),
        objects: () => [...objects.values()].map(({ pending: _pending, ...object }) => object),
    };

    function place(
        config: StreamConfig,
        line: string,
        position: number,
        { attempts, ended }: Transformed,
        outcome: Outcome,
    ): void {
        if (config.backup) objectFor("backup", line, position).pending.push(Buffer.from(dataOf(line), "base64"));
        if (outcome.result === "Dropped") {
            dropped++;
        } else if (outcome.result === "Failed") {
            const lambdaArn = config.transform?.lambdaArn;
            fail("processing-failed", line, position, { failure: outcome.failure, attempts, ended, lambdaArn });
        } else if (config.destination === "iceberg") {
            const document = documentOf(config, outcome.data, position, outcome.route);
            if ("code" in document) fail("iceberg-failed", line, position, { failure: document, attempts: 1, ended });
            else tableFor(document, line, position).pending.push(document.line);
        } else {
            const object = objectFor("data", line, position);
            // Between the records, not after the last one: captured on AWS in 2026.
            if (config.delimiter && object.records > 1) object.pending.push("\n");
            object.pending.push(outcome.data);
        }
    }

    function fail(
        type: "processing-failed" | "iceberg-failed",
        line: string,
        position: number,
        failed: { failure: Failure; attempts: number; ended: number; lambdaArn?: string | undefined },
    ): void {
        const { lambdaArn, ...rest } = failed;
        objectFor(type, line, position).pending.push(
            errorLine({ rawData: dataOf(line), arrival: arrivalOf(line), ...rest, ...(lambdaArn && { lambdaArn }) }),
        );
    }

    function tableFor({ database, table }: Document, line: string, position: number): StagedFile {
        const key = JSON.stringify([database, table]);
        const file = `table-${tables.size}.ndjson`;
        return counted(tables, key, line, () => ({ database, table, ...emptyFile(file, line, position) }));
    }

    function objectFor(type: SealedObject["type"], line: string, position: number): StagedFile {
        return counted(objects, type, line, () => ({ type, ...emptyFile(type, line, position) }));
    }

    async function write(staged: StagedFile): Promise<number> {
        if (staged.pending.length === 0) return 0;
        const chunk = Buffer.concat(joined(staged.pending));
        staged.pending = [];
        await fs.appendFile(path.join(folder, staged.file), chunk);
        return chunk.length;
    }
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

function emptyFile(file: string, line: string, first: number): StagedFile {
    return { file, first, arrival: arrivalOf(line), records: 0, bytes: 0, pending: [] };
}

/** Runs of strings are encoded at once, which is much faster than one by one. */
function joined(pieces: readonly (string | Buffer)[]): Buffer[] {
    if (pieces.every((piece) => typeof piece === "string")) return [Buffer.from(pieces.join(""))];
    return pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece));
}
