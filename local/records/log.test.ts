import { deepStrictEqual, strictEqual } from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import fc from "fast-check";
import { bodyIn, frameOfData, recordsIn } from "./frame";
import { openLog, type RecordLog } from "./log";
import type { LogReader } from "./log-reader";

describe("A log of records", () => {
    let folder: string;
    let open: RecordLog[];
    const opened = (least = 0, segmentBytes?: number) => {
        const log = openLog(folder, least, segmentBytes === undefined ? {} : { segmentBytes });
        open.push(log);
        return log;
    };
    const append = (log: RecordLog, texts: readonly string[], note?: string) => {
        const frame = frameOfData(
            texts.map((text) => Buffer.from(text)),
            1_760_000_000_000,
        );
        return log.append([{ ...frame, ...(note !== undefined && { note }) }]);
    };

    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-log-"));
        open = [];
    });
    afterEach(async () => {
        for (const log of open) await log.close();
        fs.rmSync(folder, { recursive: true, force: true });
    });

    it("gives what was appended, in order, from any position", async () => {
        const log = opened();
        deepStrictEqual(
            await Promise.all([append(log, ["a", "b"]), append(log, ["c"]), append(log, ["d"])]),
            [0, 2, 3],
        );
        deepStrictEqual(await all(log, 0), ["a", "b", "c", "d"]);
        deepStrictEqual(await all(log, 3), ["d"]);
        deepStrictEqual(await all(log, 4), []);
    });

    it("writes puts that come together once", async () => {
        let writes = 0;
        const log = openLog(folder, 0, { onAppend: () => writes++ });
        open.push(log);
        await Promise.all(Array.from({ length: 50 }, (_each, index) => append(log, [String(index)])));
        strictEqual(writes, 1);
    });

    it("gives records their arrival, and the note that came with them", async () => {
        const log = opened();
        const data = [Buffer.from("a"), Buffer.from("é")];
        strictEqual(await log.append([frameOfData(data, 5), { ...frameOfData(data, 7), note: "né" }]), 0);
        const reader = log.reader(0);
        const frames = await reader.frames();
        await reader.close();
        deepStrictEqual(
            frames.flatMap(recordsIn).map(({ data, ...rest }) => ({ ...rest, data: data.toString() })),
            [
                { position: 0, arrival: 5, partitionKey: "", data: "a" },
                { position: 1, arrival: 5, partitionKey: "", data: "é" },
                { position: 2, arrival: 7, partitionKey: "", data: "a" },
                { position: 3, arrival: 7, partitionKey: "", data: "é" },
            ],
        );
        deepStrictEqual(
            frames.map((frame) => bodyIn(frame).note),
            ["", "né"],
        );
        strictEqual(log.note(), "né");
    });

    it("lets a reader wait at the end for what comes", async () => {
        const log = opened(0, 100);
        const reader = log.reader(0);
        const read: string[] = [];
        for (let round = 0; round < 30; round++) {
            await append(log, [`line ${round}`]);
            read.push(...(await next(reader)));
            deepStrictEqual(await reader.frames(), []);
        }
        await reader.close();
        deepStrictEqual(
            read,
            Array.from({ length: 30 }, (_each, round) => `line ${round}`),
        );
    });

    it("reads records that are longer than its window", async () => {
        const log = opened();
        const lines = ["x".repeat(1_400_000), "short", "y".repeat(700_000)];
        await append(log, lines);
        deepStrictEqual(await all(log, 0), lines);
        deepStrictEqual(await all(log, 2), lines.slice(2));
    });

    it("deletes whole files that come before a position, and no other", async () => {
        const log = opened(0, 1);
        for (let round = 0; round < 5; round++) await append(log, [`a${round}`, `b${round}`]);
        strictEqual(fs.readdirSync(folder).length, 5);
        await log.trim(5);
        strictEqual(fs.readdirSync(folder).length, 3);
        deepStrictEqual(await all(log, 5), ["b2", "a3", "b3", "a4", "b4"]);
    });

    it("takes no room when everything is delivered", async () => {
        const log = opened();
        const reader = log.reader(0);
        await append(log, ["a", "b"]);
        deepStrictEqual(await next(reader), ["a", "b"]);
        await log.trim(2);
        deepStrictEqual([log.size(), fs.readdirSync(folder)], [0, ["0000000000000002.log"]]);
        await append(log, ["c"]);
        deepStrictEqual(await next(reader), ["c"]);
        await reader.close();
        deepStrictEqual(await all(opened(2), 2), ["c"]);
    });

    it("begins where the delivered records end when its files are gone", async () => {
        const log = opened(7);
        strictEqual(log.next(), 7);
        strictEqual(await append(log, ["a"]), 7);
        deepStrictEqual(await all(log, 7), ["a"]);
    });

    it("keeps exactly the acknowledged puts when a kill cuts the end off anywhere", async () => {
        const put = fc.array(fc.stringMatching(/^[A-Za-z0-9+/=]{0,40}$/), { minLength: 1, maxLength: 5 });
        await fc.assert(
            fc.asyncProperty(
                fc.array(put, { minLength: 1, maxLength: 8 }),
                fc.nat(),
                fc.nat(300),
                async (puts, cut, size) => {
                    fs.rmSync(folder, { recursive: true, force: true });
                    const before = opened(0, size);
                    const ends: { file: string; bytes: number; records: number }[] = [];
                    for (const lines of puts) {
                        await append(before, lines);
                        const file = fs.readdirSync(folder).sort().at(-1) as string;
                        ends.push({ file, bytes: fs.statSync(path.join(folder, file)).size, records: before.next() });
                    }
                    await before.close();
                    const last = ends.at(-1) as (typeof ends)[number];
                    const bytes = cut % (last.bytes + 1);
                    fs.truncateSync(path.join(folder, last.file), bytes);

                    const kept =
                        ends.filter((end) => end.file !== last.file || end.bytes <= bytes).at(-1)?.records ?? 0;
                    const after = opened(0, size);
                    strictEqual(after.next(), kept);
                    await append(after, ["later"]);
                    deepStrictEqual(await all(after, 0), [...puts.flat().slice(0, kept), "later"]);
                    await after.close();
                },
            ),
            { numRuns: 60, seed: 7 },
        );
    });

    it("keeps the last note with the records that it came with, whatever is cut off or deleted", async () => {
        const lastFile = () => {
            const name = fs.readdirSync(folder).sort().at(-1) as string;
            return { name, size: fs.statSync(path.join(folder, name)).size };
        };
        const put = fc.record({
            lines: fc.integer({ min: 1, max: 3 }),
            hasNote: fc.boolean(),
            isTrimmed: fc.boolean(),
        });
        await fc.assert(
            fc.asyncProperty(
                fc.array(put, { minLength: 1, maxLength: 8 }),
                fc.nat(),
                fc.nat(200),
                async (puts, cut, size) => {
                    fs.rmSync(folder, { recursive: true, force: true });
                    const before = opened(0, size);
                    let written = { name: "", size: 0 };
                    const notes: { readonly next: number; readonly note: string | undefined }[] = [];
                    for (const { lines, hasNote, isTrimmed } of puts) {
                        if (isTrimmed) await before.trim(before.next());
                        written = lastFile();
                        const at = before.next();
                        const texts = Array.from({ length: lines }, (_each, i) => `line ${at + i}`);
                        await append(before, texts, hasNote ? `note ${notes.length}` : undefined);
                        notes.push({ next: before.next(), note: before.note() });
                    }
                    const first = before.first();
                    await before.close();
                    // A kill cuts off nothing of what was there before the last write began.
                    const { name, size: end } = lastFile();
                    const least = written.name === name ? written.size : 0;
                    fs.truncateSync(path.join(folder, name), least + (cut % (end - least + 1)));

                    const after = opened(0, size);
                    const kept = notes.findLast(({ next }) => next <= after.next());
                    strictEqual(after.note(), kept?.note);
                    const lines = Array.from({ length: after.next() - first }, (_each, i) => `line ${first + i}`);
                    deepStrictEqual(await all(after, first), lines);
                    await after.close();
                },
            ),
            { numRuns: 80, seed: 8 },
        );
    });

    it("does not take for a record what a kill left half overwritten", async () => {
        const before = opened();
        await append(before, ["first"]);
        await append(before, ["second"]);
        await before.close();
        const file = path.join(folder, fs.readdirSync(folder)[0] as string);
        const bytes = fs.readFileSync(file);
        bytes[bytes.length - 3] = 0;
        fs.writeFileSync(file, bytes);
        deepStrictEqual(await all(opened(), 0), ["first"]);
    });

    it("answers a put that can't be written with the error, and goes on", async () => {
        const log = opened();
        await append(log, ["first"]);
        const file = path.join(folder, fs.readdirSync(folder)[0] as string);
        await log.close();
        fs.renameSync(file, `${file}.away`);
        await append(log, ["lost"]).then(
            () => Promise.reject(new Error("accepted")),
            (error) => strictEqual((error as NodeJS.ErrnoException).code, "ENOENT"),
        );
        fs.renameSync(`${file}.away`, file);
        strictEqual(await append(log, ["second"]), 1);
        deepStrictEqual(await all(log, 0), ["first", "second"]);
    });
});

async function all(log: RecordLog, from: number): Promise<string[]> {
    const reader = log.reader(from);
    const texts: string[] = [];
    for (;;) {
        const read = await next(reader, from);
        if (read.length === 0) break;
        texts.push(...read);
    }
    await reader.close();
    return texts;
}

async function next(reader: LogReader, from = 0): Promise<string[]> {
    const records = (await reader.frames()).flatMap(recordsIn);
    return records.filter(({ position }) => position >= from).map(({ data }) => data.toString());
}
