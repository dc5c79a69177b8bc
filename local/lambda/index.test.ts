import * as assert from "node:assert/strict";
import {
    GetFunctionCommand,
    type InvocationType,
    InvokeCommand,
    LambdaClient,
    ListFunctionsCommand,
} from "@aws-sdk/client-lambda";
import { fakeClock } from "../../tests/support/clock";
import { ACCOUNT, fakeServices, iamWith, permissiveIam, REGION, ROOT, serve } from "../../tests/support/local";
import { systemClock } from "../clock";
import { serviceError } from "../errors";
import { payloadOf, textOf } from "../payload";
import type { Binding, Made, Properties } from "../resources";
import { createS3 } from "../s3";
import type { Services } from "../services";
import { createLambda, type LambdaOptions } from ".";
import { lambdaBindings } from "./bindings";

const ROLE = `arn:aws:iam::${ACCOUNT}:role/worker`;
const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:echo`;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const open: { close(): void }[] = [];

/** The local Lambda with the function "echo" in it, whose text is given. */
function setUp(text: string, inputs: Properties = {}, own: Partial<Services> = {}, options: LambdaOptions = {}) {
    const services = fakeServices({ clock: systemClock, ...own });
    const lambda = createLambda(services, options);
    const bindings = lambdaBindings(services);
    const define = (code: string, more: Properties = {}, name = "echo") => {
        const given = {
            name,
            role: ROLE,
            runtime: "nodejs24.x",
            handler: "__index.handler",
            code: { archive: { "__index.js": code } },
            ...inputs,
            ...more,
        };
        const { id, outputs } = (bindings["aws:lambda/function:Function"] as Binding).create(given, name) as Made;
        services.resources.put({ type: "aws:lambda/function:Function", id, inputs: given, outputs });
    };
    define(text);
    const invoke = async (payload: unknown = {}) => {
        const answer = await lambda.invoke(ROOT, "echo", payloadOf(JSON.stringify(payload)));
        const text = textOf(answer.payload);
        return { ...answer, payload: text, value: JSON.parse(text) };
    };
    open.push(lambda, { close: services.place.remove });
    return { services, lambda, define, invoke };
}

afterEach(() => {
    for (const each of open.splice(0)) each.close();
});

describe("a Lambda function", () => {
    it("is given the event and answers with what it returns", async () => {
        const { invoke } = setUp("exports.handler = async (event) => ({ seen: event })");
        const { value, functionError, requestId } = await invoke({ a: "é\u2028" });
        assert.deepStrictEqual([value, functionError], [{ seen: { a: "é\u2028" } }, undefined]);
        assert.match(requestId, UUID);
    });

    it("may return nothing, or a value without a promise", async () => {
        const { invoke, define } = setUp("exports.handler = async () => {}");
        assert.deepStrictEqual((await invoke()).payload, "null");
        define("exports.handler = () => 42");
        assert.deepStrictEqual((await invoke()).value, 42);
    });

    it("may call back on Node 22, and no longer on Node 24", async () => {
        const text = "exports.handler = (event, context, callback) => callback(null, event.n + 1)";
        const { invoke, define } = setUp(text, { runtime: "nodejs22.x" });
        assert.deepStrictEqual((await invoke({ n: 1 })).value, 2);
        define(text, { runtime: "nodejs24.x" });
        assert.deepStrictEqual((await invoke({ n: 1 })).value.errorType, "Runtime.CallbackHandlerDeprecated");
    });

    it("keeps its state between calls, as long as it is warm", async () => {
        const { invoke } = setUp("let calls = 0; exports.handler = async () => ++calls");
        assert.deepStrictEqual([(await invoke()).value, (await invoke()).value], [1, 2]);
    });

    it("starts anew when nobody has called for long", async () => {
        const clock = fakeClock();
        const { invoke } = setUp(
            "let calls = 0; exports.handler = async () => ++calls",
            {},
            { clock },
            { idleMs: 1000 },
        );
        await invoke();
        await clock.advance(999);
        assert.deepStrictEqual((await invoke()).value, 2);
        await clock.advance(1000);
        assert.deepStrictEqual((await invoke()).value, 1);
    });

    it("is new text from the next call on when it is changed, and a call under way ends in the old", async () => {
        const { invoke, define } = setUp(
            "exports.handler = async () => { await new Promise((resolve) => setTimeout(resolve, 50)); return 'old' }",
        );
        const slow = invoke();
        await new Promise((resolve) => setImmediate(resolve));
        define("exports.handler = async () => 'new'");
        assert.deepStrictEqual([(await invoke()).value, (await slow).value], ["new", "old"]);
    });

    it("runs beside itself, one call per worker, and reuses workers", async () => {
        const { invoke } = setUp(
            `const { threadId } = require("node:worker_threads");
             exports.handler = async () => { await new Promise((resolve) => setTimeout(resolve, 20)); return threadId }`,
            {},
            {},
            { workersPerFunction: 2 },
        );
        const threads = await Promise.all(Array.from({ length: 6 }, () => invoke()));
        assert.deepStrictEqual(new Set(threads.map(({ value }) => value)).size, 2);
    });

    it("is throttled beyond the concurrency that it reserves", async () => {
        const text = "exports.handler = () => new Promise((resolve) => setTimeout(resolve, 50, 'done'))";
        const { invoke, services, define } = setUp(text, { reservedConcurrentExecutions: 1 });
        const throttled = { code: "TooManyRequestsException", message: "Rate Exceeded.", status: 429 };
        const first = invoke();
        await assert.rejects(invoke(), throttled);
        assert.deepStrictEqual((await first).value, "done");
        assert.deepStrictEqual((await invoke()).value, "done");
        define(text, { reservedConcurrentExecutions: 0 });
        await assert.rejects(invoke(), throttled);
        assert.deepStrictEqual(services.metrics.sum("AWS/Lambda", "Throttles", { FunctionName: "echo" }), 2);
    });

    it("is counted and timed", async () => {
        const { invoke, services } = setUp("exports.handler = async (n) => { if (n > 1) throw new Error('no') }");
        await invoke(1);
        await invoke(2);
        const sum = (name: string) => services.metrics.sum("AWS/Lambda", name, { FunctionName: "echo" });
        assert.deepStrictEqual([sum("Invocations"), sum("Errors"), sum("Duration") > 0], [2, 1, true]);
    });

    it("sees Lambda's variables, its own, and none of this process", async () => {
        const { invoke } = setUp("exports.handler = async () => ({ ...process.env })", {
            environment: { variables: { TABLE: "orders" } },
            memorySize: 256,
        });
        const { value } = await invoke();
        assert.match(value.AWS_LAMBDA_LOG_STREAM_NAME, /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
        const key = value.AWS_ACCESS_KEY_ID;
        assert.match(key, /^ASIA/);
        assert.deepStrictEqual(value, {
            LANG: "en_US.UTF-8",
            PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
            TZ: ":UTC",
            TABLE: "orders",
            _HANDLER: "__index.handler",
            AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
            AWS_REGION: REGION,
            AWS_DEFAULT_REGION: REGION,
            AWS_LAMBDA_FUNCTION_NAME: "echo",
            AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
            AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
            AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
            AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/echo",
            AWS_LAMBDA_LOG_STREAM_NAME: value.AWS_LAMBDA_LOG_STREAM_NAME,
            AWS_ACCESS_KEY_ID: key,
            AWS_SECRET_ACCESS_KEY: key,
            AWS_SESSION_TOKEN: key,
            AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
            LAMBDA_TASK_ROOT: "/var/task",
            LAMBDA_RUNTIME_DIR: "/var/runtime",
        });
    });

    it("runs without the hooks and arguments of this process", async () => {
        const { invoke } = setUp(
            "exports.handler = async () => [process.execArgv, process.argv.length, !!require.extensions]",
        );
        assert.deepStrictEqual((await invoke()).value, [[], 2, false]);
    });

    it("is told about its call", async () => {
        const { invoke } = setUp(
            `exports.handler = async (event, { getRemainingTimeInMillis, ...context }) => {
                 const remaining = getRemainingTimeInMillis();
                 return { ...context, hasTime: remaining > 4000 && remaining <= 5000 };
             }`,
            { timeout: 5 },
        );
        const { value, requestId } = await invoke();
        assert.deepStrictEqual(value, {
            callbackWaitsForEmptyEventLoop: true,
            functionName: "echo",
            functionVersion: "$LATEST",
            memoryLimitInMB: "128",
            logGroupName: "/aws/lambda/echo",
            logStreamName: value.logStreamName,
            invokedFunctionArn: ARN,
            awsRequestId: requestId,
            hasTime: true,
        });
    });

    it("may require Node's modules, files of its archive and the SDK, and nothing else that is installed here", async () => {
        const { invoke } = setUp("", {
            code: {
                archive: {
                    "__index.js": `
                        const { S3Client } = require("@aws-sdk/client-s3");
                        const { sep } = require("node:path");
                        const { twice } = require("./lib/twice");
                        exports.handler = async (n) => [typeof S3Client, sep, twice(n), __filename]`,
                    "lib/twice.js": "const { factor } = require('./factor.json'); exports.twice = (n) => factor * n",
                    "lib/factor.json": '{ "factor": 2 }',
                },
            },
        });
        assert.deepStrictEqual((await invoke(4)).value, ["function", "/", 8, "/var/task/__index.js"]);
    });
});

describe("a Lambda function that fails", () => {
    const failure = async (text: string, inputs: Properties = {}) => {
        const { invoke } = setUp(text, inputs);
        const { value, functionError, requestId } = await invoke();
        return { value, functionError, requestId };
    };

    it("answers with the error that it throws, and stays warm", async () => {
        const { invoke, services } = setUp(
            "let n = 0; exports.handler = async () => { n++; throw Object.assign(new TypeError('no ' + n), { code: 7 }) }",
        );
        await invoke();
        const { value, functionError, requestId } = await invoke();
        assert.deepStrictEqual(functionError, "Unhandled");
        assert.deepStrictEqual(
            [value.errorType, value.errorMessage, value.trace[0]],
            ["TypeError", "no 2", "TypeError: no 2"],
        );
        assert.match(value.trace[1], /\/var\/task\/__index\.js:1:/);
        const line = services.logs.messages("/aws/lambda/echo").find((each) => each.includes(`${requestId}\tERROR`));
        const [, , , label, json] = String(line).split("\t");
        const { stack: _, ...logged } = JSON.parse(String(json));
        assert.deepStrictEqual(
            [label, logged],
            ["Invoke Error ", { errorType: "TypeError", errorMessage: "no 2", code: 7 }],
        );
    });

    it("may throw anything", async () => {
        const { value } = await failure("exports.handler = async () => { throw 'up' }");
        assert.deepStrictEqual(value, { errorType: "string", errorMessage: "up", trace: [] });
    });

    it("is ended when its time is up, even in an endless loop, and starts anew", async () => {
        const clock = fakeClock();
        const { invoke, services } = setUp(
            "let calls = 0; exports.handler = async (n) => { calls++; console.log('in'); if (n) for (;;); return calls }",
            { timeout: 3 },
            { clock },
        );
        await invoke(0);
        const looping = invoke(1);
        await new Promise((resolve) => setTimeout(resolve, 50));
        await clock.advance(3000);
        const { value, functionError, requestId } = await looping;
        assert.deepStrictEqual(
            [functionError, value],
            [
                "Unhandled",
                {
                    errorType: "Sandbox.Timedout",
                    errorMessage: `RequestId: ${requestId} Error: Task timed out after 3.00 seconds`,
                },
            ],
        );
        assert.deepStrictEqual((await invoke(0)).value, 1);
        const lines = services.logs.messages("/aws/lambda/echo").filter((line) => line.includes(requestId));
        assert.deepStrictEqual(
            lines.map((line) =>
                line.replace(/Max Memory Used: \d+/, "Max Memory Used: 1").replace(/^\S+T\S+Z/, "<time>"),
            ),
            [
                `START RequestId: ${requestId} Version: $LATEST`,
                `<time>\t${requestId}\tINFO\tin`,
                `<time> ${requestId} Task timed out after 3.00 seconds\n`,
                `END RequestId: ${requestId}`,
                `REPORT RequestId: ${requestId}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 1 MB\tStatus: timeout\t`,
            ],
        );
    });

    it("says so when it ends its process", async () => {
        const { value, requestId } = await failure("exports.handler = async () => process.exit(1)");
        const errorMessage = `RequestId: ${requestId} Error: Runtime exited with error: exit status 1`;
        assert.deepStrictEqual(value, { errorType: "Runtime.ExitError", errorMessage });
        const silent = await failure("exports.handler = async () => process.exit(0)");
        assert.deepStrictEqual(
            silent.value.errorMessage,
            `RequestId: ${silent.requestId} Error: Runtime exited without providing a reason`,
        );
    });

    it("is killed when it takes more memory than it has, and nothing else is", async () => {
        const text =
            "const all = []; exports.handler = async () => { for (let n = 0; ; n++) all.push({ n: String(n) }) }";
        const { value, requestId } = await failure(text, { timeout: 60 });
        const errorMessage = `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`;
        assert.deepStrictEqual(value, { errorType: "Runtime.ExitError", errorMessage });
    });

    for (const [title, text, expected] of [
        [
            "an exception that nobody catches",
            "exports.handler = () => new Promise(() => setImmediate(() => { throw new RangeError('late') }))",
            ["RangeError", "late"],
        ],
        [
            "a rejection that nobody handles",
            "exports.handler = () => new Promise(() => void Promise.reject(new Error('lost')))",
            ["Runtime.UnhandledPromiseRejection", "Error: lost"],
        ],
        [
            "a file that is not there",
            "require('./other')",
            ["Runtime.ImportModuleError", /^Error: Cannot find module '\.\/other'\n/],
        ],
        [
            "a package that is not there",
            "require('zod')",
            ["Runtime.ImportModuleError", /^Error: Cannot find module 'zod'\n/],
        ],
        ["text that is no JavaScript", "exports.handler = {", ["Runtime.UserCodeSyntaxError", /^SyntaxError: /]],
        ["an error while it is loaded", "throw new Error('at once')", ["Error", "at once"]],
        [
            "a handler that is not exported",
            "exports.other = 1",
            ["Runtime.HandlerNotFound", "__index.handler is undefined or not exported"],
        ],
        [
            "a handler that is none",
            "exports.handler = 1",
            ["Runtime.HandlerNotFound", "__index.handler is not a function"],
        ],
        [
            "an answer that is no JSON",
            "exports.handler = async () => ({ n: 1n })",
            ["Runtime.JSONStringifyError", "Unable to stringify response body"],
        ],
        [
            "an answer that is too long",
            "exports.handler = async () => 'x'.repeat(6291556)",
            [
                "Function.ResponseSizeTooLarge",
                "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
            ],
        ],
    ] as const) {
        it(`answers with Lambda's error for ${title}`, async () => {
            const { invoke, define } = setUp(text);
            const { value, functionError } = await invoke();
            assert.deepStrictEqual([functionError, value.errorType], ["Unhandled", expected[0]]);
            assert.deepStrictEqual((await invoke()).value.errorType, expected[0]);
            define("exports.handler = async () => 'well'");
            assert.deepStrictEqual((await invoke()).value, "well");
            if (typeof expected[1] === "string") assert.deepStrictEqual(value.errorMessage, expected[1]);
            else assert.match(value.errorMessage, expected[1]);
        });
    }

    it("gets and gives long texts as they are", async () => {
        const { invoke } = setUp("exports.handler = async (event) => event");
        const event = { text: `"\\${"é€𝄞x".repeat(50_000)}\n` };
        assert.deepStrictEqual((await invoke(event)).value, event);
    });

    it("may answer with as many bytes as Lambda takes", async () => {
        const { invoke } = setUp("exports.handler = async () => 'x'.repeat(6291554)");
        const { payload, functionError } = await invoke();
        assert.deepStrictEqual([payload.length, functionError], [6_291_556, undefined]);
    });
});

describe("the log of a Lambda function", () => {
    const text = `
        exports.handler = async () => {
            console.log("count: %d", 2, { a: 1 });
            console.debug("fine");
            console.error(new RangeError("no"));
            process.stdout.write("raw\\nlines\\n");
        }`;

    it("has the lines that Lambda writes, as text", async () => {
        const { invoke, services } = setUp(text);
        const { requestId } = await invoke();
        const lines = services.logs
            .messages("/aws/lambda/echo")
            .map((line) => line.replace(/\d+-\d+-\d+T[\d:.]+Z/, "<time>").replace(/[\d.]+ (ms|MB)/g, "1 $1"));
        assert.match(String(lines[3]), /^<time>\t.*\tERROR\tRangeError: no\n {4}at /);
        assert.deepStrictEqual(lines.with(3, "an error"), [
            `START RequestId: ${requestId} Version: $LATEST`,
            `<time>\t${requestId}\tINFO\tcount: 2 { a: 1 }`,
            `<time>\t${requestId}\tDEBUG\tfine`,
            "an error",
            "raw",
            "lines",
            `END RequestId: ${requestId}`,
            `REPORT RequestId: ${requestId}\tDuration: 1 ms\tBilled Duration: 1 ms\tMemory Size: 1 MB\tMax Memory Used: 1 MB\tInit Duration: 1 ms\t`,
        ]);
    });

    it("has the lines that Lambda writes, as JSON, of the levels that are asked for", async () => {
        const loggingConfig = {
            logFormat: "JSON",
            logGroup: "own",
            applicationLogLevel: "INFO",
            systemLogLevel: "INFO",
        };
        const { invoke, services } = setUp(text, { loggingConfig });
        const { requestId } = await invoke();
        const lines = services.logs.messages("own");
        assert.deepStrictEqual(lines.slice(3, 5), ["raw", "lines"]);
        const [start, info, error, report] = [0, 1, 2, 5].map((at) => JSON.parse(String(lines[at])));
        assert.deepStrictEqual([start.type, start.record], ["platform.start", { requestId, version: "$LATEST" }]);
        assert.deepStrictEqual(
            { ...info, timestamp: "" },
            { timestamp: "", level: "INFO", requestId, message: "count: 2 { a: 1 }" },
        );
        const { stackTrace, ...message } = error.message;
        assert.deepStrictEqual([error.level, message], ["ERROR", { errorType: "RangeError", errorMessage: "no" }]);
        assert.deepStrictEqual(stackTrace[0], "RangeError: no");
        assert.deepStrictEqual([report.type, report.record.status], ["platform.report", "success"]);
        assert.deepStrictEqual(Object.keys(report.record.metrics), [
            "durationMs",
            "billedDurationMs",
            "memorySizeMB",
            "maxMemoryUsedMB",
            "initDurationMs",
        ]);
    });

    it("has what the handler threw as an object, where it is JSON", async () => {
        const { invoke, services } = setUp("exports.handler = async () => { throw new RangeError('no') }", {
            loggingConfig: { logFormat: "JSON", systemLogLevel: "WARN" },
        });
        const { requestId } = await invoke();
        const [thrown] = services.logs.messages("/aws/lambda/echo").map((line) => JSON.parse(line));
        const { stackTrace, ...message } = thrown.message;
        assert.deepStrictEqual(message, { errorType: "RangeError", errorMessage: "no" });
        assert.deepStrictEqual([thrown.level, thrown.requestId, stackTrace[0]], ["ERROR", requestId, "RangeError: no"]);
    });

    it("has of Lambda's own lines only those of failed calls, at the level WARN", async () => {
        const loggingConfig = { logFormat: "JSON", systemLogLevel: "WARN" };
        const { invoke, services } = setUp("exports.handler = async (fail) => { if (fail) process.exit(3) }", {
            loggingConfig,
        });
        await invoke(false);
        assert.deepStrictEqual(services.logs.messages("/aws/lambda/echo"), []);
        await invoke(true);
        const [report] = services.logs.messages("/aws/lambda/echo").map((line) => JSON.parse(line));
        assert.deepStrictEqual([report.record.status, report.record.errorType], ["error", "Runtime.ExitError"]);
    });

    it("is lost, and the call succeeds, where the role may not write it", async () => {
        const logs = {
            putLogEvents: (caller: { arn: string }) => {
                throw serviceError("AccessDeniedException", `User: ${caller.arn} is not authorized`);
            },
        };
        const { invoke } = setUp("exports.handler = async () => console.log('lost')", {}, { logs });
        assert.deepStrictEqual((await invoke()).functionError, undefined);
    });

    it("is written by the function's role", async () => {
        const callers: string[] = [];
        const logs = { putLogEvents: (caller: { arn: string }) => void callers.push(caller.arn) };
        const { invoke } = setUp("exports.handler = async () => {}", {}, { logs });
        await invoke();
        assert.deepStrictEqual(callers, [`arn:aws:sts::${ACCOUNT}:assumed-role/worker/echo`]);
    });

    it("reaches the log in parts while a call that writes much is under way", async () => {
        const { invoke, services } = setUp(
            "exports.handler = async () => { for (let n = 0; n < 1000; n++) console.log(n) }",
        );
        await invoke();
        assert.deepStrictEqual(services.logs.messages("/aws/lambda/echo").length, 1003);
    });
});

describe("an asynchronous call of a Lambda function", () => {
    it("is answered at once, and tried three times with the same request id", async () => {
        const clock = fakeClock();
        const { lambda, services } = setUp("exports.handler = async () => { throw new Error('no') }", {}, { clock });
        const { payload, requestId } = await lambda.invoke(ROOT, "echo", "{}", "Event");
        assert.deepStrictEqual(payload, "");
        const starts = () =>
            services.logs
                .messages("/aws/lambda/echo")
                .filter((line) => line.startsWith(`START RequestId: ${requestId}`)).length;
        const ended = (times: number) => until(() => services.metrics.sum("AWS/Lambda", "Errors") === times);
        await ended(1);
        await clock.advance(59_999);
        assert.deepStrictEqual(starts(), 1);
        await clock.advance(1);
        await ended(2);
        await clock.advance(120_000);
        await ended(3);
        await clock.advance(6 * 3_600_000);
        assert.deepStrictEqual([starts(), services.metrics.sum("AWS/Lambda", "AsyncEventsDropped")], [3, 1]);
    });

    it("is tried as often as the function's configuration says", async () => {
        const { lambda, services } = setUp("exports.handler = async () => { throw new Error('no') }");
        services.resources.put({
            type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
            id: ARN,
            inputs: { functionName: ARN, maximumRetryAttempts: 0 },
        });
        await lambda.invoke(ROOT, "echo", "{}", "Event");
        await until(() => services.metrics.sum("AWS/Lambda", "AsyncEventsDropped") === 1);
        assert.deepStrictEqual(services.metrics.sum("AWS/Lambda", "Invocations"), 1);
    });

    it("is made after a restart, with the tries that are left, where it has not ended", async () => {
        const clock = fakeClock();
        const { lambda, services } = setUp("exports.handler = async () => { throw new Error('no') }", {}, { clock });
        await lambda.invoke(ROOT, "echo", '{"a":1}', "Event");
        await until(() => services.metrics.sum("AWS/Lambda", "Errors") === 1);
        await clock.advance(0);
        lambda.close();
        const again = createLambda(services);
        open.push(again);
        again.start();
        await until(() => services.metrics.sum("AWS/Lambda", "Errors") === 2);
        await clock.advance(120_000);
        await until(() => services.metrics.sum("AWS/Lambda", "AsyncEventsDropped") === 1);
        assert.deepStrictEqual(services.metrics.sum("AWS/Lambda", "Invocations"), 3);
        again.close();
        const third = createLambda(services);
        open.push(third);
        third.start();
        await clock.advance(3_600_000);
        assert.deepStrictEqual(services.metrics.sum("AWS/Lambda", "Invocations"), 3);
    });

    it("waits while the function is throttled", async () => {
        const clock = fakeClock();
        const { lambda, services, define } = setUp(
            "exports.handler = async () => {}",
            { reservedConcurrentExecutions: 0 },
            { clock },
        );
        await lambda.invoke(ROOT, "echo", "{}", "Event");
        await until(() => services.metrics.sum("AWS/Lambda", "Throttles") === 1);
        define("exports.handler = async () => {}", { reservedConcurrentExecutions: 1 });
        await clock.advance(1000);
        await until(() => services.metrics.sum("AWS/Lambda", "Invocations") === 1);
    });
});

describe("Lambda", () => {
    const text =
        "exports.handler = async (event) => { console.log('hi'); if (event.fail) throw new Error('no'); return event }";

    async function served(iam = permissiveIam()) {
        const { lambda, services } = setUp(text, {}, { iam });
        const server = await serve({ iam, http: { lambda: lambda.handle } });
        const client = new LambdaClient(server.client);
        open.push({ close: () => client.destroy() }, { close: () => void server.close() });
        const invoke = async (Payload: string, more = {}) => {
            const answer = await client.send(new InvokeCommand({ FunctionName: "echo", Payload, ...more }));
            return { ...answer, text: Buffer.from(answer.Payload ?? []).toString() };
        };
        return { lambda, services, server, client, invoke };
    }

    it("is called through the SDK", async () => {
        const { invoke } = await served();
        const { StatusCode, FunctionError, ExecutedVersion, LogResult, text } = await invoke('{"a":1}');
        assert.deepStrictEqual(
            { StatusCode, FunctionError, ExecutedVersion, LogResult, text },
            {
                StatusCode: 200,
                FunctionError: undefined,
                ExecutedVersion: "$LATEST",
                LogResult: undefined,
                text: '{"a":1}',
            },
        );
    });

    it("gives the end of the log to those who ask for it, and marks what failed", async () => {
        const { invoke } = await served();
        const { FunctionError, LogResult, text } = await invoke('{"fail":true}', { LogType: "Tail" });
        const log = Buffer.from(String(LogResult), "base64").toString();
        assert.deepStrictEqual([FunctionError, JSON.parse(text).errorMessage], ["Unhandled", "no"]);
        assert.match(log, /^START RequestId: .*\n.*\tINFO\thi\n[\s\S]*\nEND RequestId: .*\nREPORT RequestId: .*\n$/);
    });

    it("takes events without waiting for them, and checks without calling", async () => {
        const { invoke, services } = await served();
        for (const [InvocationType, status] of [
            ["DryRun", 204],
            ["Event", 202],
        ] as [InvocationType, number][]) {
            const { StatusCode, text } = await invoke("{}", { InvocationType });
            assert.deepStrictEqual([StatusCode, text], [status, ""]);
        }
        await until(() => services.metrics.sum("AWS/Lambda", "Invocations") === 1);
    });

    it("refuses what AWS refuses, in its words", async () => {
        const { invoke, client } = await served();
        await assert.rejects(client.send(new InvokeCommand({ FunctionName: "none" })), {
            name: "ResourceNotFoundException",
            message: `Function not found: arn:aws:lambda:${REGION}:${ACCOUNT}:function:none`,
        });
        await assert.rejects(invoke("{}", { Qualifier: "7" }), {
            name: "ResourceNotFoundException",
            message: `Function not found: ${ARN}:7`,
        });
        await assert.rejects(invoke("{", {}), { name: "InvalidRequestContentException" });
        await assert.rejects(invoke(JSON.stringify("x".repeat(6_291_455))), {
            name: "RequestTooLargeException",
            message: "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
        });
        await assert.rejects(invoke(JSON.stringify("x".repeat(1_048_575)), { InvocationType: "Event" }), {
            name: "RequestTooLargeException",
            message: "Request must be smaller than 1048576 bytes for the InvokeFunction operation",
        });
    });

    it("describes its functions", async () => {
        const { client } = await served();
        const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName: ARN }));
        const { Functions } = await client.send(new ListFunctionsCommand({}));
        assert.deepStrictEqual(Functions, [Configuration]);
        const { FunctionName, FunctionArn, Handler, Runtime, Timeout, MemorySize, State } = Configuration ?? {};
        assert.deepStrictEqual(
            { FunctionName, FunctionArn, Handler, Runtime, Timeout, MemorySize, State },
            {
                FunctionName: "echo",
                FunctionArn: ARN,
                Handler: "__index.handler",
                Runtime: "nodejs24.x",
                Timeout: 3,
                MemorySize: 128,
                State: "Active",
            },
        );
    });

    it("lets a function call other services, as its role", async () => {
        const callers: string[] = [];
        const iam = iamWith((caller, action, resource) => {
            callers.push(`${caller.arn} ${action} ${resource}`);
            return true;
        });
        const { lambda, services, define } = setUp("", {}, { iam });
        const s3 = createS3(services);
        services.resources.put({ type: "aws:s3/bucket:Bucket", id: "lake", inputs: { bucket: "lake" } });
        const server = await serve({ iam, http: { s3: s3.handle } });
        services.place.listens(server.endpoint);
        define(`
            const { PutObjectCommand, S3Client } = require("@aws-sdk/client-s3");
            const client = new S3Client();
            exports.handler = async ({ text }) => {
                await client.send(new PutObjectCommand({ Bucket: "lake", Key: "a", Body: text }));
            }`);
        const { payload } = await lambda.invoke(ROOT, "echo", '{"text":"one"}');
        await server.close();
        assert.deepStrictEqual(payload, "null");
        assert.deepStrictEqual(callers.slice(1), [
            `arn:aws:sts::${ACCOUNT}:assumed-role/worker/echo s3:PutObject arn:aws:s3:::lake/a`,
        ]);
        assert.deepStrictEqual(String(await s3.getObject(ROOT, "lake", "a")), "one");
    });

    it("ends the calls under way when it is closed, and takes no more", async () => {
        const { lambda, invoke } = setUp(
            "exports.handler = () => new Promise(() => {})",
            {},
            {},
            { workersPerFunction: 1 },
        );
        const [call, waiting] = [invoke(), invoke()];
        await new Promise((resolve) => setImmediate(resolve));
        lambda.close();
        const closed = { code: "ServiceException", message: "The local Lambda has been closed." };
        await assert.rejects(waiting, closed);
        assert.deepStrictEqual((await call).value.errorType, "Runtime.ExitError");
        await assert.rejects(invoke(), closed);
    });

    it("is closed to those who do not sign", async () => {
        const { server } = await served();
        const answer = await fetch(`${server.endpoint}/2015-03-31/functions/echo/invocations`, { method: "POST" });
        assert.deepStrictEqual(
            [answer.status, answer.headers.get("x-amzn-errortype")],
            [403, "MissingAuthenticationTokenException"],
        );
    });

    it("asks for the permission on the very ARN that is called", async () => {
        const asked: string[] = [];
        const { lambda } = setUp(
            text,
            {},
            {
                iam: iamWith((_caller, action, resource) => {
                    asked.push(`${action} ${resource}`);
                    return !resource.endsWith("$LATEST");
                }),
            },
        );
        const caller = { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/x/y` };
        await lambda.invoke(caller, "echo", "{}");
        await lambda.invoke(caller, ARN, "{}");
        await lambda.invoke(caller, `${ACCOUNT}:function:echo`, "{}");
        await assert.rejects(lambda.invoke(caller, `${ARN}:$LATEST`, "{}"), {
            message: `User: ${caller.arn} is not authorized to perform: lambda:InvokeFunction on resource: ${ARN}:$LATEST because no identity-based policy allows the lambda:InvokeFunction action`,
        });
        const bare = `lambda:InvokeFunction ${ARN}`;
        assert.deepStrictEqual(asked, [bare, bare, bare, `${bare}:$LATEST`]);
    });

    it("tells a missing permission as AWS does", async () => {
        const { client } = await served(iamWith(() => false));
        await assert.rejects(client.send(new InvokeCommand({ FunctionName: "echo" })), {
            name: "AccessDeniedException",
            message: `User: ${ROOT.arn} is not authorized to perform: lambda:InvokeFunction on resource: ${ARN} because no identity-based policy allows the lambda:InvokeFunction action`,
        });
    });

    it("lets services in by the function's policy", () => {
        const { lambda } = setUp(text, {}, { iam: iamWith((caller) => caller.arn === "events.amazonaws.com") });
        assert.deepStrictEqual(lambda.permits("echo", "events.amazonaws.com", "arn:aws:events:x"), true);
        assert.deepStrictEqual(lambda.permits("echo", "apigateway.amazonaws.com", "arn:aws:execute-api:x"), false);
    });
});

/** Waits until something holds, for at most five seconds. */
async function until(holds: () => boolean): Promise<void> {
    for (let tries = 0; !holds(); tries++) {
        assert.ok(tries < 1000, "It took too long.");
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
}
