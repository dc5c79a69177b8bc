import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { type Column, defineDataset } from "./dataset";
import { generator } from "./generate";
import { anyDataset, everything } from "./testing";
import { validatorOf } from "./validator";

const NOON = Date.UTC(2026, 10, 20, 12);

function take<T>(count: number, records: { next(): T }): readonly T[] {
    return Array.from({ length: count }, () => records.next());
}

function filled(column: Column, count = 50): readonly unknown[] {
    const dataset = defineDataset({ name: "d", columns: [column] });
    return take(count, generator(dataset, { seed: 7, now: NOON })).map((record) => Object.values(record)[0]);
}

describe("the generator", () => {
    it("makes records that conform, for any dataset", () => {
        fc.assert(
            fc.property(anyDataset, fc.integer(), (dataset, seed) => {
                const problemsIn = validatorOf(dataset);
                for (const record of take(5, generator(dataset, { seed, now: NOON }))) {
                    assert.deepStrictEqual(problemsIn(record), []);
                    assert.deepStrictEqual(JSON.parse(JSON.stringify(record)), record);
                }
            }),
            { seed: 7, numRuns: 50 },
        );
    });

    it("makes the same records from the same seed and time, whatever else is generated meanwhile", () => {
        const records = generator(everything, { seed: 7, now: NOON });
        const others = generator(everything, { seed: 8, now: NOON });
        const interleaved = Array.from({ length: 50 }, () => [records.next(), others.next()]);
        const again = take(50, generator(everything, { seed: 7, now: NOON }));
        assert.deepStrictEqual(
            interleaved.map(([record]) => record),
            again,
        );
        assert.notDeepStrictEqual(
            interleaved.map(([, other]) => other),
            again,
        );
    });

    it("makes these records from seed 7, on every machine and every day", () => {
        const columns = [
            { name: "user", type: "string", fake: "string.uuid" },
            { name: "kind", type: "string", oneOf: ["view", "buy"] },
            { name: "amount", type: "decimal(6,2)" },
            { name: "seen", type: "timestamp", fake: "date.recent" },
            { name: "at", type: "timestamp" },
        ] as const;
        const records = take(2, generator(defineDataset({ name: "d", columns }), { seed: 7, now: NOON }));
        assert.deepStrictEqual(records, [
            {
                user: "575dc594-75a5-47b6-8e2b-66a8601b8bfa",
                kind: "view",
                amount: 5925.94,
                seen: "2026-11-19T17:38:34.168Z",
                at: "2026-11-20T11:02:06.103945Z",
            },
            {
                user: "d7d247b7-2554-4267-8cc8-7ceacf0e47cb",
                kind: "buy",
                amount: 692.52,
                seen: "2026-11-19T20:34:10.545Z",
                at: "2026-11-20T11:11:13.812427Z",
            },
        ]);
    });

    it("lets events happen in the hour before, and dates lie in the month before", () => {
        for (const text of filled({ name: "c", type: "timestamp" }, 500) as string[]) {
            assert.match(text, /^2026-11-20T1[12]:\d\d:\d\d\.\d{6}Z$/);
            assert.ok(Date.parse(text) < NOON && Date.parse(text) >= NOON - 3_600_001, text);
        }
        const dates = new Set(filled({ name: "c", type: "date" }, 1_000));
        assert.equal(dates.size, 30);
        assert.ok(dates.has("2026-11-20") && dates.has("2026-10-22"));
    });

    it("picks among the allowed values evenly", () => {
        const oneOf = ["visit", "view", "cart", "buy"];
        const values = filled({ name: "c", type: "string", oneOf }, 4_000);
        for (const value of oneOf) {
            const share = values.filter((other) => other === value).length / values.length;
            assert.ok(Math.abs(share - 0.25) < 0.03, `${value}: ${share}`);
        }
    });

    it("leaves an optional column out, or null, now and then", () => {
        const values = filled({ name: "c", type: "int", optional: true }, 1_000);
        const absent = values.filter((value) => value === undefined).length;
        const empty = values.filter((value) => value === null).length;
        assert.ok(absent > 25 && absent < 80 && empty > 25 && empty < 80, `${absent} ${empty}`);
    });

    it("lets values come back, but not those of the key", () => {
        const column = { name: "c", type: "string", fake: "string.uuid" } as const;
        assert.equal(new Set(filled(column, 5_000)).size, 1_000);
        for (const { type, fake } of [
            column,
            { type: "string", fake: undefined },
            { type: "long", fake: undefined },
        ] as const) {
            const dataset = defineDataset({ name: "d", columns: [{ name: "c", type, fake }], key: ["c"] });
            const keys = take(5_000, generator(dataset, { seed: 1, now: NOON })).map(({ c }) => c);
            assert.equal(new Set(keys).size, 5_000);
        }
    });

    it("fills columns of every scalar type from faker", () => {
        const fakes: readonly (readonly [Column["type"], fake: string, RegExp])[] = [
            ["string", 'string.hexadecimal {"length":24,"casing":"lower","prefix":""}', /^"[0-9a-f]{24}"$/],
            ["string", "date.past", /^"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"$/],
            ["string", "number.int", /^"\d+"$/],
            ["string", 'helpers.arrayElement ["iOS","Linux"]', /^"(iOS|Linux)"$/],
            ["int", 'number.int {"min":10,"max":5000}', /^\d{2,4}$/],
            ["long", "number.int", /^\d+$/],
            ["double", "location.latitude", /^-?\d+(\.\d+)?$/],
            ["decimal(10,2)", "commerce.price", /^\d+(\.\d\d?)?$/],
            ["boolean", "datatype.boolean", /^(true|false)$/],
            ["date", "date.birthdate", /^"\d{4}-\d\d-\d\d"$/],
            ["timestamp", "date.recent", /^"2026-11-(19|20)T\d\d:\d\d:\d\d\.\d{3}Z"$/],
        ];
        for (const [type, fake, expected] of fakes) {
            for (const value of filled({ name: "c", type, fake })) assert.match(JSON.stringify(value), expected);
        }
    });

    it("makes texts for simple patterns", () => {
        for (const value of filled({ name: "c", type: "string", pattern: "^[A-Z]{2}-\\d{4,6}\\w$" })) {
            assert.match(String(value), /^[A-Z]{2}-\d{4,6}\w$/);
        }
    });

    const REFUSED: readonly (readonly [what: string, column: Column, sentence: string | RegExp])[] = [
        [
            "a fake that faker does not have",
            { name: "c", type: "string", fake: "internet.nonsense" },
            'Dataset "d" cannot fill the column "c" with the fake "internet.nonsense": faker does not have it.',
        ],
        [
            "a fake that is no path",
            { name: "c", type: "string", fake: "uuid" },
            'Dataset "d" cannot fill the column "c" with the fake "uuid": faker does not have it.',
        ],
        [
            "options that are no JSON",
            { name: "c", type: "string", fake: "number.int {max:1}" },
            /^Dataset "d" cannot fill the column "c" with the fake "number\.int \{max:1\}": Expected property name/,
        ],
        [
            "a fake of another type",
            { name: "c", type: "int", fake: "internet.email" },
            'Dataset "d" cannot fill the column "c" with the fake "internet.email": it gives no such type.',
        ],
        [
            "a fake for a map",
            { name: "c", type: { map: "int" }, fake: "number.int" },
            'Dataset "d" cannot fill the column "c" with the fake "number.int": it gives no such type.',
        ],
        [
            "a fake deep in the record, by its path",
            { name: "c", type: { array: { struct: [{ name: "z", type: "string", fake: "a.b" }] } } },
            'Dataset "d" cannot fill the column "c[].z" with the fake "a.b": faker does not have it.',
        ],
        [
            "a pattern that faker cannot make",
            { name: "c", type: "string", pattern: "^(?=a)b?a" },
            'Dataset "d" needs a fake for the column "c", whose pattern is "^(?=a)b?a".',
        ],
    ];
    for (const [what, column, message] of REFUSED) {
        it(`refuses ${what}`, () => {
            assert.throws(() => filled(column), { message });
        });
    }
});
