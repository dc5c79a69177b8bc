import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { DATE_PATTERN, isCanonical, TIMESTAMP_PATTERN, toUtc } from "./timestamp";

const ACCEPTED: readonly (readonly [text: string, utc: string])[] = [
    ["2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z"],
    ["2026-11-20T12:00:00.1Z", "2026-11-20T12:00:00.1Z"],
    ["2026-11-20T12:00:00.123456Z", "2026-11-20T12:00:00.123456Z"],
    ["2026-11-20T12:00:00.123456789Z", "2026-11-20T12:00:00.123456Z"],
    ["2026-11-20T12:00:00.9999999Z", "2026-11-20T12:00:00.999999Z"],
    ["2026-11-20T12:00:00+00:00", "2026-11-20T12:00:00Z"],
    ["2026-11-20T12:00:00-00:00", "2026-11-20T12:00:00Z"],
    ["2026-11-20T12:00:00.000001+05:30", "2026-11-20T06:30:00.000001Z"],
    ["2026-11-20T12:00:00+0530", "2026-11-20T06:30:00Z"],
    ["2026-11-20T12:00:00+05", "2026-11-20T07:00:00Z"],
    ["2026-11-20T00:00:00+23:59", "2026-11-19T00:01:00Z"],
    ["2026-11-20T23:59:59.5-23:59", "2026-11-21T23:58:59.5Z"],
    ["2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z"],
    ["2024-03-01T00:30:00+01:00", "2024-02-29T23:30:00Z"],
    ["2025-03-01T00:30:00+01:00", "2025-02-28T23:30:00Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"],
    ["2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"],
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
    ["0001-01-01T00:00:00-01:00", "0001-01-01T01:00:00Z"],
    ["0001-01-02T00:00:00+23:59", "0001-01-01T00:01:00Z"],
    ["0099-12-31T23:00:00-01:00", "0100-01-01T00:00:00Z"],
    ["1969-12-31T23:59:59.999999+00:00", "1969-12-31T23:59:59.999999Z"],
    ["9999-12-30T23:59:59-23:59", "9999-12-31T23:58:59Z"],
    ["9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"],
];

const REFUSED = [
    "",
    " ",
    "2026-11-20",
    "2026-11-20T12:00Z",
    "2026-11-20T12Z",
    "2026-11-20T12:00:00",
    "2026-11-20 12:00:00Z",
    "2026-11-20t12:00:00z",
    "2026-11-20T12:00:00 Z",
    "2026-11-20T12:00:00Z ",
    "2026-11-20T12:00:00Z\n",
    " 2026-11-20T12:00:00Z",
    "2026-11-20T12:00:00.Z",
    "2026-11-20T12:00:00,5Z",
    "2026-11-20T12:00:00.1234567890Z",
    "2026-11-20T12:00:60Z",
    "2026-11-20T12:60:00Z",
    "2026-11-20T24:00:00Z",
    "2026-11-20T12:00:00+24:00",
    "2026-11-20T12:00:00+05:60",
    "2026-11-20T12:00:00+5",
    "2026-11-20T12:00:00+05:3",
    "2026-11-20T12:00:00Z+05:00",
    "2026-11-31T12:00:00Z",
    "2026-02-29T12:00:00Z",
    "2026-02-31T12:00:00Z",
    "1900-02-29T12:00:00Z",
    "2026-00-20T12:00:00Z",
    "2026-13-20T12:00:00Z",
    "2026-11-00T12:00:00Z",
    "2022-9-6T7:5:6Z",
    "26-11-20T12:00:00Z",
    "+002026-11-20T12:00:00Z",
    "-2026-11-20T12:00:00Z",
    "0000-12-31T23:59:59Z",
    "0001-01-01T00:59:59+01:00",
    "9999-12-31T23:00:00-01:00",
    "10000-01-01T00:00:00Z",
    "20261120T120000Z",
    "٢٠٢٦-11-20T12:00:00Z",
    "1789014240448",
];

describe("toUtc", () => {
    for (const [text, utc] of ACCEPTED) {
        it(`reads ${text}`, () => {
            assert.equal(toUtc(text), utc);
            assert.equal(isCanonical(text), text === utc);
            assert.ok(isCanonical(utc));
        });
    }

    for (const text of REFUSED) {
        it(`refuses ${JSON.stringify(text)}`, () => {
            assert.equal(toUtc(text), undefined);
            assert.equal(isCanonical(text), false);
        });
    }

    it("agrees with the calendar on every day, real or not, of leap and common years", () => {
        const date = new RegExp(DATE_PATTERN);
        for (const year of [1, 4, 99, 100, 400, 1900, 1970, 2000, 2023, 2024, 2100, 9999]) {
            for (let month = 0; month <= 13; month++) {
                for (let day = 0; day <= 32; day++) {
                    const text = `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
                    const real = isoDay(year, month, day) === text;
                    assert.equal(date.test(text), real, text);
                    assert.equal(toUtc(`${text}T00:00:00Z`) !== undefined, real, text);
                }
            }
        }
    });

    it("agrees with Date on any time, fraction and offset, to the microsecond", () => {
        fc.assert(
            fc.property(anyTime, ({ day, clock, nanoseconds, digits, offset, style }) => {
                const fraction = padded(nanoseconds, 9).slice(0, digits);
                const local = `${new Date(day * 86_400_000).toISOString().slice(0, 10)}T${clockOf(clock)}`;
                const text = local + (digits ? `.${fraction}` : "") + offsetOf(offset, style);
                const utc = new Date(day * 86_400_000 + clock * 1000 - offset * 60_000).toISOString().slice(0, 19);
                assert.equal(toUtc(text), `${utc}${digits ? `.${fraction.slice(0, 6)}` : ""}Z`);
            }),
            { seed: 7, numRuns: 2_000 },
        );
    });

    it("keeps the order of instants, and reads its own answers as they are", () => {
        fc.assert(
            fc.property(fc.tuple(instant, instant), ([a, b]) => {
                const [left, right] = [toUtc(a.text) as string, toUtc(b.text) as string];
                assert.equal(Date.parse(left) - Date.parse(right), a.at - b.at);
                assert.equal(toUtc(left), left);
            }),
            { seed: 7 },
        );
    });

    it("answers any text without throwing, and only what the pattern of the JSON Schema takes", () => {
        const pattern = new RegExp(TIMESTAMP_PATTERN, "u");
        const digitsAndMarks = fc.string({ unit: fc.constantFrom(..."0123456789-+:.TZ "), maxLength: 40 });
        const bruised = fc
            .tuple(instant, fc.nat(40), fc.constantFrom(..."09-+:.TZ x"))
            .map(([{ text }, at, mark]) => text.slice(0, at) + mark + text.slice(at + 1));
        fc.assert(
            fc.property(fc.oneof(fc.string(), digitsAndMarks, bruised), (text) => {
                assert.equal(toUtc(text) !== undefined, pattern.test(text));
            }),
            { seed: 7, numRuns: 2_000 },
        );
    });
});

/** Days that leave room for any offset. */
const days = fc.integer({ min: -719_161, max: 2_932_895 });

const anyTime = fc.record({
    day: days,
    clock: fc.nat(86_399),
    nanoseconds: fc.nat(999_999_999),
    digits: fc.nat(9),
    offset: fc.integer({ min: -1439, max: 1439 }),
    style: fc.constantFrom("Z", "+hh:mm", "+hhmm"),
});

const instant = fc
    .record({ day: days, milliseconds: fc.nat(86_399_999), offset: fc.integer({ min: -1439, max: 1439 }) })
    .map(({ day, milliseconds, offset }) => {
        const local = new Date(day * 86_400_000 + milliseconds);
        return {
            text: local.toISOString().slice(0, -1) + offsetOf(offset, "+hh:mm"),
            at: local.getTime() - offset * 60_000,
        };
    });

function offsetOf(minutes: number, style: string): string {
    if (minutes === 0 && style === "Z") return "Z";
    const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
    return `${minutes < 0 ? "-" : "+"}${padded(hours, 2)}${style === "+hhmm" ? "" : ":"}${padded(rest, 2)}`;
}

function clockOf(seconds: number): string {
    return new Date(seconds * 1000).toISOString().slice(11, 19);
}

function isoDay(year: number, month: number, day: number): string {
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    return date.toISOString().slice(0, 10);
}

function padded(number: number, digits: number): string {
    return String(number).padStart(digits, "0");
}
