import * as assert from "node:assert/strict";
import { folderOfHour, hourAt, hourOfParts, hoursBetween, nameOfHour, partsOf, startOf } from "./utc-hours";

const at = (text: string) => hourAt(Date.parse(text));

describe("An hour", () => {
    for (const [time, name, folder] of [
        ["2026-12-31T23:59:59.999Z", "2026-12-31T23", "year=2026/month=12/day=31/hour=23/"],
        ["2027-01-01T00:00:00.000Z", "2027-01-01T00", "year=2027/month=01/day=01/hour=00/"],
        ["2028-02-29T12:30:00.000Z", "2028-02-29T12", "year=2028/month=02/day=29/hour=12/"],
        ["1970-01-01T00:00:00.000Z", "1970-01-01T00", "year=1970/month=01/day=01/hour=00/"],
    ] as const) {
        it(`has the folder and the name of ${time}`, () => {
            const hour = at(time);
            assert.deepEqual([nameOfHour(hour), folderOfHour(hour)], [name, folder]);
            assert.equal(hourOfParts(partsOf(hour)), hour);
            assert.equal(startOf(hour), Date.parse(`${name}:00:00Z`));
        });
    }

    it("follows the one before, over the end of a month", () => {
        assert.deepEqual(hoursBetween(at("2026-02-28T23:00:00Z"), at("2026-03-01T01:00:00Z")).map(nameOfHour), [
            "2026-02-28T23",
            "2026-03-01T00",
        ]);
        assert.deepEqual(hoursBetween(5, 5), []);
    });
});
