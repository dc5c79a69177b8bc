import { deepStrictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { GetJobRunsCommand } from "@aws-sdk/client-glue";
import { JOB, startJobs } from "./test-support";

const EVENTS = 400;
const DAYS = 8;

/** Stores events of some days, runs the job over them, and says each time that it has written an object. */
const RUNNER = `
    const fs = require("node:fs");
    const { JOB, event, startJobs } = require("./local/glue-jobs/test-support");
    const s3 = (real) => ({
        putObject: async (...request) => {
            await real.putObject(...request);
            fs.writeSync(1, request[2] + "\\n");
        },
    });
    (async () => {
        const { jobs, put, services } = await startJobs({ data: process.argv[1], s3 });
        const texts = Array.from({ length: ${EVENTS} }, (_, n) => event("e" + n, "2026-11-0" + (1 + (n % ${DAYS})) + "T10:00:00Z"));
        await put("one.gz", ...texts.slice(0, ${EVENTS / 2}), "not json");
        await put("two.gz", ...texts.slice(${EVENTS / 2}));
        await jobs.operations.StartJobRun({ JobName: JOB }, services.iam.root);
    })();`;

describe("A Glue job, killed while it writes", () => {
    for (const objects of [1, 5, 1 + DAYS])
        it(`fails, and the next run makes each row once: after ${objects} objects`, async function () {
            this.timeout(30_000);
            const data = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-"));
            await runAndKill(data, objects);
            const { jobs, glue, services, rows, keys, close } = await startJobs({ data });
            jobs.start();
            await jobs.operations.StartJobRun({ JobName: JOB } as never, services.iam.root);
            await jobs.idle();
            const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: JOB }));
            const ids = (await rows()).map(({ id }) => String(id));
            deepStrictEqual(
                {
                    states: JobRuns.map(({ JobRunState }) => JobRunState).sort(),
                    rows: ids.length,
                    ids: new Set(ids).size,
                    errors: (await keys("errors/")).length,
                },
                { states: ["FAILED", "SUCCEEDED"], rows: EVENTS, ids: EVENTS, errors: 1 },
            );
            await close();
            fs.rmSync(data, { recursive: true });
        });
});

/** Lets a process run the job in a folder, and kills it when it has written that many objects. */
function runAndKill(data: string, objects: number): Promise<void> {
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", RUNNER, data], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        if (output.split("\n").length > objects) child.kill("SIGKILL");
    });
    return new Promise((resolve) => child.on("close", () => resolve()));
}
