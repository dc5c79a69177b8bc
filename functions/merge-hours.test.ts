import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { sized } from "../tests/support/soak";
import {
    type Counted,
    failureOf,
    type Lake,
    type MergeOptions,
    type MergeReport,
    mergeHours,
    type PublishedHour,
    secondsBehind,
} from "./merge-hours";
import { type Hour, hourAt, startOf } from "./utc-hours";

/** A line of the raw log: which request it tells of, and when that happened. */
interface Line {
    readonly id: string;
    readonly hour: Hour;
}

/** A lake in memory. It does what the services do that the real one is made of, and as little at once. */
class MemoryLake {
    readonly raw = new Map<Hour, Line[]>();
    readonly runs = new Map<string, readonly string[]>();
    readonly partitions = new Map<Hour, PublishedHour>();
    writes = 0;

    arrive(folder: Hour, lines: readonly Line[]): void {
        this.raw.set(folder, [...(this.raw.get(folder) ?? []), ...lines]);
    }

    /** How often each request is in the table. */
    metered(): Readonly<Record<string, number>> {
        const counts: Record<string, number> = {};
        for (const { run } of this.partitions.values())
            for (const id of this.runs.get(run) ?? []) counts[id] = (counts[id] ?? 0) + 1;
        return counts;
    }

    served(): Readonly<Record<string, number>> {
        return Object.fromEntries([...this.raw.values()].flat().map(({ id }) => [id, 1]));
    }

    lake(): Lake {
        const print = (folder: Hour) => String(this.raw.get(folder)?.length ?? 0);
        const filled = (hours: Iterable<Hour>) => [...hours].filter((hour) => this.raw.has(hour));
        const idsOf = (hour: Hour, folders: readonly Hour[]) => [
            ...new Set([
                ...folders
                    .flatMap((folder) => this.raw.get(folder) ?? [])
                    .flatMap((line) => (line.hour === hour ? [line.id] : [])),
                ...(this.runs.get(this.partitions.get(hour)?.run ?? "") ?? []),
            ]),
        ];
        return {
            folders: async (hours) => new Map(filled(hours).map((hour) => [hour, print(hour)])),
            contents: async (folders) =>
                new Map(
                    filled(folders.keys()).map((folder) => [
                        folder,
                        { hours: [...new Set(this.raw.get(folder)?.map(({ hour }) => hour))], malformed: 0 },
                    ]),
                ),
            published: async (hours) =>
                new Map(
                    hours.flatMap((hour) =>
                        this.partitions.has(hour) ? [[hour, this.partitions.get(hour) as PublishedHour]] : [],
                    ),
                ),
            write: async (hour, folders, run) => {
                this.writes++;
                this.runs.set(run, idsOf(hour, folders));
            },
            count: async (hour, folders, run): Promise<Counted> => {
                const written = this.runs.get(run) ?? [];
                return {
                    requests: idsOf(hour, folders).length,
                    rows: written.length,
                    different: new Set(written).size,
                };
            },
            publish: async (hour, next, before) => {
                if (!before && this.partitions.has(hour)) return false;
                this.partitions.set(hour, next);
                return true;
            },
            tidy: async () => undefined,
        };
    }
}

const NOW = hourAt(Date.parse("2027-01-01T00:30:00Z"));

function options(change: Partial<MergeOptions> = {}): MergeOptions {
    let runs = 0;
    const run = Math.random();
    return {
        now: NOW,
        latenessHours: 48,
        hasTime: () => true,
        newRun: (hour) => `${hour}-${run}-${runs++}`,
        ...change,
    };
}

const names = ({ merged, left, failed }: MergeReport) => ({
    merged: merged.map(({ hour, rows }) => [hour - NOW, rows]),
    left: left.map((hour) => hour - NOW),
    failed: failed.map(({ hour, reason }) => [hour - NOW, reason]),
});

describe("mergeHours", () => {
    let memory: MemoryLake;
    beforeEach(() => {
        memory = new MemoryLake();
    });

    const merge = (change: Partial<MergeOptions> = {}, lake = memory.lake()) => mergeHours(lake, options(change));

    it("publishes each request once, in the hour in which it happened", async () => {
        memory.arrive(NOW, [
            { id: "a", hour: NOW - 1 },
            { id: "b", hour: NOW },
            { id: "a", hour: NOW - 1 },
        ]);
        memory.arrive(NOW - 1, [{ id: "a", hour: NOW - 1 }]);
        assert.deepEqual(names(await merge()), {
            merged: [
                [-1, 1],
                [0, 1],
            ],
            left: [],
            failed: [],
        });
        assert.deepEqual(memory.metered(), { a: 1, b: 1 });
    });

    it("does nothing when nothing has arrived since", async () => {
        memory.arrive(NOW - 3, [{ id: "a", hour: NOW - 3 }]);
        await merge();
        assert.deepEqual(names(await merge()), { merged: [], left: [], failed: [] });
        assert.equal(memory.writes, 1);
    });

    it("merges an hour again when more of it arrives, up to the last hour of the lateness window", async () => {
        memory.arrive(NOW - 48, [{ id: "a", hour: NOW - 48 }]);
        await merge();
        memory.arrive(NOW - 48, [{ id: "b", hour: NOW - 48 }]);
        assert.deepEqual(names(await merge()).merged, [[-48, 2]]);
        memory.arrive(NOW - 22, [{ id: "c", hour: NOW - 48 }]);
        assert.deepEqual(names(await merge()).merged, [[-48, 3]]);
    });

    it("keeps what is published when the raw lines have expired", async () => {
        memory.arrive(NOW - 40, [{ id: "a", hour: NOW - 40 }]);
        await merge();
        memory.raw.delete(NOW - 40);
        memory.arrive(NOW, [{ id: "b", hour: NOW - 40 }]);
        await merge();
        assert.deepEqual(memory.metered(), { a: 1, b: 1 });
    });

    it("finds requests of any hour, when a clock was wrong", async () => {
        memory.arrive(NOW, [
            { id: "a", hour: NOW - 5000 },
            { id: "b", hour: NOW + 700 },
        ]);
        assert.deepEqual(names(await merge()).merged, [
            [-5000, 1],
            [700, 1],
        ]);
    });

    it("merges the hours that it is asked for, whatever is recorded of them", async () => {
        for (const ago of [100, 99, 98]) memory.arrive(NOW - ago, [{ id: String(ago), hour: NOW - ago }]);
        assert.deepEqual(names(await merge()).merged, []);
        const range = { from: NOW - 100, to: NOW - 98 };
        assert.deepEqual(names(await merge({ range })).merged, [
            [-100, 1],
            [-99, 1],
        ]);
        assert.deepEqual(names(await merge({ range })).merged, [
            [-100, 1],
            [-99, 1],
        ]);
        assert.deepEqual(memory.metered(), { 99: 1, 100: 1 });
    });

    it("begins with the oldest hour, and leaves to the next run what it has no time for", async () => {
        for (const ago of [2, 9, 5]) memory.arrive(NOW - ago, [{ id: String(ago), hour: NOW - ago }]);
        let asked = 0;
        const report = await merge({ hasTime: () => asked++ < 2 });
        assert.deepEqual(names(report), {
            merged: [
                [-9, 1],
                [-5, 1],
            ],
            left: [-2],
            failed: [],
        });
        assert.equal(secondsBehind(report, startOf(NOW)), 3600);
        assert.deepEqual(names(await merge()).merged, [[-2, 1]]);
    });

    it("goes on with the other hours when one fails, and says why it did", async () => {
        for (const ago of [2, 1]) memory.arrive(NOW - ago, [{ id: String(ago), hour: NOW - ago }]);
        const lake = memory.lake();
        const write: Lake["write"] = async (hour, ...others) => {
            if (hour === NOW - 2) throw new Error("The query q ended as FAILED: no bytes left.");
            await lake.write(hour, ...others);
        };
        const report = await merge({}, { ...lake, write });
        assert.deepEqual(names(report).merged, [[-1, 1]]);
        assert.equal(
            failureOf(report),
            "An hour could not be merged. 2026-12-31T22: The query q ended as FAILED: no bytes left.",
        );
        assert.equal(secondsBehind(report, startOf(NOW)), 3600);
    });

    for (const [what, change, reason] of [
        ["fewer rows than requests", { requests: 3, rows: 2, different: 2 }, "2 rows were written of 3 requests."],
        ["more rows than requests", { requests: 1, rows: 2, different: 2 }, "2 rows were written of 1 requests."],
        ["a request twice", { requests: 2, rows: 2, different: 1 }, "2 rows were written of 1 requests."],
    ] as const) {
        it(`does not publish ${what}`, async () => {
            memory.arrive(NOW, [{ id: "a", hour: NOW }]);
            const report = await merge({}, { ...memory.lake(), count: async () => change });
            assert.deepEqual(names(report).failed, [[0, reason]]);
            assert.deepEqual(memory.metered(), {});
        });
    }

    it("does not publish fewer rows than there are", async () => {
        memory.arrive(NOW, [
            { id: "a", hour: NOW },
            { id: "b", hour: NOW },
        ]);
        await merge();
        memory.raw.set(NOW, [{ id: "c", hour: NOW }]);
        memory.runs.clear();
        const reason =
            "1 rows were written, and 2 are published. Files of the table are gone: restore them, or the raw files.";
        assert.deepEqual(names(await merge()).failed, [[0, reason]]);
    });

    it("publishes what it has when more arrives while it works, and the rest in the next run", async () => {
        memory.arrive(NOW, [{ id: "a", hour: NOW }]);
        const lake = memory.lake();
        const write: Lake["write"] = async (...args) => {
            await lake.write(...args);
            memory.arrive(NOW, [{ id: "b", hour: NOW }]);
        };
        assert.deepEqual(names(await merge({}, { ...lake, write })).merged, [[0, 1]]);
        assert.deepEqual(names(await merge()).merged, [[0, 2]]);
    });

    it("leaves an hour alone that another run publishes meanwhile", async () => {
        memory.arrive(NOW, [{ id: "a", hour: NOW }]);
        const lake = memory.lake();
        const count: Lake["count"] = async (...args) => {
            await merge();
            return lake.count(...args);
        };
        assert.deepEqual(names(await merge({}, { ...lake, count })), { merged: [], left: [0], failed: [] });
        assert.deepEqual(memory.metered(), { a: 1 });
    });

    it("meters what was served, in whatever order runs take their steps and wherever they are killed", async () => {
        const line = fc.record({ id: fc.integer({ min: 0, max: 15 }), ago: fc.integer({ min: 0, max: 3 }) });
        const arrival = fc.record({ folder: fc.integer({ min: 0, max: 3 }), lines: fc.array(line, { maxLength: 4 }) });
        // How many steps each of the runs takes before it is killed; most are not.
        const lives = fc.array(fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constant(1000)), {
            minLength: 1,
            maxLength: 4,
        });
        await fc.assert(
            fc.asyncProperty(
                fc.array(arrival, { maxLength: 8 }),
                lives,
                fc.scheduler(),
                async (arrivals, steps, scheduler) => {
                    const memory = new MemoryLake();
                    // The same request happens at the same time, however often it is told of.
                    const deliver = scheduler.scheduleFunction(async ({ folder, lines }: (typeof arrivals)[number]) =>
                        memory.arrive(
                            NOW - folder,
                            lines.map(({ id, ago }) => ({ id: `${id}-${ago}`, hour: NOW - ago })),
                        ),
                    );
                    const runs = steps.map((life) =>
                        mergeHours(stepwise(memory.lake(), scheduler, life), options()).catch(() => undefined),
                    );
                    const all = Promise.all([...arrivals.map(deliver), ...runs]);
                    await scheduler.waitFor(all);
                    assertConsistent(memory);
                    const last = await mergeHours(memory.lake(), options());
                    assert.deepEqual(last.failed, []);
                    assert.deepEqual(memory.metered(), memory.served());
                },
            ),
            { numRuns: sized(5000, 300), seed: 1 },
        );
    });
});

/** A lake each of whose steps waits for its turn, and which is dead after so many: a step then had its effect, or it had none. */
function stepwise(lake: Lake, scheduler: fc.Scheduler, life: number): Lake {
    let left = life;
    const step = <Args extends unknown[], R>(run: (...args: Args) => Promise<R>) => {
        const turn = scheduler.scheduleFunction(async (...args: Args): Promise<R> => {
            if (left-- <= 0) throw new Error("killed");
            const result = await run(...args);
            if (left-- <= 0) throw new Error("killed");
            return result;
        });
        return turn as (...args: Args) => Promise<R>;
    };
    return {
        folders: step(lake.folders),
        contents: step(lake.contents),
        published: step(lake.published),
        write: step(lake.write),
        count: step(lake.count),
        publish: step(lake.publish),
        tidy: step(lake.tidy),
    };
}

/** At any moment, no request is twice in the table, and each published hour has as many rows as it says. */
function assertConsistent({ partitions, runs, metered }: MemoryLake): void {
    assert.ok(Object.values(metered.call({ partitions, runs } as MemoryLake)).every((count) => count === 1));
    for (const { run, rows } of partitions.values()) assert.equal(runs.get(run)?.length, rows);
}
