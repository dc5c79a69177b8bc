import * as assert from "node:assert/strict";
import type { StackContext } from "../../components/blocks/pipeline";
import { withEnvironment } from "./deployed";
import { type Recording, valueAt } from "./mocks";

/** The topic that a stack's alarms go to. */
export const TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms";

/** What a stack tells a pipeline, in tests of its component. */
export const CONTEXT: StackContext = {
    disposable: false,
    logRetentionDays: 14,
    lakeFormation: "off",
    alarmTopic: TOPIC,
};

/** A function as deployed: the text that the program would upload, with the environment that it gives the function. */
export function deployedFunction<Event, Result>(
    recording: Recording<unknown>,
    name = "",
): (event: Event) => Promise<Result> {
    const { code, environment } = recording.find("aws:lambda/function:Function", name).inputs as {
        code: Record<string, string>;
        environment?: { variables: Record<string, string> };
    };
    assert.deepEqual(Object.keys(code), ["__index.js"]);
    const module = { exports: {} as { handler: (event: Event) => Promise<Result> } };
    return withEnvironment(environment?.variables ?? {}, () => {
        new Function("exports", "require", code["__index.js"])(module.exports, require);
        return module.exports.handler;
    });
}

/** The statements of a role's policy. */
export function statements(recording: Recording<unknown>, policy: string): unknown {
    return valueAt(recording.find("aws:iam/rolePolicy:RolePolicy", policy), "policy.Statement");
}

/** A statement that allows actions. */
export function allow(actions: readonly string[], resources: readonly string[]) {
    return { Effect: "Allow", Action: actions, Resource: resources };
}

/** The same object with its keys in the order in which Pulumi sends them. */
export function ordered(value: object): object {
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A record of a delivery stream, as its function gets it. */
export function recordOf(recordId: string, value: unknown) {
    return { recordId, data: Buffer.from(`${JSON.stringify(value)}\n`).toString("base64") };
}
