import * as pulumi from "@pulumi/pulumi";
import { CallbackFunction } from "../../components/blocks/callback-function";
import type { HandlerSource } from "../../components/blocks/handler-source";

/** A handler, whatever its event. */
export type Handler<Event, Result> = (event: Event) => Promise<Result>;

/** The files that Pulumi would upload for a handler, by path, with their text. */
export async function deployedFiles(handler: HandlerSource): Promise<Readonly<Record<string, string>>> {
    let code: pulumi.asset.AssetArchive | undefined;
    await pulumi.runtime.setMocks({
        newResource: ({ type, name, inputs }) => {
            if (type === "aws:lambda/function:Function") code = inputs.code;
            return { id: name, state: inputs };
        },
        call: () => ({}),
    });
    new CallbackFunction("handler", { handler });
    await pulumi.runtime.disconnect();
    const assets = Object.entries((await code?.assets) ?? {});
    return Object.fromEntries(
        await Promise.all(assets.map(async ([path, asset]) => [path, await (asset as pulumi.asset.StringAsset).text])),
    );
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
