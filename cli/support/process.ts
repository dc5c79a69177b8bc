import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import {
    type GlueClient as Client,
    GetCrawlerCommand,
    GetJobRunCommand,
    GlueClient,
    type JobRun,
    paginateGetJobRuns,
    StartCrawlerCommand,
    StartJobRunCommand,
} from "@aws-sdk/client-glue";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Processed, Processing } from "../../components/blocks/entrance";
import type { RunningStack } from "./stack";

/**
 * Runs what makes rows of delivered events, and waits for its end. Gives what became of the events since a time: what runs by schedule may
 * have taken some of them before. Throws the service's own reason when it fails.
 */
export function runProcessing(stack: RunningStack, processing: Processing, since: Date): Promise<Processed> {
    return "job" in processing ? runJob(stack, processing, since) : invoke(stack, processing);
}

async function invoke(
    stack: RunningStack,
    { function: FunctionName, payload, outcome }: Extract<Processing, { function: string }>,
): Promise<Processed> {
    const client = new LambdaClient(stack.client);
    const command = new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(payload)) });
    const { FunctionError, Payload } = await client.send(command);
    client.destroy();
    const text = Buffer.from(Payload ?? []).toString("utf8");
    if (FunctionError) throw new Error(`The function ${FunctionName} failed: ${text}`);
    return outcome(JSON.parse(text));
}

async function runJob(
    stack: RunningStack,
    { job, log, crawler }: Extract<Processing, { job: string }>,
    since: Date,
): Promise<Processed> {
    const glue = new GlueClient(stack.client);
    await finished(glue, job, await startRun(glue, job));
    const counts = await countsSince(stack, glue, { job, log }, since);
    if (crawler) await crawl(glue, crawler);
    glue.destroy();
    return counts;
}

/** Starts a run, after the one that is under way: a job that keeps bookmarks has one run at a time. */
async function startRun(glue: Client, JobName: string): Promise<string> {
    for (;;) {
        try {
            const { JobRunId = "" } = await glue.send(new StartJobRunCommand({ JobName }));
            return JobRunId;
        } catch (error) {
            if ((error as Error).name !== "ConcurrentRunsExceededException") throw error;
            await sleep(PAUSE_MS);
        }
    }
}

/** Between two looks at what runs. */
const PAUSE_MS = 100;

async function finished(glue: Client, JobName: string, RunId: string): Promise<void> {
    for (;;) {
        const { JobRun } = await glue.send(new GetJobRunCommand({ JobName, RunId }));
        const { JobRunState = "", ErrorMessage = "" } = JobRun ?? {};
        if (JobRunState === "SUCCEEDED") return;
        if (ENDED_BADLY.includes(JobRunState))
            throw new Error(`The run ${RunId} of the job ${JobName} is ${JobRunState}: ${ErrorMessage}`);
        await sleep(PAUSE_MS);
    }
}

/** https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html */
const ENDED_BADLY = ["ERROR", "EXPIRED", "FAILED", "STOPPED", "TIMEOUT"];

async function countsSince(
    stack: RunningStack,
    glue: Client,
    { job: JobName, log }: { readonly job: string; readonly log: string },
    since: Date,
): Promise<Processed> {
    const logs = new CloudWatchLogsClient(stack.client);
    const total = { failed: 0, dropped: 0 };
    for await (const { JobRuns = [] } of paginateGetJobRuns({ client: glue }, { JobName })) {
        for (const run of JobRuns.filter(({ StartedOn }) => StartedOn && StartedOn >= since)) {
            const { failed, dropped } = await countsOf(logs, log, run);
            total.failed += failed;
            total.dropped += dropped;
        }
    }
    logs.destroy();
    return total;
}

/** What a run says of its documents in the last line that it prints, which Glue logs below its id. */
async function countsOf(logs: CloudWatchLogsClient, logGroupName: string, { Id = "" }: JobRun): Promise<Processed> {
    let last: { readonly rejected: number; readonly duplicates: number } = { rejected: 0, duplicates: 0 };
    const query = { logGroupName, logStreamNames: [Id], filterPattern: "duplicates" };
    for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, query)) {
        for (const { message = "" } of events) last = JSON.parse(message) as typeof last;
    }
    return { failed: last.rejected, dropped: last.duplicates };
}

async function crawl(glue: Client, Name: string): Promise<void> {
    try {
        await glue.send(new StartCrawlerCommand({ Name }));
    } catch (error) {
        // The job's success may have started it.
        if ((error as Error).name !== "CrawlerRunningException") throw error;
    }
    for (;;) {
        const { Crawler } = await glue.send(new GetCrawlerCommand({ Name }));
        if (Crawler?.State === "READY") {
            const { Status, ErrorMessage } = Crawler.LastCrawl ?? {};
            if (Status === "FAILED") throw new Error(`The crawler ${Name} failed: ${ErrorMessage}`);
            return;
        }
        await sleep(PAUSE_MS);
    }
}
