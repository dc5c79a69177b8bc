import * as assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { firehoseTransform } from "../../functions/firehose-transform";
import { defineDataset } from "../../schema/dataset";
import { validatorSource } from "../../schema/validator";
import { ACCOUNT, REGION } from "../../tests/support/computed-outputs";
import { deployedFiles, start } from "../../tests/support/deployed";
import { type Recorded, type Recording, record } from "../../tests/support/mocks";
import { CallbackFunction, type CallbackFunctionArgs } from "./callback-function";
import { type HandlerSource, handlerSource } from "./handler-source";

const LOG_GROUP = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/tributary-test-greet`;

/** A handler that answers with what it was made from. */
const echo: HandlerSource = {
    factory: "echo",
    text: "exports = module.exports = { echo: (options) => async (event) => ({ options, event, os: require('node:os').EOL }) };",
    options: { greeting: "hi", list: [1, { deep: null }] },
};

function make(args: Omit<CallbackFunctionArgs, "handler"> = {}): Promise<Recording<CallbackFunction>> {
    return record(() => new CallbackFunction("greet", { handler: echo, ...args }));
}

function document(resource: Recorded, property: string): unknown {
    return JSON.parse(resource.inputs[property] as string);
}

describe("CallbackFunction", () => {
    it("makes a log group, a role with one policy, and a function, all named after it", async () => {
        const { resources } = await make();
        assert.deepStrictEqual(resources.map(({ type, name }) => [type, name]).sort(), [
            ["aws:cloudwatch/logGroup:LogGroup", "greet-log"],
            ["aws:iam/role:Role", "greet-role"],
            ["aws:iam/rolePolicy:RolePolicy", "greet-role-policy"],
            ["aws:lambda/function:Function", "greet"],
            ["pulumi:pulumi:Stack", "tributary-test"],
            ["tributary:blocks:CallbackFunction", "greet"],
            ["tributary:blocks:ServiceRole", "greet-role"],
        ]);
    });

    it("lets Lambda work with the role for this account alone", async () => {
        const { find } = await make();
        assert.deepStrictEqual(document(find("aws:iam/role:Role"), "assumeRolePolicy"), {
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Allow",
                    Principal: { Service: "lambda.amazonaws.com" },
                    Action: "sts:AssumeRole",
                    Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
                },
            ],
        });
    });

    it("allows the function to write its own log and what the caller says, and no more", async () => {
        const table = pulumi.output("arn:aws:dynamodb:us-east-1:000000000000:table/greetings");
        const { find, all } = await make({ allow: [{ actions: ["dynamodb:PutItem"], resources: [table] }] });
        assert.deepStrictEqual(document(find("aws:iam/rolePolicy:RolePolicy"), "policy"), {
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Allow",
                    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                    Resource: [`${LOG_GROUP}:*`],
                },
                {
                    Effect: "Allow",
                    Action: ["dynamodb:PutItem"],
                    Resource: ["arn:aws:dynamodb:us-east-1:000000000000:table/greetings"],
                },
            ],
        });
        assert.deepStrictEqual(all("aws:iam/rolePolicyAttachment:RolePolicyAttachment"), []);
    });

    it("gives the function everything explicitly, and a log group that expires", async () => {
        const { find } = await make({ environment: { TABLE: pulumi.output("greetings") }, logRetentionDays: 7 });
        const { code, role, ...inputs } = find("aws:lambda/function:Function").inputs;
        assert.deepStrictEqual(inputs, {
            handler: "__index.handler",
            runtime: "nodejs24.x",
            architectures: ["arm64"],
            memorySize: 512,
            timeout: 60,
            environment: { variables: { TABLE: "greetings" } },
            loggingConfig: {
                logGroup: "/aws/lambda/tributary-test-greet",
                logFormat: "JSON",
                applicationLogLevel: "INFO",
                systemLogLevel: "WARN",
            },
        });
        assert.deepStrictEqual(find("aws:cloudwatch/logGroup:LogGroup").inputs, {
            name: "/aws/lambda/tributary-test-greet",
            retentionInDays: 7,
        });
    });

    it("makes the function only once its role may do what it needs", async () => {
        const { find } = await make();
        assert.ok(
            find("aws:lambda/function:Function").dependencies.includes(
                "aws:iam/rolePolicy:RolePolicy::greet-role-policy",
            ),
        );
    });

    it("passes on memory, timeout and reserved concurrency", async () => {
        const { find } = await make({ memorySize: 1769, timeoutSeconds: 300, reservedConcurrency: 2 });
        const { memorySize, timeout, reservedConcurrentExecutions } = find("aws:lambda/function:Function").inputs;
        assert.deepStrictEqual([memorySize, timeout, reservedConcurrentExecutions], [1769, 300, 2]);
    });

    it("lets the caller change the arguments of its log group and its function", async () => {
        const { find } = await make({
            transform: { logGroup: { skipDestroy: true }, function: (args) => ({ ...args, description: "Greets." }) },
        });
        assert.equal(find("aws:cloudwatch/logGroup:LogGroup").inputs.skipDestroy, true);
        assert.equal(find("aws:lambda/function:Function").inputs.description, "Greets.");
    });

    it("can be made in a preview, when nothing is known yet", async () => {
        const { find } = await record(() => new CallbackFunction("greet", { handler: echo }), { preview: true });
        assert.equal(find("aws:lambda/function:Function").inputs.runtime, "nodejs24.x");
    });

    it("can be made many times over in one program", async () => {
        const names = Array.from({ length: 20 }, (_, index) => `greet-${index}`);
        const { all } = await record(() => names.map((name) => new CallbackFunction(name, { handler: echo })));
        const groups = all("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs.name);
        assert.equal(new Set(groups).size, 20);
    });
});

describe("The archive of a function", () => {
    it("holds __index.js alone", async () => {
        assert.deepStrictEqual(Object.keys(await deployedFiles(echo)), ["__index.js"]);
    });

    it("is at most 32 KB for the largest handler", async () => {
        const type = {
            struct: Array.from({ length: 10 }, (_, index) => ({ name: `f${index}`, type: "timestamp" as const })),
        };
        const columns = Array.from({ length: 10 }, (_, index) => ({ name: `c${index}`, type }));
        const dataset = defineDataset({ name: "wide", columns });
        const handler = handlerSource(firehoseTransform, { dataset, validator: validatorSource(dataset) });
        const [text] = Object.values(await deployedFiles(handler));
        assert.ok(deflateRawSync(text ?? "").length < 32 * 1024 - 200);
    });

    it("is the handler, with its options and Node's modules, outside of the serializer's blocks", async () => {
        const handler = start<unknown, unknown>(await deployedFiles(echo));
        assert.deepStrictEqual(await handler({ name: "ann" }), {
            options: echo.options,
            event: { name: "ann" },
            os: "\n",
        });
    });

    it("is the same text each time that the program is evaluated", async () => {
        assert.deepStrictEqual(await deployedFiles(echo), await deployedFiles(echo));
    });
});
