import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { readProgram } from "../../local/program/stack-config";
import { registry } from "../../stacks/registry";
import type { StackOutputs } from "../../stacks/stack";
import { type Recording, record, resolved, valueAt } from "../support/mocks";

const ROOT = path.join(__dirname, "../..");
const INDEX = path.join(ROOT, "index.ts");

/** Evaluates index.ts with the config of one of the stacks that are part of the project. */
function evaluated(stack: string): Promise<Recording<StackOutputs>> {
    delete require.cache[INDEX];
    return record(() => require(INDEX) as StackOutputs, { stack, config: readProgram(ROOT, stack).config });
}

describe("The stack local", () => {
    let local: Recording<StackOutputs>;
    before(async () => {
        local = await evaluated("local");
    });

    it("selects every pipeline", async () => {
        const pipelines = await Promise.all(Object.values(local.outputs.pipelines).map((outputs) => resolved(outputs)));
        assert.deepEqual(pipelines.map(({ kind }) => kind).sort(), Object.keys(registry).sort());
    });

    it("delivers every second", () => {
        for (const stream of local.all("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")) {
            const destination =
                stream.inputs.destination === "iceberg" ? "icebergConfiguration" : "extendedS3Configuration";
            assert.ok((valueAt(stream, `${destination}.bufferingInterval`) as number) <= 1);
        }
    });

    it("may be thrown away", () => {
        assert.deepEqual(
            local.resources.filter(({ protect }) => protect),
            [],
        );
    });
});

describe("The stack prod", () => {
    it("takes signed requests only, and protects the data", async () => {
        const prod = await evaluated("prod");
        for (const api of prod.all("aws:apigateway/restApi:RestApi")) {
            assert.deepEqual(valueAt(api, "body.paths./streams.get.security"), [{ sigv4: [] }]);
        }
        assert.ok(prod.find("aws:s3/bucket:Bucket").protect);
    });
});

for (const stack of ["local", "dev", "prod"]) {
    describe(`The stack ${stack}`, () => {
        const text = fs.readFileSync(path.join(ROOT, `Pulumi.${stack}.yaml`), "utf8");

        it("gives what a user needs of each pipeline, and where its events go in", async () => {
            const { outputs } = await evaluated(stack);
            const { endpoints, pipelines } = await resolved({ ...outputs });
            const url = "https://api0000001.execute-api.us-east-1.amazonaws.com/v1";
            const names = Object.keys(pipelines);
            // Likes go in by their delivery stream, payments by their bus.
            const withApi = names.filter((name) => name !== "likes" && name !== "event-lake");
            assert.deepEqual(endpoints, Object.fromEntries(withApi.map((name) => [name, url])));
            assert.deepEqual(
                names,
                stack === "local"
                    ? ["web-analytics", "likes", "orders", "event-lake", "saas-metering"]
                    : ["web-analytics"],
            );
        });

        it("says in words when it lets everyone in", () => {
            assert.equal(
                /mode: none/.test(text),
                /What it opens:[^\n]*\n[^\n]*without credentials|What it opens:[^\n]*without credentials/.test(text),
            );
        });
    });
}

describe("Pulumi.yaml", () => {
    const project = yaml.load(fs.readFileSync(path.join(ROOT, "Pulumi.yaml"), "utf8")) as {
        config: Record<string, { type: string; description?: string; default?: unknown }>;
    };

    it("describes every key that a stack may set, with a type that Pulumi knows", () => {
        const keys = ["alarmEmail", "disposable", "lakeFormation", "logRetentionDays", "pipelines", "tags"];
        assert.deepEqual(Object.keys(project.config).sort(), keys);
        for (const [key, { type, description }] of Object.entries(project.config)) {
            assert.ok(["array", "boolean", "integer", "object", "string"].includes(type), key);
            assert.ok((description ?? "").length > 20, key);
        }
    });

    it("asks for the pipelines and nothing else: the other keys have the defaults of the settings", async () => {
        const defaults = Object.entries(project.config).flatMap(([key, { default: value }]) =>
            value === undefined ? [] : [[key, value]],
        );
        assert.deepEqual(Object.fromEntries(defaults), {
            disposable: false,
            alarmEmail: "",
            logRetentionDays: 30,
            lakeFormation: "off",
            tags: {},
        });
    });
});
