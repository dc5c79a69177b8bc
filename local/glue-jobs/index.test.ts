import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import * as crypto from "node:crypto";
import { gunzipSync } from "node:zlib";
import {
    BatchStopJobRunCommand,
    GetJobBookmarkCommand,
    GetJobCommand,
    GetJobRunCommand,
    GetJobRunsCommand,
    GetJobsCommand,
    ListJobsCommand,
    ResetJobBookmarkCommand,
    StartJobRunCommand,
} from "@aws-sdk/client-glue";
import { iamWith } from "../../tests/support/local";
import { event, heldListings, JOB, type JobsOptions, START, startJobs } from "./test-support";

type Parts = Awaited<ReturnType<typeof startJobs>>;

describe("A Glue job", () => {
    const open: Parts[] = [];
    afterEach(async () => {
        for (const parts of open.splice(0)) await parts.close();
    });

    async function started(options: JobsOptions = {}) {
        const parts = await startJobs(options);
        open.push(parts);
        return parts;
    }

    /** Runs the job and tells how it ended. */
    async function run({ glue, jobs }: Parts, given: Readonly<Record<string, string>> = {}) {
        const { JobRunId: RunId } = await glue.send(new StartJobRunCommand({ JobName: JOB, Arguments: given }));
        await jobs.idle();
        const { JobRun: found } = await glue.send(new GetJobRunCommand({ JobName: JOB, RunId }));
        return found ?? {};
    }

    const printed = ({ services }: Parts, runId: string | undefined) =>
        services.logs.messages("/aws-glue/jobs/lake/output", String(runId)).map((line) => JSON.parse(line) as unknown);

    it("makes rows of raw events, in the folders of their days, and keeps what did not fit with the reason", async () => {
        const parts = await started();
        const detail = { amount: 12.5, card: "4111111111111111", first: "Asha", last: "Rao" };
        const bad = event("c", "2026-11-20T10:00:00Z", { amount: "much", card: "4111111111111111" });
        await parts.put(
            "one.gz",
            event("b", "2026-12-31T23:30:00-01:00", detail),
            event("a", "2028-02-29T00:00:00Z"),
            bad,
            "not json",
        );
        const { Id, JobRunState, ErrorMessage } = await run(parts);
        deepStrictEqual([JobRunState, ErrorMessage], ["SUCCEEDED", undefined]);
        const key = parts.secrets.getSecretValue({ SecretId: "key" }, parts.services.iam.root).SecretString ?? "";
        const hash = crypto.createHmac("sha256", key).update("4111111111111111").digest("hex");
        deepStrictEqual(await parts.rows(), [
            { id: "b", at: "2027-01-01 00:30:00", amount: "12.50", card: hash, name: "****" },
            { id: "a", at: "2028-02-29 00:00:00", amount: null, card: null, name: null },
        ]);
        deepStrictEqual(
            (await parts.keys("table/")).map((name) => name.replace(/part-.*/, "")),
            ["table/year=2027/month=01/day=01/", "table/year=2028/month=02/day=29/"],
        );
        const [errors] = await parts.keys("errors/");
        strictEqual(errors, "errors/2026/11/20/one.json.gz");
        const lines = gunzipSync(await parts.s3.getObject(parts.services.iam.root, "lake", errors)).toString();
        deepStrictEqual(
            lines
                .trimEnd()
                .split("\n")
                .map((line) => JSON.parse(line) as unknown),
            [
                {
                    errorMessage: '"amount" is not decimal(10,2).',
                    eventId: "c",
                    rawData: Buffer.from(bad).toString("base64"),
                },
                { errorMessage: "The document is not JSON.", rawData: Buffer.from("not json").toString("base64") },
            ],
        );
        deepStrictEqual(printed(parts, Id), [{ read: 4, written: 2, duplicates: 0, rejected: 2 }]);
    });

    it("reads each file once, and one that has changed again", async () => {
        const parts = await started();
        const counts = async () => printed(parts, (await run(parts)).Id)[0];
        await parts.put("one.gz", event("a", "2026-11-20T10:00:00Z"));
        deepStrictEqual(await counts(), { read: 1, written: 1, duplicates: 0, rejected: 0 });
        deepStrictEqual(await counts(), { read: 0, written: 0, duplicates: 0, rejected: 0 });
        // The clock stands still: a file is known by its name and the time of its last change, not by the time of a run.
        await parts.put("two.gz", event("b", "2026-11-20T10:00:00Z"));
        deepStrictEqual(await counts(), { read: 1, written: 1, duplicates: 0, rejected: 0 });
        await parts.services.clock.advance(1000);
        await parts.put("one.gz", event("a", "2026-11-20T10:00:00Z"), event("c", "2020-01-01T00:00:00Z"));
        deepStrictEqual(await counts(), { read: 2, written: 1, duplicates: 1, rejected: 0 });
    });

    it("knows an event again: on its own day whatever the age, within the look-back under another time", async () => {
        const parts = await started();
        const day = (number: number) => `2026-11-${String(number).padStart(2, "0")}T10:00:00Z`;
        await parts.put("one.gz", event("old", "2020-02-29T10:00:00Z"), event("late", day(14)), event("far", day(1)));
        await run(parts);
        await parts.put(
            "two.gz",
            event("old", "2020-02-29T10:00:00Z"),
            event("late", "2026-05-01T10:00:00Z"),
            event("far", "2026-05-02T10:00:00Z"),
            event("twice", day(20).replace("10:", "11:")),
            event("twice", day(20)),
        );
        deepStrictEqual(printed(parts, (await run(parts)).Id), [{ read: 5, written: 2, duplicates: 3, rejected: 0 }]);
        deepStrictEqual(
            (await parts.rows()).map(({ id, at }) => [id, at]),
            [
                ["old", "2020-02-29 10:00:00"],
                ["far", "2026-05-02 10:00:00"],
                ["far", "2026-11-01 10:00:00"],
                ["late", "2026-11-14 10:00:00"],
                ["twice", "2026-11-20 10:00:00"],
            ],
        );
    });

    it("keeps the first of copies, and among those of one time always the same one", async () => {
        const texts = [1, 2, 3].map((amount) => event("a", "2026-11-20T10:00:00Z", { amount }));
        const rows: unknown[] = [];
        for (const order of [texts, [...texts].reverse()]) {
            const parts = await started();
            await parts.put("one.gz", ...order);
            await run(parts);
            rows.push(await parts.rows());
        }
        deepStrictEqual(rows[0], rows[1]);
        strictEqual((rows[0] as readonly unknown[]).length, 1);
    });

    it("adds nothing twice and loses nothing after a run that ended while it wrote", async () => {
        let room = 2;
        const parts = await started({
            s3: (s3) => ({
                putObject: async (...request) => {
                    if (request[2].startsWith("table/") && room-- === 0) throw new Error("The disk is full.");
                    await s3.putObject(...request);
                },
            }),
        });
        const days = [1, 2, 3, 4];
        await parts.put("one.gz", ...days.map((day) => event(`e${day}`, `2022-01-0${day}T10:00:00Z`)), "[]");
        const { JobRunState, ErrorMessage } = await run(parts);
        deepStrictEqual([JobRunState, ErrorMessage, (await parts.rows()).length], ["FAILED", "The disk is full.", 2]);
        deepStrictEqual(printed(parts, (await run(parts)).Id), [{ read: 5, written: 2, duplicates: 2, rejected: 1 }]);
        deepStrictEqual(
            (await parts.rows()).map(({ id }) => id),
            ["e1", "e2", "e3", "e4"],
        );
        strictEqual((await parts.keys("errors/")).length, 1);
    });

    it("fails what a process left running when it was killed, and lets the next run repair it", async () => {
        const held = heldListings("first");
        const parts = await started({ s3: held.s3 });
        await parts.put("one.gz", event("a", "2026-11-20T10:00:00Z"));
        const { JobRunId: RunId } = await parts.glue.send(new StartJobRunCommand({ JobName: JOB }));
        const next = parts.open();
        next.start();
        const { JobRun: found } = await parts.glue.send(new GetJobRunCommand({ JobName: JOB, RunId }));
        deepStrictEqual(
            [found?.JobRunState, found?.ErrorMessage],
            ["FAILED", "The local runtime was ended while the job ran."],
        );
        const request = { JobName: JOB } as never;
        const again = (await next.operations.StartJobRun(request, parts.services.iam.root)) as { JobRunId: string };
        await next.idle();
        deepStrictEqual(printed(parts, again.JobRunId), [{ read: 1, written: 1, duplicates: 0, rejected: 0 }]);
        await next.close();
        held.release();
        strictEqual((await parts.rows()).length, 1);
    });

    it("hashes with a key that its first run makes and that nobody is told", async () => {
        const parts = await started();
        for (const name of ["one.gz", "two.gz"]) {
            await parts.put(name, event(name, "2026-11-20T10:00:00Z", { card: "4111111111111111" }));
            await run(parts);
        }
        const [one, two] = await parts.rows();
        match(String(one.card), /^[0-9a-f]{64}$/);
        strictEqual(one.card, two.card);
        const root = parts.services.iam.root;
        const { SecretString: key = "", VersionId } = parts.secrets.getSecretValue({ SecretId: "key" }, root);
        match(key, /^[0-9a-f]{64}$/);
        strictEqual(VersionId, crypto.createHash("sha256").update(`lake_job ${parts.secretArn}`).digest("hex"));
        const { JobRuns } = await parts.glue.send(new GetJobRunsCommand({ JobName: JOB }));
        const told = JSON.stringify([JobRuns, JobRuns?.map(({ Id }) => printed(parts, Id))]);
        for (const secret of [key, "4111111111111111"]) strictEqual(told.includes(secret), false);
    });

    it("refuses a key that can be guessed", async () => {
        const parts = await started();
        const token = "t".repeat(32);
        const request = { SecretId: "key", SecretString: "short", ClientRequestToken: token };
        parts.secrets.putSecretValue(request, parts.services.iam.root);
        await parts.put("one.gz", event("a", "2026-11-20T10:00:00Z"));
        strictEqual((await run(parts)).ErrorMessage, `The key in ${parts.secretArn} is shorter than 32 characters.`);
        deepStrictEqual(await parts.rows(), []);
    });

    for (const [action, resource] of [
        ["s3:GetObject", "arn:aws:s3:::lake/scripts/lake_job.py"],
        ["s3:ListBucket", "arn:aws:s3:::raw"],
        ["s3:GetObject", "arn:aws:s3:::raw/events/one.gz"],
        ["secretsmanager:GetSecretValue", "*"],
        ["secretsmanager:PutSecretValue", "*"],
        ["s3:ListBucket", "arn:aws:s3:::lake"],
        ["s3:PutObject", "arn:aws:s3:::lake/table/"],
        ["s3:PutObject", "arn:aws:s3:::lake/errors/"],
    ] as const)
        it(`fails without the right to ${action} on ${resource}`, async () => {
            let isDenied = true;
            const iam = iamWith(
                (caller, asked, on) =>
                    !isDenied ||
                    !caller.arn.endsWith("assumed-role/lake/GlueJobRunnerSession") ||
                    asked !== action ||
                    (resource !== "*" && !on.startsWith(resource)),
            );
            const parts = await started({ iam });
            await parts.put("one.gz", event("a", "2026-11-20T10:00:00Z"), "[]");
            const { JobRunState, ErrorMessage = "" } = await run(parts);
            strictEqual(JobRunState, "FAILED");
            match(
                ErrorMessage,
                new RegExp(`^User: .*GlueJobRunnerSession is not authorized to perform: ${action} on `),
            );
            isDenied = false;
            deepStrictEqual(printed(parts, (await run(parts)).Id), [
                { read: 2, written: 1, duplicates: 0, rejected: 1 },
            ]);
        });

    it("runs once at a time, and ends when it is stopped", async () => {
        const held = heldListings("all");
        const parts = await started({ s3: held.s3 });
        const { JobRunId = "" } = await parts.glue.send(new StartJobRunCommand({ JobName: JOB }));
        await rejects(parts.glue.send(new StartJobRunCommand({ JobName: JOB })), {
            name: "ConcurrentRunsExceededException",
            message: `Concurrent runs exceeded for ${JOB}`,
        });
        const stop = { JobName: JOB, JobRunIds: [JobRunId, "jr_other"] };
        const { $metadata, ...stopped } = await parts.glue.send(new BatchStopJobRunCommand(stop));
        deepStrictEqual(stopped, {
            SuccessfulSubmissions: [{ JobName: JOB, JobRunId }],
            Errors: [
                {
                    JobName: JOB,
                    JobRunId: "jr_other",
                    ErrorDetail: { ErrorCode: "EntityNotFoundException", ErrorMessage: "Job run jr_other not found." },
                },
            ],
        });
        held.release();
        await parts.jobs.idle();
        const { JobRun: found } = await parts.glue.send(new GetJobRunCommand({ JobName: JOB, RunId: JobRunId }));
        deepStrictEqual([found?.JobRunState, found?.ErrorMessage], ["STOPPED", undefined]);
    });

    it("ends when its time is over", async () => {
        const held = heldListings("all");
        const parts = await started({ s3: held.s3 });
        const { JobRunId: RunId } = await parts.glue.send(new StartJobRunCommand({ JobName: JOB, Timeout: 5 }));
        await parts.services.clock.advance(5 * 60_000);
        held.release();
        await parts.jobs.idle();
        const { JobRun: found } = await parts.glue.send(new GetJobRunCommand({ JobName: JOB, RunId }));
        deepStrictEqual(
            [found?.JobRunState, found?.ErrorMessage, found?.Timeout, found?.ExecutionTime],
            ["TIMEOUT", "Job run exceeded its timeout.", 5, 300],
        );
    });

    it("tries again as often as it is told to", async () => {
        const parts = await started({ job: { maxRetries: 2 }, arguments: { "--source": "events" } });
        await parts.glue.send(new StartJobRunCommand({ JobName: JOB }));
        await parts.jobs.idle();
        const { JobRuns = [] } = await parts.glue.send(new GetJobRunsCommand({ JobName: JOB }));
        const attempts = [...JobRuns].sort((a, b) => Number(a.Attempt) - Number(b.Attempt));
        const [first = ""] = attempts.map(({ Id }) => Id);
        deepStrictEqual(
            attempts.map(({ Id, PreviousRunId, JobRunState }) => [Id, PreviousRunId, JobRunState]),
            [
                [first, undefined, "FAILED"],
                [`${first}_attempt_1`, first, "FAILED"],
                [`${first}_attempt_2`, `${first}_attempt_1`, "FAILED"],
            ],
        );
    });

    it("says what is wrong with the arguments that it gets", async () => {
        const parts = await started();
        for (const [given, message] of [
            [{ "--source": "" }, "The script needs the arguments --source."],
            [{ "--lookback_days": "-1" }, '"--lookback_days" must be a number of days, not "-1".'],
            [{ "--mapping": "{" }, '"--mapping" must be JSON.'],
            [{ "--mapping": "{}" }, '"--mapping" names no column for "eventId".'],
            [{ "--target": "lake" }, '"--target" must be a folder in a bucket, s3://bucket/folder/, not "lake".'],
        ] as const) {
            const { JobRunState, ErrorMessage } = await run(parts, given);
            deepStrictEqual([JobRunState, ErrorMessage], ["FAILED", message]);
        }
    });

    it("runs no other script, and says so", async () => {
        const parts = await started();
        const { root } = parts.services.iam;
        await parts.s3.putObject(root, "lake", "scripts/lake_job.py", 'print("hello")');
        await rejects(parts.glue.send(new StartJobRunCommand({ JobName: JOB })), {
            name: "LocalUnsupported",
            message: `The script s3://lake/scripts/lake_job.py of the Glue job ${JOB} (it runs only what has the line "# Runs locally: lake_job 1", and an argument --mapping) is not supported by the local runtime.`,
        });
        await parts.s3.deleteObject(root, "lake", "scripts/lake_job.py");
        const { JobRunState, ErrorMessage } = await run(parts);
        deepStrictEqual([JobRunState, ErrorMessage], ["FAILED", "The specified key does not exist."]);
    });

    it("has a bookmark that can be looked at and taken away", async () => {
        const parts = await started();
        const missing = { name: "EntityNotFoundException", message: `Continuation for job ${JOB} not found` };
        await rejects(parts.glue.send(new GetJobBookmarkCommand({ JobName: JOB })), missing);
        await parts.put("one.gz", event("a", "2026-11-20T10:00:00Z"));
        const first = (await run(parts)).Id;
        const second = (await run(parts)).Id;
        const { JobBookmarkEntry } = await parts.glue.send(new GetJobBookmarkCommand({ JobName: JOB }));
        deepStrictEqual(JobBookmarkEntry, {
            JobName: JOB,
            Version: 2,
            Run: 2,
            Attempt: 0,
            PreviousRunId: first,
            RunId: second,
            JobBookmark: '{"raw":{"files":1}}',
        });
        await parts.glue.send(new ResetJobBookmarkCommand({ JobName: JOB }));
        await rejects(parts.glue.send(new GetJobBookmarkCommand({ JobName: JOB })), missing);
        deepStrictEqual(printed(parts, (await run(parts)).Id), [{ read: 1, written: 0, duplicates: 1, rejected: 0 }]);
    });

    it("reads everything in each run without a bookmark", async () => {
        const parts = await started();
        await parts.put("one.gz", event("a", "2026-11-20T10:00:00Z"));
        await run(parts);
        const { Id } = await run(parts, { "--job-bookmark-option": "job-bookmark-disable" });
        deepStrictEqual(printed(parts, Id), [{ read: 1, written: 0, duplicates: 1, rejected: 0 }]);
    });

    it("is described as Glue describes it", async () => {
        const { glue, services } = await started();
        const { Job } = await glue.send(new GetJobCommand({ JobName: JOB }));
        const { DefaultArguments, ...rest } = Job ?? {};
        deepStrictEqual(rest, {
            Name: JOB,
            Role: "arn:aws:iam::000000000000:role/lake",
            CreatedOn: new Date(START),
            LastModifiedOn: new Date(START),
            ExecutionProperty: { MaxConcurrentRuns: 1 },
            Command: { Name: "glueetl", ScriptLocation: "s3://lake/scripts/lake_job.py", PythonVersion: "3" },
            MaxRetries: 0,
            Timeout: 10,
            WorkerType: "G.1X",
            NumberOfWorkers: 4,
            GlueVersion: "5.0",
        });
        strictEqual(DefaultArguments?.["--lookback_days"], "7");
        deepStrictEqual((await glue.send(new GetJobsCommand({}))).Jobs, [Job]);
        deepStrictEqual((await glue.send(new ListJobsCommand({}))).JobNames, [JOB]);
        deepStrictEqual((await glue.send(new ListJobsCommand({ Tags: { team: "lake" } }))).JobNames, []);
        await rejects(glue.send(new GetJobCommand({ JobName: "other" })), {
            name: "EntityNotFoundException",
            message: "Job other not found.",
        });
        await rejects(glue.send(new StartJobRunCommand({ JobName: "other" })), {
            name: "EntityNotFoundException",
            message: "Failed to start job run due to missing metadata",
        });
        strictEqual(services.metrics.sum("Glue", "glue.driver.aggregate.numFailedTasks"), 0);
    });

    it("counts its runs and what they read in metrics", async () => {
        const parts = await started();
        await parts.put("one.gz", event("a", "2026-11-20T10:00:00Z"), "[]");
        await run(parts);
        await run(parts, { "--source": "none" });
        const sum = (name: string) =>
            parts.services.metrics.sum("Glue", `glue.driver.aggregate.${name}`, { JobName: JOB });
        deepStrictEqual(["recordsRead", "numCompletedTasks", "numFailedTasks"].map(sum), [2, 1, 1]);
    });

    it("tells the account's rules what has become of its runs", async () => {
        const told: unknown[] = [];
        const parts = await started({ announce: async (announcement) => void told.push(announcement) });
        const runs = [await run(parts), await run(parts, { "--source": "none" })];
        const announced = (severity: string, state: string, jobRunId: string | undefined, message: string) => ({
            source: "aws.glue",
            detailType: "Glue Job State Change",
            detail: { jobName: JOB, severity, state, jobRunId, message },
        });
        const [succeeded, failed] = runs;
        deepStrictEqual(told, [
            announced("INFO", "SUCCEEDED", succeeded.Id, "Job run succeeded"),
            announced("ERROR", "FAILED", failed.Id, failed.ErrorMessage ?? ""),
        ]);
    });

    it("is only made where the runtime can do its work", async () => {
        const { jobs } = await started();
        deepStrictEqual(
            jobs.bindings["aws:glue/job:Job"].check?.({ command: { name: "pythonshell", scriptLocation: "lake.py" } }),
            [
                'A Glue job whose command is "pythonshell" is not supported by the local runtime.',
                '"command.scriptLocation" must be an object, s3://bucket/key: it is "lake.py".',
            ],
        );
    });
});
