import { CallbackFunction } from "../../components/blocks/callback-function";
import type { HandlerSource } from "../../components/blocks/handler-source";
import { record } from "./mocks";

/** A handler, whatever its event. */
export type Handler<Event, Result> = (event: Event) => Promise<Result>;

/** The files that Pulumi would upload for a handler: their texts by path. */
export async function deployedFiles(handler: HandlerSource): Promise<Readonly<Record<string, string>>> {
    const program = await record(() => new CallbackFunction("handler", { handler }));
    return program.find("aws:lambda/function:Function").inputs.code as Record<string, string>;
}

/** A handler as deployed: the very text that Pulumi would upload, started with these environment variables. */
export async function deployed<Event, Result>(
    handler: HandlerSource,
    environment: Readonly<Record<string, string>> = {},
): Promise<Handler<Event, Result>> {
    const files = await deployedFiles(handler);
    return withEnvironment(environment, () => {
        const module = { exports: {} as { handler: Handler<Event, Result> } };
        new Function("exports", "require", files["__index.js"])(module.exports, require);
        return module.exports.handler;
    });
}

/** Runs something that reads environment variables, and puts them back as they were. */
export function withEnvironment<T>(environment: Readonly<Record<string, string>>, run: () => T): T {
    const before = Object.keys(environment).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, environment);
    try {
        return run();
    } finally {
        for (const [name, value] of before) {
            if (value === undefined) delete process.env[name];
            else process.env[name] = value;
        }
    }
}
