import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { parseCron } from "./schedule";

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
