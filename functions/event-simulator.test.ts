import * as assert from "node:assert/strict";
import { EventBridgeClient, type PutEventsCommand, type PutEventsResultEntry } from "@aws-sdk/client-eventbridge";
import { deployed, type Handler, withEnvironment } from "../tests/support/deployed";
import { serviceError } from "./aws-test-support";
import { eventSimulator, type Simulation, type SimulationReport, type SimulatorOptions } from "./event-simulator";

const OPTIONS: SimulatorOptions = {
    source: "transactions",
    detailType: "card-event",
    columns: [
        { name: "amount", from: "amount.value", choices: [[1.5, 20, 300]] },
        { name: "state", from: "location.state", choices: [["TX", null]] },
        { name: "name", from: "first last", choices: ["AB", ["da "], "KL", ["ing"]] },
    ],
};

/** What EventBridge answers to an entry: a code, or that it took it. */
type Answer = (detail: string, call: number) => string | undefined;

describe("eventSimulator", () => {
    const calls: PutEventsCommand["input"][] = [];
    const logged: unknown[] = [];
    const { random } = Math;
    const { log } = console;
    let answer: Answer;
    let failure: (call: number) => Error | undefined;
    beforeEach(() => {
        [calls.length, logged.length] = [0, 0];
        [answer, failure] = [() => undefined, () => undefined];
        Math.random = () => 0;
        console.log = (line) => void logged.push(line);
        Object.assign(EventBridgeClient.prototype, {
            async send({ input }: PutEventsCommand) {
                calls.push(input);
                const error = failure(calls.length);
                if (error) throw error;
                const Entries = (input.Entries ?? []).map((entry): PutEventsResultEntry => {
                    const ErrorCode = answer(entry.Detail ?? "", calls.length);
                    return ErrorCode ? { ErrorCode } : { EventId: "id" };
                });
                return { Entries, FailedEntryCount: Entries.filter(({ ErrorCode }) => ErrorCode).length };
            },
        });
    });
    afterEach(() => {
        Math.random = random;
        console.log = log;
        Reflect.deleteProperty(EventBridgeClient.prototype, "send");
    });

    const environment = { BUS: "payments-bus" };
    for (const [form, make] of [
        ["as written", async () => withEnvironment(environment, () => eventSimulator(OPTIONS))],
        ["as deployed", () => deployed(eventSimulator, OPTIONS, environment)],
    ] as const) {
        describe(form, () => {
            let handler: Handler<Simulation | null, SimulationReport>;
            const run = (simulation: Simulation | null, context?: { getRemainingTimeInMillis(): number }) =>
                (handler as ReturnType<typeof eventSimulator>)(simulation, context);
            before(async () => {
                handler = await make();
            });

            it("sends 1,000 events in 100 calls when it is told nothing, and says with which seed", async () => {
                const { seed, ...report } = await run(null);
                assert.deepEqual(report, { sent: 1000, failed: 0, errors: {}, calls: 100 });
                assert.ok(Number.isInteger(seed));
                assert.ok(calls.every(({ Entries = [] }) => Entries.length === 10));
            });

            it("makes the same events from the same seed, each value at its path and none where there is none", async () => {
                await run({ count: 3, seed: 2 });
                await run({ count: 3, seed: 2 });
                const entry = { EventBusName: "payments-bus", Source: "transactions", DetailType: "card-event" };
                const details = calls[0]?.Entries?.map(({ Detail = "" }) => JSON.parse(Detail) as unknown);
                assert.deepEqual(calls[0]?.Entries, calls[1]?.Entries);
                assert.deepEqual(
                    calls[0]?.Entries?.map(({ Detail: _, ...rest }) => rest),
                    [entry, entry, entry],
                );
                assert.deepEqual(details, EXPECTED);
            });

            it("sends what the bus was too busy for again, alone, until it is taken", async () => {
                answer = (detail, call) =>
                    call === 1 && detail.includes('"value":20}') ? "ThrottlingException" : undefined;
                failure = (call) => (call === 2 ? serviceError("ServiceUnavailable", 503) : undefined);
                const { calls: made, ...report } = await run({ count: 20, seed: 1 });
                assert.deepEqual(report, { sent: 20, failed: 0, errors: {}, seed: 1 });
                const throttled =
                    calls[0]?.Entries?.filter(({ Detail = "" }) => Detail.includes('"value":20}')).length ?? 0;
                assert.equal(made, calls.length);
                assert.equal(calls.slice(2).flatMap(({ Entries = [] }) => Entries).length, throttled + 10);
            });

            it("reports what EventBridge will never take, by its code, and what there was no time for", async () => {
                answer = (detail) =>
                    detail.includes('"value":20}')
                        ? "MalformedDetail"
                        : detail.includes("300")
                          ? "InternalFailure"
                          : undefined;
                const report = await run({ count: 10, seed: 1 }, { getRemainingTimeInMillis: () => 1300 });
                const all = (text: string) =>
                    calls[0]?.Entries?.filter(({ Detail = "" }) => Detail.includes(text)).length ?? 0;
                const [malformed, busy] = [all('"value":20}'), all("300")];
                assert.ok(malformed > 0 && busy > 0);
                assert.deepEqual(
                    { ...report, calls: 0 },
                    {
                        sent: 10 - malformed - busy,
                        failed: malformed + busy,
                        errors: { MalformedDetail: malformed, Busy: busy },
                        calls: 0,
                        seed: 1,
                    },
                );
            });

            it("fails with EventBridge's own error when no try would help", async () => {
                failure = () =>
                    serviceError("AccessDeniedException", 400, "not authorized to perform: events:PutEvents");
                await assert.rejects(run({ count: 1 }), { message: "not authorized to perform: events:PutEvents" });
            });

            it("refuses a count or a seed that is none", async () => {
                for (const count of [0, 100_001, 1.5, "10" as unknown as number]) {
                    await assert.rejects(run({ count }), {
                        message: `"count" must be a whole number from 1 to 100,000, not ${JSON.stringify(count)}.`,
                    });
                }
                await assert.rejects(run({ seed: 0.5 }), { message: '"seed" must be a whole number, not 0.5.' });
                assert.equal(calls.length, 0);
            });

            it("logs counts, and nothing of an event", async () => {
                await run({ count: 1, seed: 5 });
                assert.deepEqual(logged, [{ outcome: "Simulated", sent: 1, failed: 0, errors: {}, calls: 1, seed: 5 }]);
            });
        });
    }
});

const EXPECTED = [
    { amount: { value: 300 }, location: { state: "TX" }, first: "Bda", last: "Ling" },
    { amount: { value: 1.5 }, first: "Bda", last: "Ling" },
    { amount: { value: 20 }, first: "Bda", last: "King" },
];
