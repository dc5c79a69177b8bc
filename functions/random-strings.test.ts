import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { deployed, type Handler } from "../tests/support/deployed";
import { type ApiRequest, type ApiResponse, type RandomStringsOptions, randomStrings } from "./random-strings";

type Api = Handler<ApiRequest, ApiResponse>;

const MESSAGE = "The request has parameters that cannot be used.";
const PROBLEMS = {
    chars: "chars must be one of letters, lowercase, uppercase, digits.",
    num: "num must be a whole number from 1 to 100.",
    len: "len must be a whole number from 1 to 20.",
};

const forms: readonly [form: string, load: (options: RandomStringsOptions) => Promise<Api>][] = [
    ["as written", async (options) => randomStrings(options)],
    ["as deployed", (options) => deployed(randomStrings, options)],
];

for (const [form, load] of forms) {
    describe(`randomStrings, ${form}`, () => {
        let api: Api;
        before(async () => {
            api = await load({ origins: [] });
        });

        async function ask(parameters: Record<string, string> | null) {
            const { statusCode, body } = await api({ queryStringParameters: parameters });
            return { status: statusCode, body: JSON.parse(body) };
        }

        it("gives one letter when nothing is asked for", async () => {
            const { statusCode, headers, body } = await api({ queryStringParameters: null });
            assert.deepEqual([statusCode, headers], [200, { "content-type": "application/json" }]);
            assert.match(body, /^\["[A-Za-z]"\]$/);
        });

        for (const [chars, pattern] of [
            ["letters", /^[A-Za-z]{20}$/],
            ["lowercase", /^[a-z]{20}$/],
            ["uppercase", /^[A-Z]{20}$/],
            ["digits", /^[0-9]{20}$/],
        ] as const) {
            it(`gives a hundred different strings of 20 ${chars}`, async () => {
                const { status, body } = await ask({ chars, num: "100", len: "20" });
                assert.equal(status, 200);
                assert.equal(new Set(body).size, 100);
                for (const text of body) assert.match(text, pattern);
            });
        }

        for (const [parameters, problems] of [
            [{ chars: "" }, [PROBLEMS.chars]],
            [{ chars: "__proto__" }, [PROBLEMS.chars]],
            [{ num: "0" }, [PROBLEMS.num]],
            [{ num: "101" }, [PROBLEMS.num]],
            [{ num: "1.5" }, [PROBLEMS.num]],
            [{ len: "21" }, [PROBLEMS.len]],
            [{ len: "-1" }, [PROBLEMS.len]],
            [{ len: "1e1" }, [PROBLEMS.len]],
            [{ chars: "emoji", num: "many", len: "" }, [PROBLEMS.chars, PROBLEMS.num, PROBLEMS.len]],
        ] as const) {
            it(`refuses ${JSON.stringify(parameters)} with all that is wrong`, async () => {
                assert.deepEqual(await ask(parameters), { status: 400, body: { message: MESSAGE, problems } });
            });
        }

        it("answers 200 or 400 whatever the parameters hold", async () => {
            const parameters = fc.dictionary(fc.constantFrom("chars", "num", "len", "x"), fc.string());
            await fc.assert(
                fc.asyncProperty(parameters, async (given) => {
                    assert.ok([200, 400].includes((await api({ queryStringParameters: given })).statusCode));
                }),
                { numRuns: 200, seed: 1 },
            );
        });

        it("lets pages of the origins that it knows read the answer, and no others", async () => {
            const origins = ["https://a.example", "https://b.example"];
            const some = await load({ origins });
            const headersFor = async (asked: Api, headers: Record<string, string>) => {
                const { "content-type": _, ...cors } = (await asked({ headers, queryStringParameters: null })).headers;
                return cors;
            };
            const vary = { vary: "Origin" };
            const allowed = { ...vary, "access-control-allow-origin": "https://b.example" };
            assert.deepEqual(await headersFor(some, { Origin: "https://b.example" }), allowed);
            assert.deepEqual(await headersFor(some, { origin: "https://b.example" }), allowed);
            assert.deepEqual(await headersFor(some, { origin: "https://evil.example" }), vary);
            const all = { ...vary, "access-control-allow-origin": "*" };
            assert.deepEqual(await headersFor(await load({ origins: ["*"] }), {}), all);
        });
    });
}

describe("randomStrings", () => {
    it("prefers no character to another", async () => {
        const api = randomStrings({ origins: [] });
        const counts = new Map<string, number>();
        for (let call = 0; call < 100; call++) {
            const { body } = await api({ queryStringParameters: { chars: "digits", num: "100", len: "20" } });
            for (const digit of (JSON.parse(body) as string[]).join(""))
                counts.set(digit, (counts.get(digit) ?? 0) + 1);
        }
        // 200,000 digits: chi-squared with nine degrees of freedom is above 40 in one of a hundred thousand runs.
        const chi = [...counts.values()].reduce((sum, count) => sum + (count - 20_000) ** 2 / 20_000, 0);
        assert.equal(counts.size, 10);
        assert.ok(chi < 40, `chi-squared is ${chi}`);
    });
});
