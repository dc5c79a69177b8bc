import * as fs from "node:fs";
import * as path from "node:path";
import { gzipSync } from "node:zlib";
import { createDuck } from "../../local/duck";
import { lakeJobArguments } from "../../local/glue-jobs/mapping/arguments";
import { runLakeJob, type SourceFile } from "../../local/glue-jobs/mapping/execute";
import { createS3 } from "../../local/s3";
import { type Dataset, defineDataset } from "../../schema/dataset";
import { jobMapping } from "../../schema/glue-job";
import { fakeServices } from "../support/local";
import { seeded } from "../support/soak";

/** What a run of the job gets to read, and what it is to say of it. */
interface Run {
    readonly files: readonly string[];
    /** Whether it is killed between writing and committing, so that the next run reads the same again. */
    readonly killed: boolean;
    readonly counts: unknown;
}

const DAY = 86_400_000;
const folder = path.resolve(process.argv[2]);
const next = seeded(20261126);
const pick = <T>(choices: readonly T[]): T => choices[Math.floor(next() * choices.length)];

const events: Dataset = defineDataset({
    name: "events",
    columns: [
        { name: "id", type: "string" },
        { name: "at", type: "timestamp", from: "time" },
        { name: "text", type: "string", from: "detail.text", optional: true },
        { name: "small", type: "int", from: "detail.small" },
        { name: "large", type: "long", from: "detail.large", optional: true },
        { name: "amount", type: "decimal(10,2)", from: "detail.amount.value" },
        { name: "huge", type: "decimal(38,10)", from: "detail.huge", optional: true },
        { name: "ratio", type: "double", from: "detail.ratio", optional: true },
        { name: "flag", type: "boolean", from: "detail.flag", optional: true },
        { name: "day_of", type: "date", from: "detail.day", optional: true },
        { name: "seen", type: "timestamp", from: "detail.seen", optional: true },
        { name: "name", type: "string", from: "detail.first detail.last", pii: "mask" },
        { name: "card", type: "string", from: "detail.card", pii: "hash", optional: true },
        { name: "who", type: "string", from: "detail.first detail.last", optional: true },
        { name: "message", type: "string", from: "detail.message", pii: "drop" },
        { name: "tags", type: { array: "string" }, from: "detail.tags", optional: true },
        { name: "counts", type: { map: "long" }, from: "detail.counts", optional: true },
        {
            name: "place",
            type: {
                struct: [
                    { name: "city", type: "string" },
                    { name: "zip", type: "int", optional: true },
                    { name: "since", type: "timestamp", optional: true },
                    { name: "points", type: { array: "decimal(12,3)" } },
                    { name: "days", type: { map: "date" } },
                ],
            },
            from: "detail.place",
            optional: true,
        },
    ],
    partitionBy: ["day(at)"],
    key: ["id"],
});

/** Values as a document spells them, good for one column or another and bad for the rest. */
const FRAGMENTS: readonly string[] = [
    ...[
        "null",
        "true",
        "false",
        '"true"',
        '"TRUE"',
        "[]",
        "{}",
        '""',
        '" "',
        '"NaN"',
        '"12"',
        '"012"',
        '" 12"',
        '"+1"',
    ],
    ...["0", "-0", "-0.0", "1.0", "1e2", "1E+2", "1.5", "-1.5", "1.00000000000000000001", "999999999999999.9999"],
    ...["1e400", "1e-400", "1e999999999", "1e9999999999", "-1e-7", "5e-324", "1.7976931348623157e308", "0.1e1"],
    ...["2147483647", "2147483648", "-2147483648", "-2147483649", "9007199254740993", "9223372036854775807"],
    ...["9223372036854775808", "-9223372036854775808", "99999999.994", "99999999.995", "-99999999.995", "1.005"],
    ...["0.005", "0.0049999", "-0.004", "-0.005", "1.00e-2", "123456789012345678901234567.0123456789"],
    ...[
        "9999999999999999999999999999.99999999994",
        "9999999999999999999999999999.99999999995",
        "1.10",
        '"1.10"',
        '".5"',
        '"5."',
    ],
    ...['"2026-02-29"', '"2028-02-29"', '"2026-2-1"', '"0001-01-01"', '"9999-12-31"', '"0000-01-01"', '"1582-10-10"'],
    ...['"2026-01-31T12:00:00Z"', '"2026-01-31T12:00:00"', '"2026-01-31 12:00:00Z"', '"2026-01-31T24:00:00Z"'],
    ...['"2026-01-31T23:59:60Z"', '"2026-01-31T12:00:00.123456789+05:30"', '"2026-01-31T12:00:00.1-0330"'],
    ...[
        '"2026-01-31T12:00:00+14"',
        '"2026-01-31T12:00:00+24:00"',
        '"2026-01-31T12:00:00+01:60"',
        '"2026-01-31T12:00:00+02:"',
    ],
    ...[
        '"0001-01-01T00:00:00+01:00"',
        '"9999-12-31T23:59:59.9999999-00:01"',
        '"0001-01-01T00:00:00Z"',
        '"1899-12-31T23:59:59Z"',
    ],
    ...[
        '"quote \\" back \\\\ slash"',
        '"line\\nfeed"',
        '"\\u2028 \u2028 \\u0000"',
        '"\\ud800 half"',
        '"\\udc00\\ud800"',
    ],
    ...[
        '"\\ud83d\\ude00 😀 ü 漢字"',
        '"e\\u0301 \u00e9"',
        '"\uFEFFmark"',
        `"${"x".repeat(40_000)}"`,
        '"\t"'.replace("\t", "\\t"),
    ],
    ...[
        '["a",null,1.50,true]',
        '[["a"]]',
        '["a",{}]',
        '{"a":1,"b":null}',
        '{"a":"1","a":2}',
        '{"\\ud800":1,"\\udfff":2}',
    ],
    ...[
        '{"__proto__":3,"constructor":4,"":5}',
        '{"a":1.5}',
        '{"city":"Pune","zip":411001,"points":[1.0005,null,"2"],"days":{"x":"2028-02-29"}}',
    ],
    ...[
        '{"city":1,"other":[],"since":"2026-01-01T00:00:00+01:00"}',
        '{"zip":"none"}',
        '{"days":{"x":"2026-02-29"}}',
        '{"since":null}',
    ],
];

/** Texts that are no document of a source at all. */
const MISFITS: readonly string[] = [
    ...[
        "not json",
        "[]",
        "42",
        "null",
        '"text"',
        "{",
        "{}",
        '{"id":"x",}',
        "{'id':'x'}",
        '{"id":NaN}',
        '{"id":Infinity}',
    ],
    ...[
        '\uFEFF{"id":"x"}',
        '{"id":"a"}{"id":"b"}',
        '{"id":"a\u0001b"}',
        "\u0001",
        '{"id":01}',
        '{"id":1.}',
        '{"id":"\\x"}',
    ],
    ...[
        `{"id":"deep","detail":${"[".repeat(100)}${"]".repeat(100)}}`,
        `{"id":"deeper","detail":${'{"a":'.repeat(99)}1${"}".repeat(99)}}`,
    ],
    ...[
        `{"id":"wide","detail":[${"[],".repeat(300)}"[[[[{{{{"]}`,
        "[".repeat(100_000),
        '{"id":"\ufffd"}',
        '{"id":"\u0085","time":5}',
    ],
    ...['{"id":""}', '{"id":null}', '{"id":{"a":1}}', '{"id":7}', '{"id":"\\ud800"}'],
];

let made = 0;

function uuid(): string {
    made++;
    return `event-${made}`;
}

/** Pairs of name and JSON text, so that a number is spelled as it should be. */
type Members = Readonly<Record<string, string>>;

function spelled(members: Members): string {
    return `{${Object.entries(members)
        .map(([name, value]) => `${JSON.stringify(name)}:${value}`)
        .join(",")}}`;
}

function goodDetail(): Members {
    const text = (choices: readonly string[]) => JSON.stringify(pick(choices));
    return {
        text: text(["plain", "été", 'a "b" \\ c', "line\nfeed", "", "漢字 😀"]),
        small: String(Math.floor(next() * 200 - 100)),
        large: String(BigInt(Math.floor(next() * 1e9)) * 9_007_199_253n),
        amount: `{"value":${(next() * 10_000).toFixed(pick([0, 1, 2, 3, 9]))},"currency":"rupee"}`,
        huge: `"${Math.floor(next() * 1e15)}.${Math.floor(next() * 1e9)}"`,
        ratio: String(next() * 10 ** Math.floor(next() * 40 - 20)),
        flag: pick(["true", "false"]),
        day: text(["2026-01-31", "2028-02-29", "1969-12-31"]),
        seen: text(["2026-10-25T01:30:00.123456Z", "1969-12-31T23:59:59.999999+00:00", "2024-12-31T23:30:00-05:00"]),
        first: text(["Asha", "José", "O'Neil", "Ω"]),
        last: text(["Rao", "Müller", "da Silva"]),
        card: text(["4111111111111111", "5500005555555559", "340000000000009"]),
        message: text(["A paid with card 4111111111111111."]),
        tags: JSON.stringify([pick(["a", "b"]), pick(["c", "ü"])]),
        counts: `{"a":${Math.floor(next() * 10)},"b c":9007199254740993}`,
        place: `{"city":"Pune","zip":411001,"since":"2026-01-01T00:00:00.5Z","points":[1.2345,${next()}],"days":{"x":"2026-01-01"}}`,
    };
}

function event(id: string, time: string, change: Members = {}): string {
    const detail = { ...goodDetail(), ...change };
    return spelled({ version: '"0"', id: JSON.stringify(id), time: JSON.stringify(time), detail: spelled(detail) });
}

const now = Date.now();
const TIMES: readonly string[] = [
    ...["2024-12-31T23:59:59.999Z", "2025-01-01T00:00:00Z", "2024-12-31T23:30:00-01:00", "2025-01-01T00:30:00+01:00"],
    ...[
        "2024-02-29T12:00:00Z",
        "2028-02-29T00:00:00.000001+00:00",
        "2020-01-01T00:00:00+00:00",
        "2039-12-31T23:59:59.999999999Z",
    ],
];

/** A time of the past days, on either side of midnight more often than not, in some offset. */
function recent(): string {
    const day = Math.floor(now / DAY) * DAY - Math.floor(next() * 3) * DAY;
    const time = day + pick([0, 1, -1, 1000, -1000, Math.floor(next() * DAY)]);
    const hours = pick([0, 0, 5, -8, 14]);
    const local = new Date(time + hours * 3_600_000).toISOString().slice(0, -1);
    const sign = hours < 0 ? "-" : "+";
    return hours === 0 ? `${local}Z` : `${local}${sign}${String(Math.abs(hours)).padStart(2, "0")}:00`;
}

function spoiled(): string {
    const names = Object.keys(goodDetail()).filter((name) => name !== "message");
    const change = Object.fromEntries(
        Array.from({ length: pick([1, 1, 2]) }, () => {
            const name = pick(names);
            const value = pick(FRAGMENTS);
            return [name, name === "amount" ? `{"value":${value}}` : value];
        }),
    );
    return event(uuid(), recent(), change);
}

function oddTime(): string {
    const time = pick(FRAGMENTS.filter((fragment) => fragment.startsWith('"')));
    const detail = spelled(goodDetail());
    return `{"id":${JSON.stringify(uuid())},"time":${time},"detail":${detail}}`;
}

/** The texts of each run, file by file. */
function batches(): readonly { readonly killed: boolean; readonly files: readonly (readonly string[])[] }[] {
    const times = (count: number, make: () => string) => Array.from({ length: count }, make);
    const good = times(300, () => event(uuid(), recent()));
    const odd = [...times(600, spoiled), ...times(60, oddTime), ...MISFITS];
    // The whole of every fragment in every column, once each: nothing of the grammar is left to chance.
    const names = Object.keys(goodDetail()).filter((name) => name !== "message" && name !== "amount");
    const grid = FRAGMENTS.flatMap((value) => [
        ...names.map((name) => event(uuid(), recent(), { [name]: value })),
        event(uuid(), recent(), { amount: `{"value":${value}}` }),
    ]);
    const moved = (id: string, days: number) => event(id, new Date(now - days * DAY).toISOString());
    const spaced = (text: string) => ` \t${text.replace("{", "{ \t")} \t\r`;
    return [
        { killed: false, files: [good, odd, [], ["", " \t", spaced(event(uuid(), recent()))]] },
        // An hour without events.
        { killed: false, files: [] },
        {
            killed: true,
            files: [
                [
                    ...good.slice(0, 50),
                    ...TIMES.map((time) => event(uuid(), time)),
                    moved("moved", 2),
                    moved("old", 30),
                ],
                [...grid, event("twice", "2026-03-01T00:00:01Z"), event("twice", "2026-03-01T00:00:00Z")],
            ],
        },
        {
            killed: false,
            files: [
                // Known again: within the look-back although the time has changed, on its own day whatever the age. Not known again: older, and moved.
                [moved("moved", 1), moved("moved", 100), moved("old", 20), ...good.slice(20, 60)],
                times(50, () => event(uuid(), pick([...TIMES, recent()]))),
            ],
        },
        { killed: false, files: [[...good, ...MISFITS]] },
    ];
}

async function main(): Promise<void> {
    const services = fakeServices();
    const place = { ...services.place, data: folder };
    const duck = createDuck({ place });
    const s3 = createS3({ ...services, place });
    for (const bucket of ["raw", "lake"]) {
        services.resources.put({ type: "aws:s3/bucket:Bucket", id: bucket, inputs: { bucket } });
        s3.makeBucket(bucket);
    }
    const key = "0123456789abcdef".repeat(4);
    const job = {
        "--mapping": JSON.stringify(jobMapping(events, { years: [2020, 2039] })),
        "--source": "s3://raw/events/",
        "--target": "s3://lake/table/",
        "--errors": "s3://lake/errors/",
        "--lookback_days": "7",
        "--secret_id": "arn:aws:secretsmanager:us-east-1:000000000000:secret:key-AbCdEf",
    };
    const runs: Run[] = [];
    let unread: SourceFile[] = [];
    for (const [at, { killed, files }] of batches().entries()) {
        const names: string[] = [];
        for (const [index, texts] of files.entries()) {
            const name = `events/run=${at}/${index}.json${index % 2 ? "" : ".gz"}`;
            // What is no UTF-8 is read as the replacement character by both.
            const bytes = Buffer.concat([
                Buffer.from(texts.map((text) => `${text}\n`).join("")),
                Buffer.from(index === 1 ? '{"id":"\xff\xc3"}' : "", "latin1"),
            ]);
            await s3.putObject(services.iam.root, "raw", name, index % 2 ? bytes : gzipSync(bytes));
            names.push(name);
            unread.push({ key: name, modified: now });
        }
        const run = { caller: services.iam.root, job: lakeJobArguments(job), files: unread, key, now };
        const signal = new AbortController().signal;
        const counts = await runLakeJob(
            { ...services, s3, duck },
            { ...run, folder: path.join(folder, "work"), signal },
        );
        runs.push({ files: names, killed, counts });
        if (!killed) unread = [];
    }
    fs.writeFileSync(path.join(folder, "lake.json"), JSON.stringify({ job, key, runs }));
    await duck.close();
    services.place.remove();
}

main().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
});
