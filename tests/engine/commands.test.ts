import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { type Engine, engine, essence } from "./support/engine";

const BUCKETS = path.join(__dirname, "../fixtures/buckets");

describe("npm run local -- pulumi", () => {
    const local: Engine = engine(BUCKETS);
    const config = () => fs.readFileSync(path.join(local.project, "Pulumi.one.yaml"), "utf8");
    before(async () => {
        local.configure("one", { names: ["a", "b"] });
        await local.start();
    });
    after(() => local.remove());

    it("preview --diff shows what would be made, and makes nothing", async () => {
        const text = await local.ok("preview", "--diff", "-s", "one");
        assert.match(text, /\+ aws:s3\/bucket:Bucket: \(create\)/);
        assert.match(text, /\+ 5 to create/);
        assert.deepEqual(await local.resources(), []);
    });

    it("shows what the program's SDK does when it is asked to, and only then", async () => {
        const made = /debug: Registering resource: t=aws:s3\/bucket:Bucket, name=a,/;
        assert.match(await local.ok("preview", "--debug", "-s", "one"), made);
        assert.equal(/debug:/.test(await local.ok("preview", "-s", "one")), false);
    });

    it("up makes it, and selects no stack of the user's", async () => {
        assert.match(await local.up("one"), /\+ 5 created/);
        assert.deepEqual(
            (await local.resources("one")).map(({ urn }) => urn.split("::").slice(2).join(" ")).sort(),
            ["Bucket", "BucketPublicAccessBlock"].flatMap((type) =>
                ["a", "b"].map((name) => `aws:s3/${type[0]?.toLowerCase()}${type.slice(1)}:${type} ${name}`),
            ),
        );
        assert.deepEqual(fs.readdirSync(local.project).sort(), ["Pulumi.one.yaml", "Pulumi.yaml"]);
    });

    it("config set --path changes the user's own file, and preview --diff names the property", async () => {
        await local.ok("config", "set", "--path", "buckets:bucket.tags.team", "x", "-s", "one");
        assert.match(config(), /buckets:bucket:\n\s+tags:\n\s+team: x\n/);
        const text = await local.ok("preview", "--diff", "-s", "one");
        assert.match(text, /~ aws:s3\/bucket:Bucket: \(update\)[\s\S]*\+ tags: \{\n\s+\+ team: "x"/);
        assert.match(text, /~ 2 to update\n\s+3 unchanged/);
    });

    it("names the property that causes a replacement", async () => {
        await local.ok("config", "set", "--path", "buckets:bucket.objectLockEnabled", "true", "-s", "one");
        const { steps } = await local.json<{
            steps: { op: string; replaceReasons?: string[]; detailedDiff?: Record<string, { kind: string }> }[];
        }>("preview", "--json", "-s", "one");
        const replaced = steps.filter(({ op }) => op === "replace").map((step) => step.detailedDiff);
        assert.deepEqual(replaced[0], {
            objectLockEnabled: { kind: "add-replace", inputDiff: true },
            tags: { kind: "add", inputDiff: true },
        });
        await local.ok("config", "rm", "--path", "buckets:bucket.objectLockEnabled", "-s", "one");
    });

    it("refuses to keep a secret that only the local backend could open", async () => {
        const before = config();
        const { code, text } = await local.pulumi("config", "set", "--secret", "token", "hush", "-s", "one");
        assert.equal(code, 2);
        assert.match(text, /^Error: Pulumi\.one\.yaml is left as it was: nobody but the local backend could open/m);
        assert.equal(config(), before);
    });

    it("keeps a secret of the program out of the state", async () => {
        await local.ok("config", "set", "--path", "buckets:secretTag", "hush", "-s", "one");
        await local.up("one");
        const state = await local.ok("stack", "export", "-s", "one");
        assert.equal(state.includes("hush"), false);
        assert.equal((await local.ok("stack", "export", "--show-secrets", "-s", "one")).includes("hush"), true);
        await local.ok("refresh", "-s", "one", "--yes", "--skip-preview", "--expect-no-changes");
    });

    it("stack output gives what the program exports", async () => {
        const buckets = (await local.resources("one")).filter(({ type }) => type === "aws:s3/bucket:Bucket");
        const arns = Object.fromEntries(buckets.map(({ urn, id }) => [urn.split("::")[3], `arn:aws:s3:::${id}`]));
        assert.deepEqual(await local.json("stack", "output", "arns", "--json", "-s", "one"), arns);
    });

    it("logs asks the local CloudWatch", async () => {
        const { code, text } = await local.pulumi("logs", "-s", "one");
        assert.equal(code, 0, text);
        assert.equal(/IMDS|failed/.test(text), false, text);
    });

    it("says which resource it has no way of making, in a preview already", async () => {
        local.configure("two", { names: [], vpc: true });
        const { code, text } = await local.pulumi("preview", "-s", "two");
        assert.notEqual(code, 0);
        assert.match(text, /The resource type aws:ec2\/vpc:Vpc is not supported by the local runtime\./);
    });

    it("refuses a state that names resources of a real account, and says how to get out", async () => {
        const state = await local.json<object>("stack", "export", "-s", "one");
        const real = path.join(local.project, "real.json");
        fs.writeFileSync(real, JSON.stringify(state).replaceAll("arn:aws:s3:::", "arn:aws:s3:us-east-1:123456789012:"));
        local.configure("real", { names: ["a", "b"] });
        await local.ok("stack", "init", "real");
        await local.ok("stack", "import", "-s", "real", "--file", real, "--force");
        const before = await local.resources();
        const { code, text } = await local.pulumi("up", "-s", "real", "--yes", "--skip-preview");
        assert.equal(code, 2);
        assert.match(
            text,
            /^Error: The local state of the stack "real" names [ab] of the account 123456789012, which is not the local one\. Nothing was done\. Forget that state with `npm run local -- pulumi stack rm real --force`: it deletes nothing on AWS\.$/m,
        );
        assert.deepEqual(await local.resources(), before);
        await local.ok("stack", "rm", "real", "--force", "--yes");
    });

    it("has no login and no other folder", async () => {
        for (const args of [["login"], ["up", "--cwd", "elsewhere"]]) {
            const { code, text } = await local.pulumi(...args);
            assert.equal(code, 2);
            assert.equal(
                text.trim(),
                "Error: Commands of Pulumi run here in a backend of their own: there is no login, and no other folder.",
            );
        }
    });

    it("cancel, destroy and stack rm end it", async () => {
        await local.ok("cancel", "-s", "one", "--yes");
        assert.match(await local.ok("destroy", "-s", "one", "--yes", "--skip-preview"), /- 5 deleted/);
        assert.deepEqual(await local.resources(), []);
        const kept = config();
        await local.ok("stack", "rm", "one", "--yes", "--preserve-config");
        assert.equal(config(), kept);
        assert.equal(essence(await local.ok("stack", "ls")).includes("one"), false);
    });
});
