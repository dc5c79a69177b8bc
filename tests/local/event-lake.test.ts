import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { AthenaClient } from "@aws-sdk/client-athena";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { FirehoseClient, PutRecordCommand } from "@aws-sdk/client-firehose";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { runQuery } from "../../cli/support/athena";
import { runProcessing } from "../../cli/support/process";
import { asRole } from "../../cli/support/role";
import { seenByRoles } from "../../cli/support/seen-by-roles";
import { LOCAL_CREDENTIALS, type PipelineOutputs, type RunningStack } from "../../cli/support/stack";
import type { Processed } from "../../components/blocks/entrance";
import { cardEvents } from "../../components/event-lake/dataset";
import { entrance } from "../../components/event-lake/entrance";
import { systemClock } from "../../local/clock";
import { readProgram } from "../../local/program/stack-config";
import { type Runtime, startRuntime } from "../../local/runtime";

const PIPELINES = {
    lake: { kind: "event-lake", buffer: { intervalSeconds: 1, sizeMiB: 1 }, years: { first: 2020, last: 2039 } },
};

const CARD = "9999000011112222";
const DETAIL = {
    amount: { value: 12.345, currency: "rupee" },
    location: { country: "IN", state: "MH", city: "Pune" },
    credit_card: CARD,
    firstName: "Zerlina",
    lastName: "Quux-Holloway",
    transaction_message: `Zerlina Quux-Holloway with credit card number ${CARD} made a purchase`,
};

describe("event-lake, end to end", function () {
    this.timeout(120_000);
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-"));
    let runtime: Runtime;
    let stack: RunningStack;
    let outputs: PipelineOutputs & {
        readonly bucket: string;
        readonly key: string;
        readonly functions: Readonly<Record<string, string>>;
    };
    let offset = 0;
    // Clocks jump here, but what sleeps, sleeps for as long as it would.
    const clock = { ...systemClock, now: () => Date.now() + offset };
    const setClock = (time: string) => {
        offset = Date.parse(time) - Date.now();
    };

    before(async () => {
        setClock("2026-11-20T12:00:00Z");
        const program = readProgram(path.join(__dirname, "../.."), "local");
        const config = {
            ...program.config,
            "tributary:pipelines": JSON.stringify(PIPELINES),
            "tributary:lakeFormation": "grant",
        };
        runtime = await startRuntime({ program: { ...program, config }, data, port: 0, clock });
        const { endpoint, region, outputs: all } = runtime.status();
        const { pipelines } = all as { pipelines: Record<string, typeof outputs> };
        outputs = pipelines.lake as typeof outputs;
        stack = { name: "local", pipelines, client: { endpoint, region, credentials: LOCAL_CREDENTIALS } };
    });
    after(async () => {
        await runtime?.close();
        fs.rmSync(data, { recursive: true, force: true });
    });

    async function put(...details: readonly object[]): Promise<void> {
        const client = new EventBridgeClient(stack.client);
        const entry = { EventBusName: outputs.bus, Source: outputs.source, DetailType: outputs.detailType };
        const Entries = details.map((detail) => ({ ...entry, Detail: JSON.stringify(detail) }));
        const { FailedEntryCount } = await client.send(new PutEventsCommand({ Entries }));
        assert.equal(FailedEntryCount, 0);
        client.destroy();
    }

    /** An event as EventBridge hands it to the stream, once more or with a time of its own. */
    async function putEnvelope(id: string, time: string, detail: object = DETAIL): Promise<void> {
        const client = new FirehoseClient(stack.client);
        const envelope = {
            version: "0",
            id,
            "detail-type": "card-event",
            source: "transactions",
            account: "1",
            time,
            region: "r",
            resources: [],
            detail,
        };
        const Record = { Data: Buffer.from(JSON.stringify(envelope)) };
        await client.send(new PutRecordCommand({ DeliveryStreamName: outputs.stream, Record }));
        client.destroy();
    }

    /** Waits until the stream has written what it has been given, which is as many records as that altogether. */
    async function delivered(records: number): Promise<void> {
        const stream = outputs.stream ?? "";
        for (;;) {
            const { accepted, delivered: written = 0 } = runtime.status().delivery[stream] ?? { accepted: 0 };
            if (written >= records) return assert.equal(accepted, records);
            await runtime.flush();
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    }

    const run = (): Promise<Processed> =>
        runProcessing(stack, entrance.process?.(outputs) ?? assert.fail(), new Date(clock.now() - 1));

    async function rows(sql: string): Promise<readonly (readonly string[])[]> {
        const client = new AthenaClient(stack.client);
        const { rows: found } = await runQuery(client, outputs, sql);
        client.destroy();
        return found;
    }

    /** What a role gets as an answer: its columns, and how many rows. */
    async function seenAs(role: string, sql: string): Promise<{ columns: readonly string[]; rows: number }> {
        const as = await asRole(stack, outputs, role);
        const client = new AthenaClient(as.stack.client);
        const { columns, rows: found } = await runQuery(client, as.outputs, sql);
        client.destroy();
        return { columns, rows: found.length };
    }

    async function keys(prefix: string): Promise<readonly string[]> {
        const client = new S3Client({ ...stack.client, forcePathStyle: true });
        const { Contents = [] } = await client.send(
            new ListObjectsV2Command({ Bucket: outputs.bucket, Prefix: prefix }),
        );
        client.destroy();
        return Contents.map(({ Key = "" }) => Key);
    }

    it("gives an event's row, exact and without its personal data", async () => {
        setClock("2026-11-20T12:00:00Z");
        await put(DETAIL);
        await delivered(1);
        assert.deepEqual(await run(), { failed: 0, dropped: 0 });
        const columns =
            "time, source, account, region, amount, currency, country, state, city, name, length(card_number)";
        const [row] = await rows(`SELECT ${columns} FROM card_events`);
        assert.deepEqual(row, [
            "2026-11-20 12:00:00.000000",
            "transactions",
            "000000000000",
            "us-east-1",
            "12.35",
            "rupee",
            "IN",
            "MH",
            "Pune",
            "****",
            "64",
        ]);
    });

    it("puts each event into the folder of its own day, at year's end, on a leap day and when the clock steps back", async () => {
        const instants = [
            "2026-12-31T23:59:58Z",
            "2027-01-01T00:00:01Z",
            "2026-12-31T23:59:59Z",
            "2028-02-28T23:59:58Z",
            "2028-02-29T12:00:00Z",
            "2028-03-01T00:00:01Z",
        ];
        let sent = 1;
        for (const instant of instants) {
            setClock(instant);
            await put({ ...DETAIL, location: { country: "US", city: instant } });
            await delivered(++sent);
        }
        assert.deepEqual(await run(), { failed: 0, dropped: 0 });
        const found = await rows("SELECT city, year, month, day FROM card_events WHERE country = 'US' ORDER BY time");
        const expected = [...instants].sort().map((instant) => {
            const [year, month, day] = instant
                .slice(0, 10)
                .split("-")
                .map((part) => String(Number(part)));
            return [instant, year, month, day];
        });
        assert.deepEqual(found, expected);
        const folders = (await keys("raw-data/")).map((key) => key.slice("raw-data/".length, key.lastIndexOf("/")));
        assert.deepEqual([...new Set(folders)].sort(), [
            "year=2026/month=11/day=20",
            "year=2026/month=12/day=31",
            "year=2027/month=01/day=01",
            "year=2028/month=02/day=28",
            "year=2028/month=02/day=29",
            "year=2028/month=03/day=01",
        ]);
    });

    it("makes one row of an event however often it comes: in one run, in a later one, and with another time", async () => {
        setClock("2028-03-02T10:00:00Z");
        await putEnvelope("twice", "2028-03-02T09:00:00Z");
        await putEnvelope("twice", "2028-03-02T09:00:00Z");
        await delivered(9);
        assert.deepEqual(await run(), { failed: 0, dropped: 1 });
        setClock("2028-03-03T10:00:00Z");
        await putEnvelope("twice", "2028-03-02T09:00:00Z");
        await putEnvelope("twice", "2028-03-03T09:00:00Z");
        await delivered(11);
        assert.deepEqual(await run(), { failed: 0, dropped: 2 });
        assert.deepEqual(await rows("SELECT count(*), min(day) FROM card_events WHERE id = 'twice'"), [["1", "2"]]);
    });

    it("reads a late event once, however late it is", async () => {
        await putEnvelope("late", "2020-01-01T00:00:00Z");
        await delivered(12);
        assert.deepEqual(await run(), { failed: 0, dropped: 0 });
        assert.deepEqual(await run(), { failed: 0, dropped: 0 });
        assert.deepEqual(await rows("SELECT year, month, day FROM card_events WHERE id = 'late'"), [
            ["2020", "1", "1"],
        ]);
    });

    it("rejects what is no payment, or of a year without a folder, with the reason", async () => {
        await putEnvelope("early", "2019-12-31T23:59:59Z");
        await putEnvelope("poor", "2028-03-03T10:00:00Z", { ...DETAIL, amount: { currency: "pound" } });
        await delivered(14);
        assert.deepEqual(await run(), { failed: 2, dropped: 0 });
        assert.deepEqual(await rows("SELECT count(*) FROM card_events WHERE id IN ('early', 'poor')"), [["0"]]);
        const [rejected = ""] = await keys("errors/rejected/");
        assert.match(rejected, /^errors\/rejected\/2028\/03\/03\//);
    });

    it("takes the events of the simulator", async () => {
        const client = new LambdaClient(stack.client);
        const Payload = Buffer.from('{"count":120,"seed":3}');
        const answer = await client.send(new InvokeCommand({ FunctionName: outputs.functions.simulator, Payload }));
        client.destroy();
        assert.deepEqual(JSON.parse(Buffer.from(answer.Payload ?? []).toString()), {
            sent: 120,
            failed: 0,
            errors: {},
            calls: 12,
            seed: 3,
        });
        await delivered(134);
        assert.deepEqual(await run(), { failed: 0, dropped: 0 });
        const query =
            "SELECT count(*), count(DISTINCT card_number) > 100, min(name), max(name) FROM card_events WHERE day = 3 AND id <> 'twice'";
        assert.deepEqual(await rows(query), [["120", "true", "****", "****"]]);
    });

    describe("lets a role see its part of the table:", () => {
        const all = "SELECT * FROM card_events";
        const columns = [...cardEvents.columns.map(({ name }) => name), "year", "month", "day"];
        const without = (...hidden: readonly string[]) => columns.filter((name) => !hidden.includes(name));

        it("the analyst the payments in India, without card and name", async () => {
            const [[count] = []] = await rows("SELECT count(*) FROM card_events WHERE country = 'IN'");
            const expected = { columns: without("card_number", "name"), rows: Number(count) };
            assert.deepEqual(await seenAs("analyst", all), expected);
            assert.ok(expected.rows > 50 && expected.rows < 120);
        });

        it("the developer all payments, without the name; the data engineer everything", async () => {
            const [[count] = []] = await rows("SELECT count(*) FROM card_events");
            assert.deepEqual(await seenAs("developer", all), { columns: without("name"), rows: Number(count) });
            assert.deepEqual(await seenAs("data-engineer", all), { columns, rows: Number(count) });
        });

        it("and `npm start` tells it of each", async () => {
            const [[count] = []] = await rows("SELECT count(*) FROM card_events");
            const [[seen] = []] = await rows("SELECT count(*) FROM card_events WHERE country = 'IN'");
            const lines = ((await seenByRoles(stack, outputs)) ?? "").split("\n");
            const cells = lines.map((line) =>
                line
                    .split("│")
                    .map((cell) => cell.trim())
                    .filter(Boolean),
            );
            assert.deepEqual(cells.filter((line) => line.length === 3).slice(1), [
                ["analyst", String(seen), String(columns.length - 2)],
                ["developer", String(count), String(columns.length - 1)],
                ["data-engineer", String(count), String(columns.length)],
            ]);
            assert.equal(await seenByRoles(stack, { ...outputs, roles: undefined }), undefined);
        });

        it("and nothing of the rest, whichever way it is asked for", async () => {
            await assert.rejects(seenAs("analyst", "SELECT card_number FROM card_events"), /card_number/);
            assert.deepEqual(await seenAs("analyst", "SELECT id FROM card_events WHERE country = 'US'"), {
                columns: ["id"],
                rows: 0,
            });
            const { stack: analyst } = await asRole(stack, outputs, "analyst");
            const s3 = new S3Client({ ...analyst.client, forcePathStyle: true });
            const places = ["raw-data/", "card_events/", "errors/", "query-results/developer/"];
            for (const Key of (await Promise.all(places.map(keys))).flatMap(([first]) => first ?? [])) {
                await assert.rejects(
                    s3.send(new GetObjectCommand({ Bucket: outputs.bucket, Key })),
                    { name: "AccessDenied" },
                    Key,
                );
            }
            s3.destroy();
        });
    });

    it("leaves a card number or a name in clear nowhere but among the raw events, and the key nowhere but in its secret", async () => {
        const client = new SecretsManagerClient(stack.client);
        const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: outputs.key }));
        client.destroy();
        assert.equal(SecretString.length, 64);
        // What lies compressed in the table's files comes to light in the result of a query.
        const all = JSON.stringify(await rows("SELECT * FROM card_events"));
        assert.doesNotMatch(all, CLEAR);
        // What has been dealt with is no longer kept by those who dealt with it.
        await runtime.flush();
        const places = filesBelow(data).flatMap((file) => {
            const place = path.relative(data, file);
            const text = textOf(file);
            return [
                ...(CLEAR.test(text)
                    ? [`clear: ${place.replace(/(raw-data)\/.*/, "$1").replace(/.*-bucket-\w+\//, "")}`]
                    : []),
                ...(text.includes(SecretString) ? [`key: ${place.split(path.sep)[0]}`] : []),
            ];
        });
        assert.deepEqual([...new Set(places)].sort(), ["clear: raw-data", "key: secretsmanager"]);
    });
});

/** A card number of any event here, or a name. */
const CLEAR = /9999\d{12}|Zerlina|Holloway/;

/** What a file says, once it is decompressed. */
function textOf(file: string): string {
    const bytes = fs.readFileSync(file);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return (isGzip ? gunzipSync(bytes) : bytes).toString("latin1");
}

function filesBelow(folder: string): readonly string[] {
    return fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name));
}
