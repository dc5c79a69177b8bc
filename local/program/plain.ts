import * as fs from "node:fs";
import * as pulumi from "@pulumi/pulumi";

/**
 * The plain JSON of a value that a Pulumi program made: outputs and promises resolved, resources as their ids, secrets opened, and archives as
 * `{ archive: { "<path>": "<text>" } }`.
 */
export async function plain(value: unknown): Promise<unknown> {
    if (pulumi.Output.isInstance(value)) return plain(await promiseOf(value));
    if (value instanceof Promise) return plain(await value);
    if (Array.isArray(value)) return Promise.all(value.map(plain));
    if (pulumi.asset.Archive.isInstance(value)) return archive(value);
    if (pulumi.asset.Asset.isInstance(value)) return { text: await text(value) };
    if (pulumi.CustomResource.isInstance(value)) return plain((value as pulumi.CustomResource).id);
    if (typeof value !== "object" || value === null) return value;
    if (SECRET_KEY in value) return plain((value as { value: unknown }).value);
    const entries = Object.entries(value).map(async ([name, item]) => [name, await plain(item)] as const);
    return Object.fromEntries((await Promise.all(entries)).filter(([, item]) => item !== undefined));
}

/** Marks a secret among serialized properties: https://github.com/pulumi/pulumi, sdk/nodejs/runtime/rpc.ts `specialSigKey`. */
const SECRET_KEY = "4dabf18193072939515e22adb298388d";

function promiseOf<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => void output.apply(resolve));
}

async function archive(value: pulumi.asset.Archive): Promise<unknown> {
    if (!("assets" in value))
        throw new Error("The local runtime reads archives made of assets, not files or remote addresses.");
    const assets = Object.entries(await (value as pulumi.asset.AssetArchive).assets);
    const files = assets.map(async ([name, asset]) => [name, await text(asset as pulumi.asset.Asset)] as const);
    return { archive: Object.fromEntries(await Promise.all(files)) };
}

async function text(asset: pulumi.asset.Asset): Promise<string> {
    if ("text" in asset) return (asset as pulumi.asset.StringAsset).text;
    if ("path" in asset) return fs.promises.readFile(await (asset as pulumi.asset.FileAsset).path, "utf8");
    throw new Error("The local runtime reads assets made of text or files, not remote ones.");
}
