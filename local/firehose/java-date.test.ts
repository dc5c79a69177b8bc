import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { formatJavaDate, javaDateProblem } from "./java-date";

const NOON = Date.UTC(2026, 10, 5, 13, 4, 9, 987);

describe("formatJavaDate", () => {
    for (const [pattern, expected] of [
        ["yyyy/MM/dd/HH/", "2026/11/05/13/"],
        ["yy-M-d H:m:s", "26-11-5 13:4:9"],
        ["yyyy-MM-dd'T'HH:mm:ss.SSS", "2026-11-05T13:04:09.000"],
        ["'year='yyyy'/month='MM", "year=2026/month=11"],
        ["yyyy'-'MM'-'dd", "2026-11-05"],
        ["h a, hh, K, k, kk", "1 PM, 01, 1, 13, 13"],
        ["D DDD", "309 309"],
        ["EEE EEEE EEEEE e", "Thu Thursday T 5"],
        ["MMM MMMM MMMMM", "Nov November N"],
        ["Q QQ QQQ QQQQ", "4 04 Q4 4th quarter"],
        ["w W", "45 1"],
        ["''yyyy''", "'2026'"],
        ["yyyy[MM]", "202611"],
        ["'it''s' u", "it's 2026"],
    ] as const)
        it(`gives ${expected} for ${pattern}`, () => strictEqual(formatJavaDate(pattern, NOON), expected));

    it("takes the year of the week for YYYY, which begins before the year does", () => {
        const years = (year: number, month: number, day: number) =>
            formatJavaDate("yyyy YYYY", Date.UTC(year, month - 1, day, 23, 59, 59));
        deepStrictEqual(
            [
                years(2024, 12, 28),
                years(2024, 12, 29),
                years(2024, 12, 31),
                years(2025, 12, 27),
                years(2025, 12, 28),
                years(2026, 12, 26),
                years(2026, 12, 27),
                years(2027, 1, 1),
            ],
            ["2024 2024", "2024 2025", "2024 2025", "2025 2025", "2025 2026", "2026 2026", "2026 2027", "2027 2027"],
        );
    });

    it("turns the year at midnight of the time zone", () => {
        const ms = Date.UTC(2026, 11, 31, 15, 0, 0);
        strictEqual(formatJavaDate("yyyy-MM-dd-HH", ms - 1000, "Asia/Tokyo"), "2026-12-31-23");
        strictEqual(formatJavaDate("yyyy-MM-dd-HH", ms, "Asia/Tokyo"), "2027-01-01-00");
        strictEqual(formatJavaDate("yyyy-MM-dd-HH", ms, "America/New_York"), "2026-12-31-10");
        strictEqual(formatJavaDate("yyyy-MM-dd-HH", ms), "2026-12-31-15");
    });

    it("refuses what it does not know", () => {
        strictEqual(javaDateProblem("yyyy'"), `The pattern "yyyy'" has a quote that does not end.`);
        throws(() => formatJavaDate("yyyy-b", NOON), {
            message: 'The pattern letter "b" in "yyyy-b" is not supported by the local runtime.',
        });
    });
});
