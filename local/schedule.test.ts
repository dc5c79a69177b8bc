import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fakeClock } from "../tests/support/clock";
import { createScheduler, parseCron, parseRate, type Scheduled } from "./schedule";

describe("AWS's cron expressions", () => {
    // A Friday.
    const from = Date.UTC(2026, 10, 20, 12, 7);
    const next = (expression: string, count = 2) => {
        const schedule = parseCron(expression);
        const times: string[] = [];
        for (let time = schedule?.after(from); time !== undefined && times.length < count; time = schedule?.after(time))
            times.push(new Date(time).toISOString().slice(0, 16));
        return times;
    };
    for (const [expression, ...times] of [
        ["cron(0 * * * ? *)", "2026-11-20T13:00", "2026-11-20T14:00"],
        ["cron(15 2 * * ? *)", "2026-11-21T02:15", "2026-11-22T02:15"],
        ["cron(0/15 * * * ? *)", "2026-11-20T12:15", "2026-11-20T12:30"],
        ["cron(5,35 8-9 ? * MON-FRI *)", "2026-11-23T08:05", "2026-11-23T08:35"],
        ["cron(0 0 ? * 1 *)", "2026-11-22T00:00", "2026-11-29T00:00"],
        ["cron(0 0 ? * 7,2 *)", "2026-11-21T00:00", "2026-11-23T00:00"],
        ["cron(0 0 ? * 2#1 *)", "2026-12-07T00:00", "2027-01-04T00:00"],
        ["cron(0 0 L * ? *)", "2026-11-30T00:00", "2026-12-31T00:00"],
        ["cron(0 0 29 FEB ? *)", "2028-02-29T00:00", "2032-02-29T00:00"],
        ["cron(0 0 1 1 ? 2027)", "2027-01-01T00:00"],
        ["cron(0 0 1 1 ? 2020)"],
    ] as const)
        it(`reads ${expression}`, () => {
            strictEqual(parseCron(expression) === undefined, false);
            deepStrictEqual(next(expression), times);
        });

    for (const expression of [
        "",
        "rate(5 minutes)",
        "0 * * * ? *",
        "cron(0 * * * ?)",
        "cron(0 * * * * *)",
        "cron(0 * ? * ? *)",
        "cron(60 * * * ? *)",
        "cron(0 0 ? * 8 *)",
        "cron(x * * * ? *)",
    ])
        it(`does not take "${expression}"`, () => {
            strictEqual(parseCron(expression), undefined);
        });
});

describe("AWS's rate expressions", () => {
    const since = Date.UTC(2026, 10, 20, 12);
    for (const [expression, minutes] of [
        ["rate(1 minute)", 1],
        ["rate(5 minutes)", 5],
        ["rate(1 hour)", 60],
        ["rate(12 hours)", 720],
        ["rate(1 day)", 1440],
        ["rate(7 days)", 10_080],
    ] as const)
        it(`reads ${expression}`, () => {
            const schedule = parseRate(expression, since);
            const period = minutes * 60_000;
            const times = [since - 1, since, since + period - 1, since + period, since + 10.5 * period];
            const expected = [1, 1, 1, 2, 11].map((periods) => since + periods * period);
            deepStrictEqual(
                times.map((time) => schedule?.after(time)),
                expected,
            );
        });

    for (const expression of [
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(0 minutes)",
        "rate(-1 minutes)",
        "rate(1.5 hours)",
        "rate(5 weeks)",
        "rate(5  minutes)",
        "cron(0 * * * ? *)",
    ])
        it(`does not take "${expression}"`, () => {
            strictEqual(parseRate(expression, since), undefined);
        });
});

describe("A scheduler", () => {
    const MINUTE = 60_000;
    function made() {
        const clock = fakeClock();
        const start = clock.now();
        const due: string[] = [];
        const every = (minutes: number): Scheduled => ({
            schedule: {
                after: (time) => start + (Math.floor((time - start) / (minutes * MINUTE)) + 1) * minutes * MINUTE,
            },
            run: (time) => void due.push(`${minutes}: ${(time - start) / MINUTE}`),
        });
        const list: Scheduled[] = [];
        return { clock, due, every, list, scheduler: createScheduler(clock, () => [...list]) };
    }

    it("lets everything happen when it is due", async () => {
        const { clock, due, every, list, scheduler } = made();
        list.push(every(2), every(3));
        scheduler.start();
        await clock.advance(6 * MINUTE);
        deepStrictEqual(due, ["2: 2", "3: 3", "2: 4", "2: 6", "3: 6"]);
        await scheduler.close();
        await clock.advance(6 * MINUTE);
        strictEqual(due.length, 5);
    });

    it("lets nothing happen that was due before it knew of it", async () => {
        const { clock, due, every, list, scheduler } = made();
        await clock.advance(3 * MINUTE);
        list.push(every(60));
        scheduler.start();
        await clock.advance(2 * MINUTE);
        list.push(every(2));
        scheduler.changed();
        await clock.advance(2 * MINUTE);
        deepStrictEqual(due, ["2: 6"]);
        list.splice(0);
        scheduler.changed();
        await clock.advance(100 * MINUTE);
        deepStrictEqual(due, ["2: 6"]);
        await scheduler.close();
    });
});
