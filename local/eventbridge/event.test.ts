import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import fc from "fast-check";
import { temporaryPlace } from "../../tests/support/local";
import type { Rule, Target } from "./config";
import { eventText } from "./event";
import { openEventLog } from "./log";
import { inputOf } from "./transform";

const place = { ...temporaryPlace(), account: "000000000000", region: "us-east-1" };
const eventOf = (detail: string) => ({
    bus: "b",
    id: "i",
    ingested: 0,
    text: eventText(place, { id: "i", detailType: "t", source: "s", time: 0, resources: ["é"], detail }),
});
const anyText = fc.string({ unit: "binary" });

describe("An event", () => {
    after(() => fs.rmSync(place.data, { recursive: true, force: true }));

    it("says what its sender said, on one line, whatever that is", () => {
        fc.assert(
            fc.property(
                fc.dictionary(anyText, fc.jsonValue()),
                fc.constantFrom(undefined, 2, "\t", "\n"),
                (detail, space) => {
                    const { text } = eventOf(JSON.stringify(detail, undefined, space));
                    const { detail: _detail, ...rest } = JSON.parse(text);
                    assert.strictEqual(
                        text,
                        `${JSON.stringify(rest).slice(0, -1)},"detail":${JSON.stringify(detail)}}`,
                    );
                },
            ),
            { seed: 7 },
        );
    });

    it("comes out of the log as it went in", async () => {
        const log = openEventLog(place.data, () => undefined);
        await fc.assert(
            fc.asyncProperty(
                fc.array(fc.dictionary(anyText, anyText), { minLength: 1, maxLength: 5 }),
                async (details) => {
                    const arrivals = details.map((detail) => ({
                        event: eventOf(JSON.stringify(detail)),
                        rules: Object.keys(detail),
                        archives: [],
                    }));
                    await log.append(arrivals);
                    assert.deepStrictEqual(await log.read(), arrivals);
                    await log.advance(arrivals.length);
                },
            ),
            { seed: 7, numRuns: 50 },
        );
        await log.close();
    });

    it("fills a template so that it stays JSON", () => {
        const inputTransformer = {
            inputPaths: { x: "$.detail.x" },
            inputTemplate: '{"a": <x>, "b": "is <x>!", "<x>": 1}',
        };
        const target = { inputs: { inputTransformer } } as unknown as Target;
        fc.assert(
            fc.property(
                fc.jsonValue().filter((value) => value !== null),
                (x) => {
                    const input = JSON.parse(inputOf(target, {} as Rule, eventOf(JSON.stringify({ x }))));
                    const text = typeof x === "string" ? x : JSON.stringify(x);
                    assert.deepStrictEqual(input, JSON.parse(JSON.stringify({ a: x, b: `is ${text}!`, [text]: 1 })));
                },
            ),
            { seed: 7 },
        );
    });
});
