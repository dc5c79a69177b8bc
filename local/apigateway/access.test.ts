import * as assert from "node:assert/strict";
import { webDocument } from "./test-documents";
import { ROOT, STRANGER, type TestGateway, testGateway } from "./test-support";

const RECORDS = "/streams/web-1234567/records";
const body = { records: [] };

describe("Access to a REST API", () => {
    let test: TestGateway;
    beforeEach(() => {
        test = testGateway();
    });
    afterEach(() => test.close());

    describe("signed with IAM credentials", () => {
        beforeEach(() => test.deploy(webDocument({ security: [{ sigv4: [] }] })));

        it("is open to a caller whose policies allow it", async () => {
            assert.deepStrictEqual((await test.send("PUT", RECORDS, { body, caller: ROOT })).status, 200);
        });

        it("is closed without a signature", async () => {
            const reply = await test.send("PUT", RECORDS, { body });
            assert.deepStrictEqual([reply.status, reply.body], [403, '{"message":"Missing Authentication Token"}']);
            assert.deepStrictEqual(reply.headers["x-amzn-ErrorType"], "MissingAuthenticationTokenException");
            assert.deepStrictEqual(test.calls, []);
        });

        it("is closed to a caller whose policies do not allow it, in AWS's words", async () => {
            const reply = await test.send("PUT", RECORDS, { body, caller: STRANGER });
            const { id } = test.all("restApi:RestApi")[0] ?? {};
            assert.deepStrictEqual(reply.json, {
                Message: `User: ${STRANGER.arn} is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********0000:${id}/v1/PUT${RECORDS} because no identity-based policy allows the execute-api:Invoke action`,
            });
            assert.deepStrictEqual([reply.status, reply.headers["x-amzn-ErrorType"]], [403, "AccessDeniedException"]);
        });

        it("leaves methods open that do not ask for it", async () => {
            assert.deepStrictEqual((await test.send("GET", "/streams")).status, 200);
        });
    });

    describe("with an API key", () => {
        const key = { "x-api-key": "k".repeat(30) };
        const makePlan = async (plan: object) => {
            const { api } = await test.deploy(webDocument({ security: [{ key: [] }] }));
            const made = await test.make("apiKey:ApiKey", { name: "key", value: key["x-api-key"] });
            const usagePlan = await test.make("usagePlan:UsagePlan", {
                name: "plan",
                apiStages: [{ apiId: api.id, stage: "v1" }],
                ...plan,
            });
            await test.make("usagePlanKey:UsagePlanKey", {
                keyId: made.id,
                keyType: "API_KEY",
                usagePlanId: usagePlan.id,
            });
            return { api, key: made };
        };
        const status = async (headers: Record<string, string> = key) =>
            (await test.send("PUT", RECORDS, { body, headers })).status;

        it("is open with a key of a plan of the stage", async () => {
            await makePlan({});
            assert.deepStrictEqual(await status(), 200);
        });

        it("is closed without a key, with an unknown one, a disabled one, and one of another stage", async () => {
            const { api, key: made } = await makePlan({});
            const reply = await test.send("PUT", RECORDS, { body });
            assert.deepStrictEqual(
                [reply.status, reply.body, reply.headers["x-amzn-ErrorType"]],
                [403, '{"message":"Forbidden"}', "ForbiddenException"],
            );
            assert.deepStrictEqual(await status({ "x-api-key": "unknown" }), 403);
            const [plan] = test.all("usagePlan:UsagePlan");
            await test.change(plan as never, { name: "plan", apiStages: [{ apiId: api.id, stage: "other" }] });
            assert.deepStrictEqual(await status(), 403);
            await test.change(plan as never, { ...plan?.inputs });
            assert.deepStrictEqual(await status(), 200);
            await test.change(made, { ...made.inputs, enabled: false });
            assert.deepStrictEqual(await status(), 403);
        });

        it("is throttled by the plan, per key", async () => {
            await makePlan({ throttleSettings: { rateLimit: 2, burstLimit: 3 } });
            const statuses = [];
            for (let i = 0; i < 4; i++) statuses.push(await status());
            assert.deepStrictEqual(statuses, [200, 200, 200, 429]);
            await test.clock.advance(500);
            assert.deepStrictEqual([await status(), await status()], [200, 429]);
        });

        it("is throttled by the plan's limit of a method", async () => {
            const { api } = await makePlan({});
            const throttles = [{ path: `${RECORDS}/PUT`, rateLimit: 1, burstLimit: 1 }];
            const [plan] = test.all("usagePlan:UsagePlan");
            await test.change(plan as never, { name: "plan", apiStages: [{ apiId: api.id, stage: "v1", throttles }] });
            assert.deepStrictEqual([await status(), await status()], [200, 429]);
            assert.deepStrictEqual((await test.send("POST", RECORDS, { body, headers: key })).status, 200);
        });

        it("ends with the quota, and starts anew with the next period", async () => {
            await makePlan({ quotaSettings: { limit: 3, offset: 1, period: "DAY" } });
            assert.deepStrictEqual([await status(), await status()], [200, 200]);
            const reply = await test.send("PUT", RECORDS, { body, headers: key });
            assert.deepStrictEqual(
                [reply.status, reply.body, reply.headers["x-amzn-ErrorType"]],
                [429, '{"message":"Limit Exceeded"}', "LimitExceededException"],
            );
            await test.clock.advance(12 * 3_600_000);
            assert.deepStrictEqual(await status(), 200);
        });

        for (const [period, days] of [
            ["WEEK", 2],
            ["MONTH", 11],
        ] as const) {
            it(`has quotas per ${period}, in UTC`, async () => {
                // The clock starts on Friday, 20 November 2026, at noon.
                await makePlan({ quotaSettings: { limit: 1, period } });
                assert.deepStrictEqual([await status(), await status()], [200, 429]);
                await test.clock.advance((days - 1) * 86_400_000);
                assert.deepStrictEqual(await status(), 429);
                await test.clock.advance(86_400_000);
                assert.deepStrictEqual(await status(), 200);
            });
        }

        it("does not count throttled requests for the quota", async () => {
            await makePlan({
                quotaSettings: { limit: 2, period: "DAY" },
                throttleSettings: { rateLimit: 1, burstLimit: 1 },
            });
            assert.deepStrictEqual([await status(), await status(), await status()], [200, 429, 429]);
            await test.clock.advance(1000);
            assert.deepStrictEqual([await status(), await status()], [200, 429]);
        });
    });

    describe("by how often", () => {
        const settings = (methodPath: string, throttlingRateLimit: number, throttlingBurstLimit: number) => {
            const restApi = test.all("restApi:RestApi")[0]?.id;
            const inputs = {
                restApi,
                stageName: "v1",
                methodPath,
                settings: { throttlingRateLimit, throttlingBurstLimit },
            };
            return test.make("methodSettings:MethodSettings", inputs);
        };
        const get = async (path = "/streams") => (await test.send("GET", path)).status;
        beforeEach(() => test.deploy(webDocument()));

        it("is limited for every method of the stage", async () => {
            await settings("*/*", 1, 2);
            assert.deepStrictEqual([await get(), await get(), await get()], [200, 200, 429]);
            assert.deepStrictEqual(await get("/streams/x"), 404);
            const reply = await test.send("GET", "/streams");
            assert.deepStrictEqual(
                [reply.body, reply.headers["x-amzn-ErrorType"]],
                ['{"message":"Too Many Requests"}', "TooManyRequestsException"],
            );
            await test.clock.advance(1000);
            assert.deepStrictEqual([await get(), await get()], [200, 429]);
        });

        it("is limited for one method, whichever way its path is written", async () => {
            await settings("*/*", 100, 100);
            await settings("streams/GET", 1, 1);
            await settings("~1streams~1web-1234567~1records/PUT", 1, 1);
            assert.deepStrictEqual([await get(), await get()], [200, 429]);
            const put = async () => (await test.send("PUT", RECORDS, { body })).status;
            assert.deepStrictEqual([await put(), await put()], [200, 429]);
        });

        it("takes -1 for the account's limit", async () => {
            await settings("*/*", -1, -1);
            for (let i = 0; i < 50; i++) assert.deepStrictEqual(await get(), 200);
        });

        it("never takes more than rate times time plus burst", async () => {
            await settings("*/*", 10, 5);
            let taken = 0;
            for (let i = 0; i < 100; i++) {
                if ((await get()) === 200) taken++;
                await test.clock.advance(20);
            }
            assert.deepStrictEqual(taken, 5 + 19);
        });
    });
});
