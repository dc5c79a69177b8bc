import * as fs from "node:fs";
import * as path from "node:path";
import { createGunzip, gzipSync } from "node:zlib";
import type { DuckEngine } from "../../duck";
import type { Caller, Services } from "../../services";
import type { Folder, LakeJobArguments } from "./arguments";
import { mapperOf, type Outcome, type Rejected } from "./mapper";
import { writeRows } from "./rows";

/** What the work of a run needs. */
export type LakeJobServices = Pick<Services, "iam" | "s3" | "randomHex"> & { readonly duck: DuckEngine };

/** A file of raw events. */
export interface SourceFile {
    readonly key: string;
    /** When it was written, in milliseconds since 1970. */
    readonly modified: number;
}

/** What a run is to do. */
export interface LakeJobRun {
    /** The job's role. */
    readonly caller: Caller;
    readonly job: LakeJobArguments;
    readonly files: readonly SourceFile[];
    /** The key of the hashes, when the mapping has any. */
    readonly key: string | undefined;
    /** Milliseconds since 1970. */
    readonly now: number;
    /** A folder of the run's own, for what is on its way. */
    readonly folder: string;
    readonly signal: AbortSignal;
}

/** How many documents a run has read, and what became of them. */
export interface Counts {
    readonly read: number;
    readonly written: number;
    readonly duplicates: number;
    readonly rejected: number;
}

/** Does the work of `functions/lake_job.py`: the documents of the files become rows of the target, or errors. */
export async function runLakeJob(services: LakeJobServices, run: LakeJobRun): Promise<Counts> {
    await fs.promises.mkdir(run.folder, { recursive: true });
    const file = path.join(run.folder, "rows.json");
    const rows = await fs.promises.open(file, "w");
    const judged = await judgeAll(services, run, rows).finally(() => rows.close());
    const written = await writeRows(services, run, { file, longest: judged.longest });
    const { read, rejected } = judged;
    return { read, written, duplicates: read - written - rejected, rejected };
}

/** Writes the documents that fit to the file of rows, and the others into the error folder. */
async function judgeAll(services: LakeJobServices, run: LakeJobRun, rows: fs.promises.FileHandle) {
    const outcomeOf = mapperOf(run.job, run.key);
    let read = 0;
    let rejected = 0;
    let longest = 0;
    for (const source of run.files) {
        const misfits: string[] = [];
        for await (const texts of documentsOf(services, run, source)) {
            run.signal.throwIfAborted();
            let lines = "";
            for (const text of texts) {
                const outcome = outcomeOf(text);
                if (isRejected(outcome)) {
                    misfits.push(errorLine(text, outcome));
                    continue;
                }
                lines += outcome.line;
                // A character of UTF-16 takes three bytes at most.
                longest = Math.max(longest, outcome.line.length * 3);
            }
            read += texts.length;
            await rows.write(lines);
        }
        rejected += misfits.length;
        await writeErrors(services, run, source, misfits);
    }
    return { read, rejected, longest };
}

function isRejected(outcome: Outcome): outcome is Rejected {
    return "reason" in outcome;
}

/** The members are those that the script writes. */
function errorLine(text: string, { reason, id }: Rejected): string {
    return JSON.stringify({ errorMessage: reason, eventId: id, rawData: Buffer.from(text).toString("base64") });
}

/** The errors of a file lie in an object of its own, whose name follows from the file's: a run that reads it again writes the same. */
async function writeErrors(
    { s3 }: LakeJobServices,
    { caller, job: { errors, source } }: LakeJobRun,
    { key, modified }: SourceFile,
    misfits: readonly string[],
): Promise<void> {
    if (misfits.length === 0) return;
    const day = new Date(modified).toISOString().slice(0, 10).replaceAll("-", "/");
    const name = encodeURIComponent(key.slice(source.prefix.length).replace(/(\.json)?(\.gz)?$/, "")).slice(-512);
    const body = gzipSync(misfits.map((line) => `${line}\n`).join(""));
    await s3.putObject(caller, errors.bucket, `${errors.prefix}${day}/${name}.json.gz`, body);
}

/** The documents of a file, some at a time. White space around them is none of theirs, and without them a line is nothing. */
async function* documentsOf(
    { iam, s3 }: LakeJobServices,
    { caller, job: { source } }: LakeJobRun,
    { key }: SourceFile,
): AsyncGenerator<readonly string[]> {
    iam.authorize(caller, "s3:GetObject", objectArn(source, key));
    const bytes = fs.createReadStream(s3.file(source.bucket, key));
    const stream = key.endsWith(".gz") ? unzipped(bytes) : bytes;
    for await (const text of wholeLines(stream)) yield text.split("\n").map(trimmed).filter(Boolean);
}

function unzipped(bytes: fs.ReadStream): NodeJS.ReadableStream {
    const gunzip = createGunzip();
    bytes.on("error", (error) => gunzip.destroy(error));
    return bytes.pipe(gunzip);
}

/** Texts that end where a line ends. */
async function* wholeLines(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
    let rest: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) {
        const end = chunk.lastIndexOf(10);
        if (end < 0) {
            rest.push(chunk);
            continue;
        }
        yield Buffer.concat([...rest, chunk.subarray(0, end)]).toString("utf8");
        rest = [chunk.subarray(end + 1)];
    }
    yield Buffer.concat(rest).toString("utf8");
}

/** A text without JSON's white space around it, which is less than what String.trim takes away. */
function trimmed(line: string): string {
    return line.replace(/^[ \t\r]+|[ \t\r]+$/g, "");
}

/** ARN of an object in a folder's bucket. */
function objectArn({ bucket }: Folder, key: string): string {
    return `arn:aws:s3:::${bucket}/${key}`;
}
