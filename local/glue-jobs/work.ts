import * as crypto from "node:crypto";
import * as path from "node:path";
import type { DuckEngine } from "../duck";
import { isServiceError } from "../errors";
import type { SecretsManager } from "../secretsmanager";
import type { Caller, Services } from "../services";
import type { Bookmarks } from "./bookmarks";
import { type Arguments, glueArn, type JobInputs } from "./config";
import { type LakeJobArguments, lakeJobArguments } from "./mapping/arguments";
import { type Counts, runLakeJob } from "./mapping/execute";
import type { JobRun } from "./runs";
import { scriptPlace } from "./script";

/** What the work of a job needs. */
export type WorkServices = Pick<Services, "clock" | "iam" | "logs" | "place" | "s3" | "randomHex"> & {
    readonly duck: DuckEngine;
    readonly secrets: Pick<SecretsManager, "getSecretValue" | "putSecretValue">;
};

/** The work of a run. */
export interface Work {
    readonly job: JobInputs;
    readonly run: JobRun;
    readonly arguments: Arguments;
    readonly bookmarks: Bookmarks;
    /** A folder of its own, for what is on its way. */
    readonly folder: string;
    readonly signal: AbortSignal;
}

/** Does what the script of a job would do, with the job's role, and commits its bookmark. */
export async function work(services: WorkServices, { job, run, bookmarks, ...given }: Work): Promise<Counts> {
    const { clock, iam, place, s3 } = services;
    const caller = iam.assume(
        job.roleArn,
        "glue.amazonaws.com",
        glueArn(place, "job", job.name),
        "GlueJobRunnerSession",
    );
    const script = scriptPlace(job.command.scriptLocation);
    await s3.getObject(caller, script.bucket, script.prefix);
    const read = lakeJobArguments(given.arguments);
    const { bucket, prefix } = read.source;
    const all = (await s3.listObjects(caller, bucket, prefix)).filter(({ size }) => size > 0);
    const option = given.arguments["--job-bookmark-option"] ?? "job-bookmark-disable";
    const files = option === "job-bookmark-disable" ? all : bookmarks.unread(job.name, all);
    const key = files.length > 0 && hashes(read) ? keyIn(services.secrets, caller, read.secretId) : undefined;
    const counts = await runLakeJob(services, { caller, job: read, files, key, now: clock.now(), ...given });
    log(services, caller, run, counts);
    given.signal.throwIfAborted();
    if (option === "job-bookmark-enable") bookmarks.commit(job.name, run.id, all);
    return counts;
}

function hashes({ mapping }: LakeJobArguments): boolean {
    return mapping.columns.some(({ pii }) => pii === "hash");
}

const KEY_CHARACTERS = 32;

/** The key in a secret, made when there is none, as the script does it. */
function keyIn(secrets: WorkServices["secrets"], caller: Caller, secretId: string): string {
    const key = storedKey(secrets, caller, secretId) ?? makeKey(secrets, caller, secretId);
    if (key.length >= KEY_CHARACTERS) return key;
    throw new Error(`The key in ${secretId} is shorter than ${KEY_CHARACTERS} characters.`);
}

function storedKey({ getSecretValue }: WorkServices["secrets"], caller: Caller, secretId: string): string | undefined {
    try {
        return getSecretValue({ SecretId: secretId }, caller).SecretString ?? "";
    } catch (error) {
        if (isServiceError(error) && error.code === "ResourceNotFoundException") return undefined;
        throw error;
    }
}

function makeKey(secrets: WorkServices["secrets"], caller: Caller, secretId: string): string {
    const ClientRequestToken = crypto.createHash("sha256").update(`lake_job ${secretId}`).digest("hex");
    const SecretString = crypto.randomBytes(32).toString("hex");
    secrets.putSecretValue({ SecretId: secretId, ClientRequestToken, SecretString }, caller);
    return SecretString;
}

/** What the script prints. Without the group, or the right to write to it, a run goes on all the same. */
function log({ logs }: WorkServices, caller: Caller, run: JobRun, counts: Counts): void {
    try {
        logs.putLogEvents(caller, run.logGroup, run.id, [JSON.stringify(counts)]);
    } catch {
        // The group is Glue's to make; here it is there when the program makes it.
    }
}

/** The log group of a job's output. https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html */
export function outputGroup(given: Arguments): string {
    return path.posix.join(given["--custom-logGroup-prefix"] ?? "/aws-glue/jobs", "output");
}
