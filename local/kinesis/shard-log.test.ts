import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as fc from "fast-check";
import { fakeClock } from "../../tests/support/clock";
import { openShardLog, type ShardLog } from "./shard-log";

const ALL = { records: 10_000, bytes: Number.POSITIVE_INFINITY };

describe("the log of a shard", () => {
    let folder: string;
    let clock: ReturnType<typeof fakeClock>;
    const opened: ShardLog[] = [];
    const open = (segmentBytes?: number) => {
        const log = openShardLog(folder, clock, segmentBytes);
        opened.push(log);
        return log;
    };
    const append = (log: ShardLog, ...texts: readonly string[]) =>
        log.append(texts.map((text) => ({ partitionKey: `key of ${text}`, data: Buffer.from(text) })));
    const textsFrom = async (log: ShardLog, from = 0, limits = ALL) => {
        const { records, next } = await log.read(from, limits);
        return { texts: records.map(({ data }) => data.toString()), next };
    };
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "shard-"));
        clock = fakeClock();
    });
    afterEach(async () => {
        for (const log of opened.splice(0)) await log.close();
        fs.rmSync(folder, { recursive: true });
    });

    it("gives records positions in the order in which they come, and their arrival", async () => {
        const log = open();
        assert.deepStrictEqual(await Promise.all([append(log, "a", "b"), append(log, "c")]), [0, 2]);
        const { records } = await log.read(1, ALL);
        const arrival = Date.UTC(2026, 10, 20, 12);
        assert.deepStrictEqual(records, [
            { position: 1, arrival, partitionKey: "key of b", data: Buffer.from("b") },
            { position: 2, arrival, partitionKey: "key of c", data: Buffer.from("c") },
        ]);
        assert.deepStrictEqual(await textsFrom(log, 3), { texts: [], next: 3 });
    });

    it("reads no more than it is asked for, but at least one record", async () => {
        const log = open();
        await append(log, "aaaa", "bbbb", "cccc");
        assert.deepStrictEqual(await textsFrom(log, 0, { records: 2, bytes: 100 }), {
            texts: ["aaaa", "bbbb"],
            next: 2,
        });
        assert.deepStrictEqual(await textsFrom(log, 0, { records: 9, bytes: 11 }), {
            texts: ["aaaa", "bbbb"],
            next: 2,
        });
        assert.deepStrictEqual(await textsFrom(log, 1, { records: 9, bytes: 1 }), { texts: ["bbbb"], next: 2 });
    });

    it("gives the same from memory as from the disk, wherever a reader stands", async () => {
        const limits = { records: 3_000, bytes: 700_000 };
        const log = open();
        const put = (count: number, size: number) =>
            log.append(Array.from({ length: count }, () => ({ partitionKey: "k", data: Buffer.alloc(size, "x") })));
        // More than stays in memory, and one record that alone is more than that.
        await put(900, 500);
        await put(1, 2_000_000);
        await put(900, 800);
        await put(700, 900);
        const fromDisk = open();
        for (const from of [0, 899, 900, 901, 1_500, 1_801, 2_000, 2_500, 2_501, 2_502]) {
            const { records, next } = await log.read(from, limits);
            const expected = await fromDisk.read(from, limits);
            assert.deepStrictEqual([records, next], [expected.records, expected.next], `from ${from}`);
        }
    });

    it("has everything that was acknowledged when it is opened again", async () => {
        await append(open(), "a", "b");
        const log = open();
        assert.equal(log.next(), 2);
        assert.equal(await append(log, "c"), 2);
        assert.deepStrictEqual((await textsFrom(open())).texts, ["a", "b", "c"]);
    });

    it("cuts off what a kill left unfinished, at whatever byte", async () => {
        const log = open();
        await append(log, "first");
        const file = path.join(folder, "0000000000000000.log");
        const whole = fs.statSync(file).size;
        await append(log, "second", "third");
        const bytes = fs.readFileSync(file);
        for (let length = whole; length < bytes.length; length++) {
            fs.writeFileSync(file, bytes.subarray(0, length));
            const recovered = open();
            assert.equal(recovered.next(), 1, `cut at ${length}`);
            assert.deepStrictEqual((await textsFrom(recovered)).texts, ["first"]);
        }
        assert.equal(await append(open(), "again"), 1);
        assert.deepStrictEqual((await textsFrom(open())).texts, ["first", "again"]);
    });

    it("takes a frame with a wrong byte for unfinished", async () => {
        await append(open(), "first");
        const file = path.join(folder, "0000000000000000.log");
        const bytes = fs.readFileSync(file);
        for (const at of bytes.keys()) {
            const wrong = Buffer.from(bytes);
            wrong[at] = (wrong[at] as number) ^ 255;
            fs.writeFileSync(file, wrong);
            assert.equal(open().next(), 0, `byte ${at}`);
        }
    });

    it("deletes the files whose records are all too old", async () => {
        const log = open(1);
        for (const text of ["a", "b", "c"]) {
            await append(log, text);
            await clock.advance(1000);
        }
        const start = Date.UTC(2026, 10, 20, 12);
        await log.trim(start + 1000);
        assert.deepStrictEqual((await textsFrom(log)).texts, ["a", "b", "c"]);
        await log.trim(start + 1001);
        assert.deepStrictEqual(await textsFrom(log), { texts: ["b", "c"], next: 3 });
        await log.trim(start + 999_999);
        assert.deepStrictEqual((await textsFrom(log)).texts, ["c"]);
    });

    it("forgets what it deletes, also where a reader was in the middle of it", async () => {
        const written = open(1);
        await append(written, "a", "b");
        await clock.advance(1000);
        await append(written, "c", "d");
        const log = open(1);
        const one = { records: 1, bytes: 100 };
        assert.deepStrictEqual(await textsFrom(log, 0, one), { texts: ["a"], next: 1 });
        await log.trim(Date.UTC(2026, 10, 20, 12) + 1001);
        assert.deepStrictEqual(await textsFrom(log, 0, one), { texts: ["c"], next: 3 });
    });

    it("finds the first record of a time, also after it was opened again", async () => {
        const log = open(60);
        for (const text of ["a", "b", "c", "d"]) {
            await append(log, text, text);
            await clock.advance(1000);
        }
        const start = Date.UTC(2026, 10, 20, 12);
        for (const each of [log, open(60)])
            assert.deepStrictEqual(
                await Promise.all([0, start, start + 1, start + 1000, start + 3000, start + 3001].map(each.positionAt)),
                [0, 0, 2, 2, 6, 8],
            );
    });

    it("never lets arrival times fall, not even when the clock is set back", async () => {
        await append(open(), "a");
        clock = fakeClock(0);
        const log = open();
        await append(log, "b");
        const { records } = await log.read(0, ALL);
        assert.deepStrictEqual(
            records.map(({ arrival }) => arrival),
            [Date.UTC(2026, 10, 20, 12), Date.UTC(2026, 10, 20, 12)],
        );
    });

    it("wakes who waits for a record when it can be read, and when nobody waits any more", async () => {
        const log = open();
        const stop = new AbortController();
        const woken: string[] = [];
        const wait = (position: number, signal = stop.signal) =>
            log.reached(position, signal).then(() => void woken.push(`${position}`));
        const first = wait(0);
        const third = wait(2);
        await append(log, "a", "b");
        await first;
        assert.deepStrictEqual(woken, ["0"]);
        stop.abort();
        await third;
        await wait(9);
        assert.deepStrictEqual(woken, ["0", "2", "9"]);
    });

    it("rejects what it could not write, and goes on with what comes after", async () => {
        const log = open();
        await append(log, "a");
        await log.close();
        const file = path.join(folder, "0000000000000000.log");
        fs.renameSync(file, `${file}.away`);
        await assert.rejects(append(log, "lost"), { code: "ENOENT" });
        fs.renameSync(`${file}.away`, file);
        assert.equal(await append(log, "b"), 1);
        assert.deepStrictEqual((await textsFrom(open())).texts, ["a", "b"]);
    });

    it("gives back what it was given, whatever the sizes of frames, segments and reads", async () => {
        const puts = fc.array(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 5 }), {
            maxLength: 12,
        });
        await fc.assert(
            fc.asyncProperty(
                puts,
                fc.integer({ min: 1, max: 200 }),
                fc.integer({ min: 1, max: 7 }),
                async (given, size, step) => {
                    fs.rmSync(folder, { recursive: true });
                    const log = openShardLog(folder, clock, size);
                    for (const put of given) await log.append(put.map((data) => ({ partitionKey: "k", data })));
                    await log.close();
                    const again = openShardLog(folder, clock, size);
                    const found: string[] = [];
                    const first = given.flat()[0];
                    for (let at = 0; at < again.next(); ) {
                        const { records, next } = await again.read(at, { records: step, bytes: 1000 });
                        assert.equal(records[0]?.position, at);
                        found.push(...records.map(({ data }) => data.toString("hex")));
                        at = next;
                        // Another reader, which stays where it is.
                        const other = await again.read(0, { records: 1, bytes: 1 });
                        assert.deepStrictEqual(other.records[0]?.data, Buffer.from(first as Uint8Array));
                    }
                    await again.close();
                    assert.deepStrictEqual(
                        found,
                        given.flat().map((data) => Buffer.from(data).toString("hex")),
                    );
                },
            ),
            { seed: 7, numRuns: 60 },
        );
    });
});
