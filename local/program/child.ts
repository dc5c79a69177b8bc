// Evaluates a Pulumi program under mocks that ask the parent process for every resource. A process of its own, because evaluating needs the
// TypeScript compiler and all of Pulumi's SDK (about 250 MB), which the running services do not. It may be asked again: packages are kept, but
// every module of the program is loaded afresh.
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Properties } from "../resources";
import type { Answered, Asked, Ended, Evaluate, Question, Registered } from "./messages";
import { plain } from "./plain";

const waiting = new Map<number, { resolve(value: Properties): void; reject(error: Error): void }>();
let asked = 0;

function ask(question: Question): Promise<Properties> {
    return new Promise((resolve, reject) => {
        const number = asked++;
        waiting.set(number, { resolve, reject });
        process.send?.({ number, question } satisfies Asked);
    });
}

process.on("message", (message: Answered | Evaluate) => {
    if ("entry" in message) return void evaluate(message).then((ended) => process.send?.(ended));
    const asker = waiting.get(message.number);
    waiting.delete(message.number);
    if ("error" in message) asker?.reject(new Error(message.error));
    else asker?.resolve(message.value);
});
// Killed, because on a normal exit Pulumi's SDK lists every output that a failed program has left open.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

/** What programs have rejected and nobody handled, since the last evaluation began. */
let failures: string[] = [];
process.on("unhandledRejection", (reason) => failures.push(messageOf(reason)));

/** What the program declares, by type and name: mocks are not told what it protects. */
const declared = new Map<string, { readonly __protect?: boolean }>();

function declare({ type, name, resource }: pulumi.ResourceTransformationArgs): undefined {
    declared.set(`${type}::${name}`, resource as { readonly __protect?: boolean });
}

async function newResource(args: pulumi.runtime.MockResourceArgs): Promise<{ id: string; state: Properties }> {
    // Components have no state of their own.
    if (!args.custom) return { id: "", state: args.inputs };
    const { type, name } = args;
    const inputs = (await plain(args.inputs)) as Properties;
    const protect = declared.get(`${type}::${name}`)?.__protect ?? false;
    const made = (await ask({ call: "register", type, name, inputs, protect })) as unknown as Registered;
    return { id: made.id, state: { ...args.inputs, ...made.outputs } };
}

async function evaluate({ project, stack, entry, config }: Evaluate): Promise<Ended> {
    forgetProgram();
    failures = [];
    declared.clear();
    pulumi.runtime.setMocks(
        { newResource, call: (args) => ask({ call: "invoke", token: args.token, args: args.inputs }) },
        project,
        stack,
        false,
    );
    pulumi.runtime.setAllConfig({ ...config });
    try {
        // `runInPulumiStack` gives what the program exports, in outputs; outputs are known once every registration has been answered.
        const exported: unknown = await pulumi.runtime.runInPulumiStack(async () => {
            pulumi.runtime.registerStackTransformation(declare);
            return require(path.resolve(entry));
        });
        await pulumi.runtime.disconnect();
        if (failures.length > 0) return { failed: failures.join("\n") };
        return { outputs: (await plain(exported)) as Properties };
    } catch (error) {
        return { failed: [messageOf(error), ...failures].filter((m, i, all) => all.indexOf(m) === i).join("\n") };
    }
}

/** Lets the next evaluation load every module anew that is not a package's. */
function forgetProgram(): void {
    const own = Object.keys(require.cache).filter((file) => !file.includes(`${path.sep}node_modules${path.sep}`));
    for (const file of own) if (file !== __filename) delete require.cache[file];
    module.children.length = 0;
}

/** The program's own sentence. What JavaScript itself throws says too little without its place. */
function messageOf(error: unknown): string {
    if (!(error instanceof Error)) return String(error);
    const isOwn = error.constructor !== TypeError && error.constructor !== ReferenceError;
    const place = isOwn
        ? undefined
        : error.stack?.split("\n").find((line) => /^ +at /.test(line) && !OTHERS.test(line));
    return place ? `${error.message}\n${place}` : error.message;
}

/** Lines of a stack that are none of the program's. */
const OTHERS = /node:|node_modules/;
