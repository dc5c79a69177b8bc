import * as assert from "node:assert/strict";
import { firehoseTransform } from "../../functions/firehose-transform";
import { type HandlerFactory, handlerSource } from "./handler-source";

/** A factory that nothing in functions/ exports. */
const greetEveryone: HandlerFactory<undefined> = () => async () => undefined;

describe("handlerSource", () => {
    it("gives text that exports the factory and requires nothing but Node's own modules", () => {
        const { factory, text } = handlerSource(firehoseTransform, {
            dataset: { name: "a", columns: [] },
            validator: "",
        });
        assert.equal(factory, "firehoseTransform");
        const module = { exports: {} as Record<string, unknown> };
        const required: string[] = [];
        new Function("module", "require", text)(module, (name: string) => {
            required.push(name);
            return require(name);
        });
        assert.deepStrictEqual(Object.keys(module.exports), ["firehoseTransform"]);
        assert.deepStrictEqual(
            required.filter((name) => !name.startsWith("node:")),
            [],
        );
    });

    it("names its text in stack traces, and no folder of this machine", () => {
        const { text } = handlerSource(firehoseTransform, { dataset: { name: "a", columns: [] }, validator: "" });
        assert.ok(text.endsWith("//# sourceURL=functions/firehose-transform.ts\n"));
        assert.ok(!text.includes(process.cwd()));
    });

    it("passes on the options", () => {
        const options = { dataset: { name: "a", columns: [] }, validator: "" };
        assert.equal(handlerSource(firehoseTransform, options).options, options);
    });

    it("refuses a factory that has no file of its name", () => {
        assert.throws(() => handlerSource(greetEveryone, undefined), {
            message:
                'The handler factory "greetEveryone" must be an export of functions/greet-everyone.ts, and that file must bundle. ' +
                'Build failed with 1 error:\n<stdin>:1:30: ERROR: Could not resolve "./functions/greet-everyone.ts"',
        });
    });

    it("refuses a factory that the file of its name does not export", () => {
        const elsewhere: HandlerFactory<undefined> = () => async () => undefined;
        Object.defineProperty(elsewhere, "name", { value: "firehoseEvents" });
        assert.throws(() => handlerSource(elsewhere, undefined), {
            message:
                'The handler factory "firehoseEvents" must be an export of functions/firehose-events.ts, and that file must bundle. ' +
                'Build failed with 1 error:\n<stdin>:1:9: ERROR: No matching export in "functions/firehose-events.ts" for import "firehoseEvents"',
        });
    });
});
