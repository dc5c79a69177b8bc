import * as assert from "node:assert/strict";
import { ACCOUNT, fakeServices, permissiveIam, REGION } from "../../tests/support/local";
import { serviceError } from "../errors";
import type { Binding, Properties } from "../resources";
import { lambdaBindings } from "./bindings";

const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:echo`;
const INPUTS = {
    name: "echo",
    role: `arn:aws:iam::${ACCOUNT}:role/worker`,
    runtime: "nodejs24.x",
    handler: "__index.handler",
    code: { archive: { "__index.js": "exports.handler = async () => 1" } },
};

function bindings(iam = permissiveIam()) {
    const services = fakeServices({ iam });
    services.place.remove();
    return lambdaBindings(services);
}

function binding(kind: string, iam = permissiveIam()): Binding {
    const found = bindings(iam)[`aws:lambda/${kind}`];
    assert.ok(found);
    return found;
}

describe("the binding of a Lambda function", () => {
    const create = async (inputs: Properties = {}) =>
        binding("function:Function").create({ ...INPUTS, ...inputs }, "echo");
    const check = (inputs: Properties) => binding("function:Function").check?.({ ...INPUTS, ...inputs });

    it("gives what AWS gives, and the name as id", async () => {
        const { id, outputs } = await create({ tags: { a: "b" }, loggingConfig: { logFormat: "JSON" } });
        const { codeSha256, sourceCodeSize, ...rest } = outputs;
        assert.match(String(codeSha256), /^[A-Za-z0-9+/]{43}=$/);
        assert.deepStrictEqual(typeof sourceCodeSize, "number");
        assert.deepStrictEqual(
            [id, rest],
            [
                "echo",
                {
                    ...INPUTS,
                    architectures: ["x86_64"],
                    arn: ARN,
                    ephemeralStorage: { size: 512 },
                    invokeArn: `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${ARN}/invocations`,
                    lastModified: "2026-11-20T12:00:00.000+0000",
                    loggingConfig: {
                        logFormat: "JSON",
                        logGroup: "/aws/lambda/echo",
                        applicationLogLevel: "INFO",
                        systemLogLevel: "INFO",
                    },
                    memorySize: 128,
                    packageType: "Zip",
                    publish: false,
                    qualifiedArn: `${ARN}:$LATEST`,
                    qualifiedInvokeArn: `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${ARN}:$LATEST/invocations`,
                    region: REGION,
                    reservedConcurrentExecutions: -1,
                    skipDestroy: false,
                    sourceCodeHash: codeSha256,
                    tags: { a: "b" },
                    tagsAll: { a: "b" },
                    timeout: 3,
                    tracingConfig: { mode: "PassThrough" },
                    version: "$LATEST",
                },
            ],
        );
    });

    it("gives a hash that changes with the code", async () => {
        const hashes = await Promise.all(
            ["1", "2", "1"].map(
                async (n) => (await create({ code: { archive: { "__index.js": n } } })).outputs.codeSha256,
            ),
        );
        assert.deepStrictEqual([hashes[0] === hashes[1], hashes[0] === hashes[2]], [false, true]);
    });

    it("refuses a role that Lambda cannot take", async () => {
        const iam = {
            ...permissiveIam(),
            assume: () => {
                throw serviceError("AccessDenied", "no", 403);
            },
        };
        assert.throws(() => binding("function:Function", iam).create(INPUTS, "echo"), {
            code: "InvalidParameterValueException",
            message: "The role defined for the function cannot be assumed by Lambda.",
        });
    });

    it("refuses what would be another function on AWS than here", async () => {
        await assert.rejects(create({ layers: ["arn"] }), {
            code: "LocalUnsupported",
            message: '"layers" of a Lambda function is not supported by the local runtime.',
        });
        await assert.rejects(create({ publish: true }), {
            message: "A published version of a Lambda function is not supported by the local runtime.",
        });
    });

    it("finds nothing wrong with what is right", () => {
        const variables = { A1: "x".repeat(4000) };
        assert.deepStrictEqual(check({ timeout: 900, memorySize: 10_240, environment: { variables } }), []);
    });

    for (const [title, inputs, sentence] of [
        [
            "a runtime that does not run here",
            { runtime: "python3.13" },
            'The runtime "python3.13" does not run locally. Those that do are: nodejs22.x, nodejs24.x.',
        ],
        [
            "a handler without an export",
            { handler: "index" },
            'The handler "index" must have the form "<file>.<export>".',
        ],
        [
            "a handler whose file is not in the archive",
            { handler: "index.handler" },
            'The code has no file "index.js" for the handler "index.handler". Its files are: __index.js.',
        ],
        ["no time", { timeout: 0 }, "expected timeout to be in the range (1 - 900), got 0"],
        ["too much memory", { memorySize: 10_241 }, "expected memorySize to be in the range (128 - 10240), got 10241"],
        [
            "a variable that Lambda sets",
            { environment: { variables: { AWS_REGION: "x", OWN: "y" } } },
            "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION",
        ],
        [
            "a variable without a proper name",
            { environment: { variables: { "A-B": "x" } } },
            '"A-B" is no name for an environment variable: a letter, then letters, digits and "_", at least two in all.',
        ],
        [
            "too many variables",
            { environment: { variables: { AB: "x".repeat(4096) } } },
            "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit: 4105 bytes.",
        ],
        [
            "levels of a log that has none",
            { loggingConfig: { logFormat: "Text", applicationLogLevel: "WARN" } },
            "loggingConfig: log levels can be chosen only where logFormat is JSON.",
        ],
    ] as [string, Properties, string][]) {
        it(`refuses ${title}`, () => assert.deepStrictEqual(check(inputs), [sentence]));
    }
});

describe("the bindings of a function's settings", () => {
    it("name a permission by its statement", async () => {
        const inputs = {
            action: "lambda:InvokeFunction",
            function: "echo",
            principal: "events.amazonaws.com",
            statementId: "a-1",
        };
        assert.deepStrictEqual(await binding("permission:Permission").create(inputs, "a"), {
            id: "a-1",
            outputs: inputs,
        });
    });

    it("name the configuration of asynchronous calls by the function", async () => {
        const config = binding("functionEventInvokeConfig:FunctionEventInvokeConfig");
        assert.deepStrictEqual(await config.create({ functionName: ARN, maximumEventAgeInSeconds: 60 }, "a"), {
            id: ARN,
            outputs: { functionName: ARN, maximumEventAgeInSeconds: 60, maximumRetryAttempts: 2 },
        });
        assert.deepStrictEqual(config.check?.({ functionName: ARN, maximumRetryAttempts: 3 }), [
            "expected maximumRetryAttempts to be in the range (0 - 2), got 3",
        ]);
        assert.throws(() => config.create({ functionName: ARN, destinationConfig: {} }, "a"), {
            message: "A destination of a function's asynchronous calls is not supported by the local runtime.",
        });
    });
});
