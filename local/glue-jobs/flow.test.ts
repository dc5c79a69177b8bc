import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import {
    GetJobRunsCommand,
    GetTriggerCommand,
    GetTriggersCommand,
    GetWorkflowCommand,
    GetWorkflowRunCommand,
    GetWorkflowRunsCommand,
    ListTriggersCommand,
    ListWorkflowsCommand,
    StartJobRunCommand,
    StartTriggerCommand,
    StartWorkflowRunCommand,
    StopTriggerCommand,
} from "@aws-sdk/client-glue";
import type { Properties } from "../resources";
import { event, heldListings, JOB, type JobsOptions, START, startJobs } from "./test-support";

const TRIGGER = "aws:glue/trigger:Trigger";
const WORKFLOW = "aws:glue/workflow:Workflow";
const HOUR = 3_600_000;

type Parts = Awaited<ReturnType<typeof startJobs>>;

describe("Glue's triggers and workflows", () => {
    const open: Parts[] = [];
    afterEach(async () => {
        for (const parts of open.splice(0)) await parts.close();
    });

    async function started(options: JobsOptions = {}) {
        const parts = await startJobs(options);
        open.push(parts);
        return parts;
    }

    /** A workflow that runs the job by the hour and then, when it has succeeded, a crawler. */
    async function workflow(options: JobsOptions = {}, start: Properties = {}) {
        const parts = await started(options);
        await parts.make(WORKFLOW, { name: "lake", maxConcurrentRuns: 1, defaultRunProperties: { by: "test" } });
        await parts.make(TRIGGER, {
            ...{ name: "start", workflowName: "lake", type: "SCHEDULED", schedule: "cron(0 * * * ? *)" },
            actions: [{ jobName: JOB }],
            ...start,
        });
        await parts.make(TRIGGER, {
            ...{ name: "crawl", workflowName: "lake", type: "CONDITIONAL" },
            predicate: { conditions: [{ jobName: JOB, state: "SUCCEEDED" }] },
            actions: [{ crawlerName: "crawler" }],
        });
        await parts.put("one.gz", event("a", "2026-11-20T10:00:00Z"));
        const settled = async () => {
            await parts.jobs.idle();
            await parts.services.clock.advance(0);
        };
        const runs = async () => (await parts.glue.send(new GetWorkflowRunsCommand({ Name: "lake" }))).Runs ?? [];
        return { ...parts, settled, runs };
    }

    const statistics = (over: Properties) => ({
        ...{ TotalActions: 0, TimeoutActions: 0, FailedActions: 0, StoppedActions: 0, SucceededActions: 0 },
        ...{ RunningActions: 0, ErroredActions: 0, WaitingActions: 0 },
        ...over,
    });

    it("run the job by schedule, and the crawler when it has succeeded", async () => {
        const { jobs, services, settled, runs, crawled, rows, glue } = await workflow();
        jobs.start();
        await services.clock.advance(29_999);
        deepStrictEqual(await runs(), []);
        await services.clock.advance(1);
        await settled();
        strictEqual((await rows()).length, 1);
        deepStrictEqual(crawled, ["crawler"]);
        const [run] = await runs();
        const { WorkflowRunId, ...rest } = run;
        deepStrictEqual(rest, {
            Name: "lake",
            WorkflowRunProperties: { by: "test" },
            StartedOn: new Date(START + 30_000),
            CompletedOn: new Date(START + 30_000),
            Status: "COMPLETED",
            Statistics: statistics({ TotalActions: 2, SucceededActions: 2 }),
        });
        const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: JOB }));
        deepStrictEqual(
            JobRuns.map(({ TriggerName }) => TriggerName),
            ["start"],
        );
        await services.clock.advance(HOUR);
        await settled();
        deepStrictEqual(
            (await runs()).map(({ PreviousRunId }) => PreviousRunId),
            [WorkflowRunId, undefined],
        );
        deepStrictEqual((await glue.send(new GetWorkflowRunCommand({ Name: "lake", RunId: WorkflowRunId }))).Run, run);
    });

    it("start nothing after a run that nobody's trigger has started", async () => {
        const { glue, settled, crawled, runs } = await workflow();
        await glue.send(new StartJobRunCommand({ JobName: JOB }));
        await settled();
        deepStrictEqual([crawled, await runs()], [[], []]);
    });

    it("start no crawler when the job fails, and count it", async () => {
        const { glue, settled, crawled, runs } = await workflow({ arguments: { "--source": "none" } });
        await glue.send(new StartWorkflowRunCommand({ Name: "lake" }));
        await settled();
        deepStrictEqual(crawled, []);
        const [{ Status, Statistics }] = await runs();
        deepStrictEqual([Status, Statistics], ["COMPLETED", statistics({ TotalActions: 1, FailedActions: 1 })]);
    });

    it("count a crawler that fails, and one that cannot start", async () => {
        for (const [crawl, counted] of [
            [async (): Promise<"FAILED"> => "FAILED", { FailedActions: 1 }],
            [
                () => {
                    throw new Error("Crawler with name crawler has already started");
                },
                { ErroredActions: 1 },
            ],
        ] as const) {
            const { glue, settled, runs } = await workflow({ crawl });
            await glue.send(new StartWorkflowRunCommand({ Name: "lake" }));
            await settled();
            const [{ Statistics }] = await runs();
            deepStrictEqual(Statistics, statistics({ TotalActions: 2, SucceededActions: 1, ...counted }));
        }
    });

    it("run a workflow as often at once as it says", async () => {
        const held = heldListings("first");
        const { glue, jobs, settled, runs, services } = await workflow({ s3: held.s3 });
        jobs.start();
        const { RunId } = await glue.send(new StartWorkflowRunCommand({ Name: "lake" }));
        await rejects(glue.send(new StartWorkflowRunCommand({ Name: "lake" })), {
            name: "ConcurrentRunsExceededException",
            message: "Concurrent runs exceeded for workflow lake",
        });
        // The hour passes without a run of its own.
        await services.clock.advance(30_000);
        const [{ Status, Statistics }] = await runs();
        deepStrictEqual([Status, Statistics], ["RUNNING", statistics({ TotalActions: 1, RunningActions: 1 })]);
        held.release();
        await settled();
        deepStrictEqual(
            (await runs()).map(({ WorkflowRunId, Status: status }) => [WorkflowRunId, status]),
            [[RunId, "COMPLETED"]],
        );
    });

    it("end what a killed process has left", async () => {
        const held = heldListings("first");
        const parts = await workflow({ s3: held.s3 });
        await parts.glue.send(new StartWorkflowRunCommand({ Name: "lake" }));
        const next = parts.open();
        next.start();
        const [{ Status, Statistics }] = await parts.runs();
        deepStrictEqual([Status, Statistics], ["COMPLETED", statistics({ TotalActions: 1, FailedActions: 1 })]);
        await next.close();
        held.release();
    });

    it("watch schedules and conditions only while they are active", async () => {
        const { glue, jobs, services, settled, runs, crawled } = await workflow();
        const state = async (Name: string) => (await glue.send(new GetTriggerCommand({ Name }))).Trigger?.State;
        jobs.start();
        strictEqual(await state("start"), "ACTIVATED");
        await glue.send(new StopTriggerCommand({ Name: "start" }));
        strictEqual(await state("start"), "DEACTIVATED");
        await services.clock.advance(HOUR);
        deepStrictEqual(await runs(), []);
        await glue.send(new StartTriggerCommand({ Name: "start" }));
        await glue.send(new StopTriggerCommand({ Name: "crawl" }));
        await services.clock.advance(HOUR);
        await settled();
        deepStrictEqual([(await runs()).length, crawled], [1, []]);
    });

    it("are made asleep where the program says so", async () => {
        const { glue } = await workflow({}, { enabled: false });
        const { Trigger } = await glue.send(new GetTriggerCommand({ Name: "start" }));
        strictEqual(Trigger?.State, "DEACTIVATED");
    });

    it("begin a workflow on demand", async () => {
        const { glue, settled, crawled } = await workflow({}, { type: "ON_DEMAND", schedule: undefined });
        await glue.send(new StartTriggerCommand({ Name: "start" }));
        await settled();
        deepStrictEqual(crawled, ["crawler"]);
        await rejects(glue.send(new StopTriggerCommand({ Name: "start" })), {
            name: "InvalidInputException",
            message: "Trigger start of type ON_DEMAND can't be stopped.",
        });
    });

    it("work outside of workflows, for all or any of their conditions", async () => {
        const { glue, make, jobs, crawled, services, put } = await started();
        await put("one.gz", event("a", "2026-11-20T10:00:00Z"));
        await make(TRIGGER, {
            name: "by-hand",
            type: "ON_DEMAND",
            actions: [{ jobName: JOB }, { crawlerName: "first" }],
        });
        const conditions = [
            { jobName: JOB, state: "SUCCEEDED" },
            { crawlerName: "first", crawlState: "SUCCEEDED" },
        ];
        await make(TRIGGER, {
            ...{ name: "all", type: "CONDITIONAL", predicate: { logical: "AND", conditions } },
            actions: [{ crawlerName: "both" }],
        });
        await make(TRIGGER, {
            ...{ name: "any", type: "CONDITIONAL", predicate: { logical: "ANY", conditions } },
            actions: [{ crawlerName: "either" }],
        });
        await glue.send(new StartTriggerCommand({ Name: "by-hand" }));
        await jobs.idle();
        await services.clock.advance(0);
        deepStrictEqual([...crawled].sort(), ["both", "either", "either", "first"]);
    });

    it("are described as Glue describes them", async () => {
        const { glue } = await workflow();
        const { Triggers } = await glue.send(new GetTriggersCommand({}));
        deepStrictEqual(Triggers, [
            {
                Name: "crawl",
                WorkflowName: "lake",
                Type: "CONDITIONAL",
                State: "ACTIVATED",
                Actions: [{ CrawlerName: "crawler" }],
                Predicate: {
                    Logical: "AND",
                    Conditions: [{ LogicalOperator: "EQUALS", JobName: JOB, State: "SUCCEEDED" }],
                },
            },
            {
                Name: "start",
                WorkflowName: "lake",
                Type: "SCHEDULED",
                State: "ACTIVATED",
                Schedule: "cron(0 * * * ? *)",
                Actions: [{ JobName: JOB }],
            },
        ]);
        deepStrictEqual((await glue.send(new ListTriggersCommand({ DependentJobName: JOB }))).TriggerNames, ["start"]);
        deepStrictEqual((await glue.send(new ListWorkflowsCommand({}))).Workflows, ["lake"]);
        deepStrictEqual((await glue.send(new GetWorkflowCommand({ Name: "lake" }))).Workflow, {
            Name: "lake",
            DefaultRunProperties: { by: "test" },
            MaxConcurrentRuns: 1,
        });
        await rejects(glue.send(new GetTriggerCommand({ Name: "other" })), {
            name: "EntityNotFoundException",
            message: "Trigger with name other not found.",
        });
        await rejects(glue.send(new GetWorkflowCommand({ Name: "lake", IncludeGraph: true })), {
            name: "LocalUnsupported",
        });
    });

    it("are only made where they have a meaning", async () => {
        const { jobs } = await started();
        const check = (inputs: Properties) => jobs.bindings[TRIGGER].check?.(inputs);
        deepStrictEqual(check({ type: "EVENT", actions: [{}] }), [
            'A trigger of the type "EVENT" is not supported by the local runtime.',
            'Each of "actions" must name a job or a crawler, and not both.',
        ]);
        deepStrictEqual(check({ type: "SCHEDULED", actions: [] }), [
            '"schedule" is what a trigger of the type "SCHEDULED" needs.',
        ]);
        deepStrictEqual(check({ type: "CONDITIONAL", schedule: "hourly", actions: [] }), [
            '"predicate" is what a trigger of the type "CONDITIONAL" needs.',
            '"schedule" must be minutes, hours, day of month, month, day of week and year, such as cron(15 2 * * ? *): it is "hourly".',
        ]);
    });
});
