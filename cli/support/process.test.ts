import * as assert from "node:assert/strict";
import { serviceError } from "../../local/errors";
import type { JsonService } from "../../local/services";
import { serve, type TestServer } from "../../tests/support/local";
import { runProcessing } from "./process";

/** The state of a Glue job with these runs; each run that is started is running when it is looked at first, and ended then. */
function glue(ends: readonly { readonly state: string; readonly message?: string }[]) {
    const calls: string[] = [];
    const looks = new Map<string, number>();
    let started = 0;
    let busy = 1;
    const service: JsonService = {
        target: "AWSGlue",
        name: "glue",
        client: "@aws-sdk/client-glue",
        operations: {
            StartJobRun() {
                if (busy-- > 0) throw serviceError("ConcurrentRunsExceededException", "Concurrent runs exceeded.");
                calls.push("StartJobRun");
                return { JobRunId: `jr_${++started}` };
            },
            GetJobRun({ RunId }: { RunId: string }) {
                const seen = (looks.get(RunId) ?? 0) + 1;
                looks.set(RunId, seen);
                const { state, message } = ends[started - 1] ?? { state: "SUCCEEDED" };
                return { JobRun: { Id: RunId, JobRunState: seen > 1 ? state : "RUNNING", ErrorMessage: message } };
            },
            GetJobRuns: () => ({
                JobRuns: [
                    { Id: "jr_1", StartedOn: new Date(2_000) },
                    { Id: "jr_scheduled", StartedOn: new Date(1_500) },
                    { Id: "jr_before", StartedOn: new Date(500) },
                ],
            }),
            StartCrawler() {
                calls.push("StartCrawler");
                throw serviceError("CrawlerRunningException", "Crawler has already started");
            },
            GetCrawler() {
                calls.push("GetCrawler");
                const state = calls.filter((call) => call === "GetCrawler").length > 1 ? "READY" : "RUNNING";
                return { Crawler: { State: state, LastCrawl: { Status: "SUCCEEDED" } } };
            },
        },
    };
    return { service, calls };
}

/** Logs in which each run says what became of its documents. */
const logs: JsonService = {
    target: "Logs_20140328",
    name: "logs",
    client: "@aws-sdk/client-cloudwatch-logs",
    operations: {
        FilterLogEvents({ logGroupName, logStreamNames: [run] }: { logGroupName: string; logStreamNames: string[] }) {
            assert.equal(logGroupName, "/rows/output");
            const rejected = { jr_1: 3, jr_scheduled: 4, jr_before: 100 }[run ?? ""];
            return { events: [{ message: JSON.stringify({ written: 10, rejected, duplicates: 1 }) }] };
        },
    },
};

describe("runProcessing", () => {
    let server: TestServer;
    afterEach(() => server.close());
    const stack = () => ({ name: "local", pipelines: {}, client: server.client });
    const since = new Date(1_000);

    it("runs a job after the run that is under way, then waits for the crawler, and counts every run since", async () => {
        const { service, calls } = glue([]);
        server = await serve({ jsonServices: [service, logs] });
        const processed = await runProcessing(
            stack(),
            { job: "rows", log: "/rows/output", crawler: "partitions" },
            since,
        );
        assert.deepEqual(processed, { failed: 7, dropped: 2 });
        assert.deepEqual(calls, ["StartJobRun", "StartCrawler", "GetCrawler", "GetCrawler"]);
    });

    it("gives Glue's reason when the run fails", async () => {
        const { service } = glue([{ state: "FAILED", message: "AccessDenied: no" }]);
        server = await serve({ jsonServices: [service, logs] });
        await assert.rejects(runProcessing(stack(), { job: "rows", log: "/rows/output" }, since), {
            message: "The run jr_1 of the job rows is FAILED: AccessDenied: no",
        });
    });
});
