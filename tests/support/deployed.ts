import { CallbackFunction } from "../../components/blocks/callback-function";
import { type HandlerSource, handlerSource } from "../../components/blocks/handler-source";
import { record } from "./mocks";

/** A handler, whatever its event. */
export type Handler<Event, Result> = (event: Event) => Promise<Result>;

/** What a handler finds in its environment. */
export type Environment = Readonly<Record<string, string>>;

/** A handler as deployed: the very text that Pulumi would upload, started with these environment variables. */
export async function deployed<Options, Event, Result>(
    factory: (options: Options) => Handler<Event, Result>,
    options: Options,
    environment: Environment = {},
): Promise<Handler<Event, Result>> {
    return start(await deployedFiles(handlerSource(factory, options)), environment);
}

/** The files that Pulumi would upload for a handler: their texts by path. */
export async function deployedFiles(handler: HandlerSource): Promise<Readonly<Record<string, string>>> {
    const program = await record(() => new CallbackFunction("handler", { handler }));
    return program.find("aws:lambda/function:Function").inputs.code as Record<string, string>;
}

/** Starts a container, so to say: runs the text of {@link deployedFiles}, which makes the handler. */
export function start<Event, Result>(
    files: Readonly<Record<string, string>>,
    environment: Environment = {},
): Handler<Event, Result> {
    const exports = {} as { handler: Handler<Event, Result> };
    withEnvironment(environment, () => new Function("exports", "require", files["__index.js"])(exports, require));
    return exports.handler;
}

/** Runs something that reads environment variables, and puts them back as they were. */
export function withEnvironment<T>(environment: Environment, run: () => T): T {
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
