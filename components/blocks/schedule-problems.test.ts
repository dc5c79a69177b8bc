import * as assert from "node:assert/strict";
import { longestPause, scheduleProblems } from "./schedule-problems";

describe("A schedule", () => {
    for (const [expression, hours] of [
        ["cron(10 * * * ? *)", 1],
        ["cron(0/15 * ? * * *)", 0.25],
        ["cron(30 2 * * ? *)", 24],
        ["cron(0 6,18,20-22 * * ? *)", 12],
        ["cron(0 */6 * * ? *)", 6],
        ["cron(0 2 ? * MON *)", 744],
        ["rate(5 minutes)", 1 / 12],
        ["rate(1 hour)", 1],
        ["rate(2 days)", 48],
    ] as const) {
        it(`such as ${expression} pauses for up to ${hours} hours`, () => {
            assert.deepEqual(scheduleProblems(expression), []);
            assert.equal(longestPause(expression), hours);
        });
    }

    const DAYS = "Exactly one of its day of the month and its day of the week must be ?. Write cron(10 * * * ? *).";
    const FIELD = (name: string, field: string, last: number) =>
        `Its ${name}, ${field}, is none. Write *, a number from 0 to ${last}, a range such as 1-5, steps such as 0/15, or a list of these.`;
    for (const [expression, problems] of [
        ["cron(10 * * * * *)", [DAYS]],
        ["cron(10 * ? * ? *)", [DAYS]],
        ["cron(60 * * * ? *)", [FIELD("minute", "60", 59)]],
        ["cron(x 24 * * ? *)", [FIELD("minute", "x", 59), FIELD("hour", "24", 23)]],
        ["cron(5-1 * * * ? *)", [FIELD("minute", "5-1", 59)]],
        ["rate(1 hours)", ["EventBridge wants the unit of rate(1 hours) in another form. Write rate(1 hour)."]],
        ["rate(2 hour)", ["EventBridge wants the unit of rate(2 hour) in another form. Write rate(2 hours)."]],
    ] as const) {
        it(`such as ${expression} is refused`, () => assert.deepEqual(scheduleProblems(expression), problems));
    }
});
