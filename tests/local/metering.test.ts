import * as assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { gzipSync } from "node:zlib";
import { AthenaClient } from "@aws-sdk/client-athena";
import { GlueClient } from "@aws-sdk/client-glue";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { saasMetering } from "../../components/saas-metering";
import { accessLog } from "../../components/saas-metering/dataset";
import { saasMeteringOptions } from "../../components/saas-metering/options";
import type { MergeAnswer } from "../../functions/merge-access-log";
import type { LambdaContext } from "../../functions/time-left";
import { folderOfHour, type Hour, hourAt, hoursBetween, nameOfHour, startOf } from "../../functions/utc-hours";
import { start } from "../support/deployed";
import { record } from "../support/mocks";
import { runtimeProcess } from "../support/runtime-process";
import { seeded, sized } from "../support/soak";

const INSTANCE = "saas-metering";
const REQUESTS = sized(200_000, 1_000);
/** Times at which files arrive and merges run. */
const ROUNDS = sized(6, 2);
const TENANTS = ["tenant-a", "tenant-b", "tenant-c", "-"];
const at = (time: string) => hourAt(Date.parse(time));

/** Hours in which requests happen: lately, around the end of a year, and around a leap day. */
const LATELY = hoursBetween(hourAt(Date.now()) - sized(36, 3), hourAt(Date.now()));
const PAST = [
    { from: at("2024-12-31T23:00:00Z"), to: at("2025-01-01T01:00:00Z") },
    { from: at("2024-02-28T23:00:00Z"), to: at("2024-02-29T01:00:00Z") },
    { from: at("2024-02-29T23:00:00Z"), to: at("2024-03-01T01:00:00Z") },
].slice(0, sized(3, 2));

/** An object that arrives in the folder of an hour. */
interface File {
    readonly folder: Hour;
    readonly lines: string[];
}

type Merge = (event: unknown, context: LambdaContext) => Promise<MergeAnswer>;

/** As long as the function is given. */
const CONTEXT: LambdaContext = { getRemainingTimeInMillis: () => 900_000 };

/** The run of the merge that a command belongs to: how many it may still send before its process is dead. */
const runs = new AsyncLocalStorage<{ commands: number }>();

/** Lets each run die at a command, which then has had its effect, or has not. */
function makeMortal(): () => void {
    const prototypes = [AthenaClient.prototype, GlueClient.prototype, S3Client.prototype] as unknown as {
        send(...args: unknown[]): Promise<unknown>;
    }[];
    for (const prototype of prototypes) {
        const { send } = prototype;
        prototype.send = async function (...args) {
            const step = () => {
                const run = runs.getStore();
                if (run && run.commands-- <= 0) throw new Error("killed");
            };
            step();
            const answer = await send.apply(this, args);
            step();
            return answer;
        };
    }
    return () => {
        for (const prototype of prototypes) Reflect.deleteProperty(prototype, "send");
    };
}

describe(`Metering of ${REQUESTS} requests`, function () {
    this.timeout(60 * 60_000);
    const runtime = runtimeProcess({
        [INSTANCE]: { merge: { schedule: "rate(6 days)" }, alarms: { behindHours: 168 } },
    });
    const random = seeded(26);
    const whole = (below: number) => Math.floor(random() * below);
    const served = new Map<string, number>();
    let s3: S3Client;
    let bucket: string;
    let merge: (event: unknown) => Promise<MergeAnswer>;
    let restore: () => void;
    const { info } = console;
    let objects = 0;

    /** Requests of all hours, in the files that tell of them: most arrive soon, some a day late, some are told of twice, and some clocks are wrong. */
    function* files(): Generator<File> {
        const hours = [...LATELY, ...PAST.flatMap(({ from, to }) => hoursBetween(from, to))];
        const size = 50;
        for (let first = 0; first < REQUESTS; first += size) {
            const hour = hours[(first / size) % hours.length] as Hour;
            const lines = Array.from({ length: Math.min(size, REQUESTS - first) }, (_, nth) =>
                serve(hour, first + nth),
            );
            yield { folder: hour, lines };
            // At least once is what Firehose promises: the same again, in the same folder or the next.
            if (whole(10) === 0) yield { folder: hour + whole(2), lines: lines.slice(whole(size)) };
        }
    }

    /** Serves a request, and gives the line that API Gateway logs of it. */
    function serve(folder: Hour, nth: number): string {
        // A clock that steps back, or runs ahead.
        const hour = whole(50) === 0 ? folder - 1 - whole(3) : folder;
        // The first and the last millisecond of an hour among them.
        const time = startOf(hour) + ([0, 3_599_999][whole(20)] ?? whole(3_600_000));
        const tenant = TENANTS[whole(TENANTS.length)] as string;
        const key = `${nameOfHour(hour)} ${tenant === "-" ? "" : tenant}`;
        served.set(key, (served.get(key) ?? 0) + 1);
        const known: Readonly<Record<string, string>> = {
            request_id: `request-${nth}`,
            tenant,
            request_time: String(time),
            status: "200",
        };
        return JSON.stringify(Object.fromEntries(accessLog.columns.map(({ name }) => [name, known[name] ?? "-"])));
    }

    async function arrive({ folder, lines }: File): Promise<void> {
        const Key = `${accessLog.name}/${folderOfHour(folder)}${String(objects++).padStart(6, "0")}.gz`;
        await s3.send(
            new PutObjectCommand({ Bucket: bucket, Key, Body: gzipSync(lines.map((line) => `${line}\n`).join("")) }),
        );
    }

    /** A run that is killed after so many commands. */
    const killed = (event: unknown, commands: number) =>
        runs.run({ commands }, () => merge(event)).catch((error: Error) => assert.match(error.message, /killed/));

    const time = (hour: Hour) => `${nameOfHour(hour)}:00:00Z`;
    // A clock that steps back by up to three hours, before the range itself begins.
    const wishes = [{}, ...PAST.map(({ from, to }) => ({ from: time(from - 4), to: time(to + 2) }))];

    /** How often each tenant is in the table, by hour; throws when a request is there twice. */
    async function metered(): Promise<ReadonlyMap<string, number>> {
        const rows = await runtime.rows(
            INSTANCE,
            'SELECT "year", "month", "day", "hour", tenant, count(*) AS n, count(DISTINCT request_id) AS different, ' +
                'count(CASE WHEN year(request_time) <> "year" OR month(request_time) <> "month" OR day(request_time) <> "day" ' +
                'OR hour(request_time) <> "hour" THEN 1 END) AS misplaced ' +
                'FROM usage GROUP BY "year", "month", "day", "hour", tenant',
        );
        const counts = rows.map(([year, month, day, hour, tenant, n, different, misplaced]) => {
            assert.deepEqual([n, misplaced], [different, "0"]);
            const name = nameOfHour(hourAt(Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour))));
            return [`${name} ${tenant}`, Number(n)] as const;
        });
        return new Map(counts);
    }

    before(async () => {
        await runtime.start();
        const outputs = await runtime.outputs(INSTANCE);
        const { endpoint, region, credentials } = runtime.client();
        const context = { disposable: true, logRetentionDays: 1, lakeFormation: "off", alarmTopic: "topic" } as const;
        const program = await record(() => saasMetering.create("meter", saasMeteringOptions.parse({}), context));
        bucket = String((outputs as unknown as { bucket: string }).bucket);
        const environment = {
            WORKGROUP: outputs.workgroup ?? "",
            DATABASE: outputs.database ?? "",
            BUCKET: bucket,
        };
        Object.assign(process.env, {
            AWS_ENDPOINT_URL: endpoint,
            AWS_REGION: region,
            AWS_ACCESS_KEY_ID: credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        });
        const code = program.find("aws:lambda/function:Function", "meter-merge").inputs.code as Record<string, string>;
        const deployed = start(code, environment) as Merge;
        merge = (event) => deployed(event, CONTEXT);
        s3 = new S3Client({ maxAttempts: 3 });
        restore = makeMortal();
        console.info = () => undefined;
    });
    after(async () => {
        restore();
        console.info = info;
        for (const name of ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
            delete process.env[name];
        await runtime.remove();
    });

    it("tells of each tenant and hour what was served: with late files, duplicates, wrong clocks, runs that die and runs that meet", async () => {
        const all = [...files()].map((file) => ({ file, order: random() })).sort((a, b) => a.order - b.order);
        for (let round = 0; round < ROUNDS; round++) {
            const due = all.filter((_, index) => index % ROUNDS === round);
            for (let next = 0; next < due.length; next += 16)
                await Promise.all(due.slice(next, next + 16).map(({ file }) => arrive(file)));
            const wish = wishes[round % wishes.length];
            await killed(wish, whole(60));
            await Promise.all([killed({}, whole(400)), merge({})]);
            await metered();
        }
        for (const wish of wishes) {
            const { left, malformed } = await merge(wish);
            assert.deepEqual([left, malformed], [[], 0]);
        }
        assert.deepEqual(new Map([...(await metered())].sort()), new Map([...served].sort()));
    });

    it("finds nothing left to do after that", async () => {
        assert.deepEqual(await merge({}), { merged: [], left: [], malformed: 0 });
    });

    it("keeps a line that is no request where it is, and counts it", async () => {
        const folder = LATELY.at(-1) as Hour;
        await arrive({ folder, lines: ["not JSON", JSON.stringify({ request_id: "-", request_time: "0" })] });
        assert.equal((await merge({})).malformed, 2);
        const [, , , hour] = folderOfHour(folder).match(/\d+/g) as string[];
        const rows = await runtime.named(INSTANCE, "malformed-lines");
        assert.deepEqual(
            rows.filter((row) => Number(row[3]) === Number(hour)).map((row) => row[4]),
            ["2"],
        );
    });

    it("answers every named query, and adds up to what was served", async () => {
        const { queries = [] } = await runtime.outputs(INSTANCE);
        const tenants = [...served].filter(([key]) => !key.endsWith(" ")).reduce((sum, [, n]) => sum + n, 0);
        for (const query of queries.filter((name) => name.startsWith("usage"))) {
            const rows = await runtime.named(INSTANCE, query);
            const at = rows.length > 0 ? (rows[0] as string[]).length - 3 : 0;
            assert.equal(
                rows.reduce((sum, row) => sum + Number(row[at]), 0),
                tenants,
                query,
            );
        }
        assert.deepEqual(await runtime.named(INSTANCE, "errors"), []);
        assert.deepEqual(await runtime.named(INSTANCE, "top-paths"), [["", "", String(REQUESTS), ""]]);
    });
});
