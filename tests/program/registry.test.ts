import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { deflateRawSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { registry } from "../../stacks/registry";
import { readSettings } from "../../stacks/settings";
import { createStack, type StackOutputs } from "../../stacks/stack";
import { examplesByKind } from "../support/examples";
import { type Recorded, type Recording, record, resolved, UNKNOWN, valueAt } from "../support/mocks";

const kinds = Object.keys(registry);

/** Evaluates a stack of these pipelines as index.ts does. */
function stackOf(
    pipelines: unknown,
    config: Readonly<Record<string, unknown>> = {},
    preview = false,
): Promise<Recording<StackOutputs>> {
    return record(() => createStack(readSettings(pulumi.runtime.allConfig())), {
        config: { "tributary:pipelines": pipelines, ...config },
        preview,
    });
}

describe("The registry", () => {
    it("has a line for every folder of a pipeline, and a folder for every line", () => {
        const folders = fs.readdirSync(path.join(__dirname, "../../components")).filter((name) => name !== "blocks");
        assert.deepEqual(folders.sort(), [...kinds].sort());
    });
});

for (const kind of kinds) {
    describe(`The pipeline ${kind}`, () => {
        let twice: Recording<StackOutputs>;
        before(async () => {
            twice = await stackOf({ [kind]: {}, other: { kind } }, { "tributary:lakeFormation": "grant" });
        });

        it("lives twice in one stack, each by its own name", async () => {
            assert.deepEqual(Object.keys(twice.outputs.pipelines), [kind, "other"]);
            const [first, second] = await Promise.all(
                [kind, "other"].map((name) => resolved(twice.outputs.pipelines[name])),
            );
            assert.equal(first.kind, second.kind);
            assert.deepEqual(Object.keys(first), Object.keys(second));
        });

        it("gives no resource a physical name that its other instance has", () => {
            const names = twice.resources.flatMap(({ type, inputs }) => {
                const name = inputs.name ?? inputs.bucket;
                return typeof name === "string" && ownName(type) ? [`${type} ${name}`] : [];
            });
            assert.deepEqual(names, [...new Set(names)]);
        });

        it("allows no action on everything, unless the reason is beside it", () => {
            const wide = twice.all("aws:iam/rolePolicy:RolePolicy").flatMap((policy) => tooWide(policy));
            assert.deepEqual(wide, []);
        });

        it("attaches no managed policy", () => {
            assert.equal(twice.all("aws:iam/rolePolicyAttachment:RolePolicyAttachment").length, 0);
            assert.ok(twice.all("aws:iam/role:Role").every(({ inputs }) => inputs.managedPolicyArns === undefined));
        });

        it("lets its roles be used only for this account: by services, where they say for whom they do, and by people", () => {
            const open = twice.all("aws:iam/role:Role").filter((role) => {
                const { Principal, Condition } = valueAt(role, "assumeRolePolicy.Statement.0") as Trust;
                const account = Principal.Service ? "aws:SourceAccount" : "aws:PrincipalAccount";
                if (Principal.Service && Principal.Service in SILENT_SERVICES) return false;
                return Condition?.StringEquals?.[account] !== "123456789012";
            });
            assert.deepEqual(
                open.map(({ name }) => name),
                [],
            );
        });

        it("puts nothing but the handler's text into a function's archive, at most 32 KB of it", () => {
            const functions = twice.all("aws:lambda/function:Function");
            for (const { inputs } of functions) {
                const files = inputs.code as Record<string, string>;
                assert.deepEqual(Object.keys(files), ["__index.js"]);
                assert.ok(deflateRawSync(files["__index.js"]).length <= 32 * 1024);
            }
        });

        it("keeps every log for a time that the stack says", async () => {
            const recording = await stackOf({ [kind]: {} }, { "tributary:logRetentionDays": 7 });
            const kept = recording.all("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs.retentionInDays);
            assert.ok(kept.length > 0 && kept.every((days) => days === 7), JSON.stringify(kept));
        });

        it("closes and encrypts every bucket", () => {
            const buckets = twice.all("aws:s3/bucket:Bucket").map(({ name }) => `${name}-1a2b3c4`);
            for (const type of ["bucketPublicAccessBlock:BucketPublicAccessBlock", "bucketPolicy:BucketPolicy"]) {
                assert.deepEqual(
                    twice
                        .all(`aws:s3/${type}`)
                        .map(({ inputs }) => inputs.bucket)
                        .sort(),
                    buckets.sort(),
                );
            }
        });

        it("protects what holds data, unless the stack is disposable", async () => {
            const holds = (recording: Recording<unknown>) => recording.resources.filter(({ type }) => DATA.has(type));
            assert.deepEqual(
                holds(twice).filter(({ protect }) => !protect),
                [],
            );
            const disposable = await stackOf({ [kind]: {} }, { "tributary:disposable": true });
            assert.deepEqual(
                holds(disposable).filter(({ protect }) => protect),
                [],
            );
        });

        it("tags every resource that takes tags with project, stack and pipeline", () => {
            const tags = twice.find("aws:s3/bucket:Bucket", "other-bucket").inputs.tags;
            assert.deepEqual(tags, { pipeline: "other", project: "tributary", stack: "test" });
        });

        it("has alarms, and a row of the stack's one dashboard", () => {
            assert.ok(
                twice.all("aws:cloudwatch/metricAlarm:MetricAlarm").some(({ name }) => name.startsWith("other-")),
            );
            const widgets = valueAt(twice.find("aws:cloudwatch/dashboard:Dashboard"), "dashboardBody.widgets") as {
                y: number;
                properties: { title: string };
            }[];
            const rows = new Set(widgets.map(({ y, properties }) => `${y} ${properties.title.split(":")[0]}`));
            assert.deepEqual([...rows], [`0 ${kind}`, "6 other"]);
        });

        for (const [what, options] of Object.entries(examplesByKind[kind])) {
            it(`previews ${what} with all unknown that only a deployment finds out, and bakes no placeholder into a text`, async () => {
                const config = { "tributary:lakeFormation": "grant" };
                const preview = await stackOf({ [kind]: options }, config, true);
                const deployed = await stackOf({ [kind]: options }, config);
                assert.deepEqual(preview.resources.map(key).sort(), deployed.resources.map(key).sort());
                assert.ok(preview.resources.some(({ inputs }) => Object.values(inputs).includes(UNKNOWN)));
                for (const { name, inputs } of preview.resources) {
                    const { code: _, ...others } = inputs;
                    assert.doesNotMatch(
                        JSON.stringify(others),
                        /Calling \[to(String|JSON)\]|\[object Object\]|\bundefined\b/,
                        name,
                    );
                    assert.deepEqual(partlyUnknown(inputs), [], name);
                }
            });
        }
    });
}

/** The part of a trust policy that says whom it trusts. */
interface Trust {
    readonly Principal: { readonly Service?: string };
    readonly Condition?: { readonly StringEquals?: Readonly<Record<string, string>> };
}

/** Services that do not say on whose behalf they use a role, so that a condition would keep them out, with where that is known from. */
const SILENT_SERVICES: Readonly<Record<string, string>> = {
    "apigateway.amazonaws.com":
        "https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/pull/479",
    "glue.amazonaws.com": "https://docs.aws.amazon.com/glue/latest/dg/optimization-prerequisites.html has none",
};

/** Types whose deletion loses data. */
const DATA = new Set([
    "aws:s3/bucket:Bucket",
    "aws:glue/catalogDatabase:CatalogDatabase",
    "aws:glue/catalogTable:CatalogTable",
]);

/** Whether the name of a resource of that type must differ from all others in the account. */
function ownName(type: string): boolean {
    return (
        ![
            "aws:athena/namedQuery:NamedQuery",
            "aws:cloudwatch/logStream:LogStream",
            "aws:glue/catalogTable:CatalogTable",
        ].includes(type) && !BUCKET_PARTS.test(type)
    );
}

/** Their `bucket` is the bucket that they are part of. */
const BUCKET_PARTS = /^aws:s3\/bucket[A-Z]/;

/** The statements of a policy with a wildcard that says too little, and no reason. */
function tooWide(policy: Recorded): readonly string[] {
    const statements = valueAt(policy, "policy.Statement") as { Sid?: string; Action: string[]; Resource: string[] }[];
    return statements
        .filter(({ Action, Resource }) => Action.some((action) => action.includes("*")) || Resource.some(namesNothing))
        .filter(({ Sid, Action }) => !Sid || Action.some((action) => action.includes("*")))
        .map((statement) => `${policy.name}: ${JSON.stringify(statement)}`);
}

/** Whether an ARN names nothing before its first wildcard: `*`, `arn:aws:s3:::*`, `arn:...:table/*`. */
function namesNothing(arn: string): boolean {
    const [, , service, , , ...resource] = arn.split(":");
    // An object's ARN begins with its bucket, others with a type.
    const name = service === "s3" ? resource.join(":") : resource.join(":").replace(/^[\w-]+[:/]/, "");
    return arn === "*" || name.startsWith("*");
}

/** Paths of texts that hold the placeholder of an unknown value in the middle. */
function partlyUnknown(value: unknown, path = ""): readonly string[] {
    if (typeof value === "string") return value !== UNKNOWN && value.includes(UNKNOWN) ? [path] : [];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([name, inner]) => partlyUnknown(inner, `${path}.${name}`));
}

function key({ type, name }: Recorded): string {
    return `${type} ${name}`;
}
