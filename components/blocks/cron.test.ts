import * as assert from "node:assert/strict";
import { cronProblems, longestDays } from "./cron";

describe("cronProblems", () => {
    for (const schedule of [
        "cron(0 * * * ? *)",
        "cron(0/5 * * * ? *)",
        "cron(0,15,30,45 8-17 ? * MON-FRI *)",
        "cron(30 1 1,15 JAN-JUN/2 ? 2026-2030)",
        "cron(0 0 L * ? *)",
        "cron(0 0 15W * ? *)",
        "cron(0 0 ? * 6L *)",
        "cron(0 0 ? * TUE#2 *)",
        "cron(59 23 ? * * *)",
    ]) {
        it(`finds none in ${schedule}`, () => assert.deepEqual(cronProblems(schedule), []));
    }

    const HOW = "Write it like cron(0 * * * ? *).";
    for (const [schedule, ...sentences] of [
        ["rate(1 hour)", `"rate(1 hour)" does not have six fields. ${HOW}`],
        ["cron(0 * * * *)", `"cron(0 * * * *)" does not have six fields. ${HOW}`],
        [
            "cron(60 24 ? 13 FRY *)",
            `"60" is no minutes, which goes from 0 to 59. ${HOW}`,
            `"24" is no hours, which goes from 0 to 23. ${HOW}`,
            `"13" is no month, which goes from 1 to 12. ${HOW}`,
            `"FRY" is no day of the week, which goes from 1 to 7. ${HOW}`,
        ],
        ["cron(5-1 0 1 * ? *)", `"5-1" is no minutes, which goes from 0 to 59. ${HOW}`],
        ["cron(0/0 0 1 * ? *)", `"0/0" is no minutes, which goes from 0 to 59. ${HOW}`],
        ["cron(0 0 1 * ? 26)", `"26" is no year, which goes from 1970 to 2199. ${HOW}`],
        [
            "cron(0 * * * * *)",
            '"cron(0 * * * * *)" must have one ? in the place of the day of the month or of the day of the week. Put it where the other says the day.',
        ],
        [
            "cron(0/4 * * * ? *)",
            '"cron(0/4 * * * ? *)" runs more often than every 5 minutes, which Glue refuses. Leave 5 minutes between two runs.',
        ],
        [
            "cron(1,58 * * * ? *)",
            '"cron(1,58 * * * ? *)" runs more often than every 5 minutes, which Glue refuses. Leave 5 minutes between two runs.',
        ],
    ] as const) {
        it(`finds what is wrong with ${schedule}`, () => assert.deepEqual(cronProblems(schedule), sentences));
    }
});

describe("longestDays", () => {
    for (const [schedule, days] of [
        ["cron(0 * * * ? *)", 1],
        ["cron(0 3 * * ? *)", 1],
        ["cron(0 3 ? * MON-FRI *)", 3],
        ["cron(0 3 ? * 2 *)", 7],
        ["cron(0 3 1 * ? *)", 31],
        ["cron(0 3 1,15 * ? *)", 17],
        ["cron(0 3 L * ? *)", 31],
        ["cron(0 3 1 JAN ? *)", 366],
    ] as const) {
        it(`lets ${days} days pass between two runs of ${schedule}`, () => assert.equal(longestDays(schedule), days));
    }
});
