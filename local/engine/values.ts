import * as fs from "node:fs";
import * as path from "node:path";
import type { Properties } from "../resources";

/** What the engine sends in the place of a string that is known only after an update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Marks a special value: https://github.com/pulumi/pulumi, sdk/go/common/resource/sig/sig.go. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A value of Pulumi's wire format. */
type Wire = unknown;

/**
 * Inputs as the engine sends them, in the plain form that bindings read: secrets opened, an asset as `{ text }`, an archive as
 * `{ archive: { "<path>": "<text>" } }`. Unknown values stay what they are.
 */
export function plainOf(value: Wire): unknown {
    return opened(value, (content, kind) =>
        kind === ARCHIVE ? { archive: filesOf(content) } : { text: textOf(content) },
    );
}

/** The same for inputs that are only compared: assets and archives as their hashes, which is all that the state keeps of them. */
export function comparableOf(value: Wire): unknown {
    return opened(value, ({ hash }) => ({ hash }));
}

function opened(value: Wire, content: (special: Properties, kind: unknown) => unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => opened(item, content));
    if (typeof value !== "object" || value === null) return value;
    const object = value as Properties;
    const kind = object[SIGNATURE];
    if (kind === SECRET) return opened(object.value, content);
    if (kind !== undefined) return content(object, kind);
    return Object.fromEntries(Object.entries(object).map(([name, item]) => [name, opened(item, content)]));
}

/**
 * Outputs as the engine wants them: what came as an asset or an archive goes back as it came, and what is made of a secret is one: the state
 * keeps it encrypted, whichever output it turns up in.
 */
export function wireOf(outputs: Properties, inputs: Readonly<Record<string, Wire>>): Properties {
    const secrets = textsIn(secretsIn(inputs)).filter((text) => text.length >= SHORTEST_SECRET);
    const isMadeOfSecrets = (value: unknown) =>
        textsIn(value).some((text) => secrets.some((secret) => text.includes(secret)));
    return Object.fromEntries(
        Object.entries(outputs).map(([name, value]) => {
            const given = inputs[name];
            if (isContent(given)) return [name, given];
            if (value === undefined || !(secretsIn(given).length > 0 || isMadeOfSecrets(value))) return [name, value];
            return [name, { [SIGNATURE]: SECRET, value }];
        }),
    );
}

/** A shorter text is in too many others by chance. */
const SHORTEST_SECRET = 4;

/** What the secrets in a value hide. */
function secretsIn(value: Wire): readonly unknown[] {
    if (typeof value !== "object" || value === null) return [];
    const object = value as Properties;
    return object[SIGNATURE] === SECRET ? [object.value] : Object.values(object).flatMap(secretsIn);
}

function textsIn(value: unknown): readonly string[] {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Whether something in a value is known only after an update. */
export function hasUnknown(value: unknown): boolean {
    if (value === UNKNOWN) return true;
    if (typeof value !== "object" || value === null) return false;
    return Object.values(value).some(hasUnknown);
}

/** Whether a value is an asset or an archive, in the open or as a secret. */
function isContent(value: Wire): boolean {
    if (typeof value !== "object" || value === null) return false;
    const { [SIGNATURE]: kind, value: hidden } = value as Properties;
    return kind === SECRET ? isContent(hidden) : kind !== undefined;
}

function textOf(asset: Properties): string {
    if (typeof asset.text === "string") return asset.text;
    if (typeof asset.path === "string" && path.isAbsolute(asset.path)) return fs.readFileSync(asset.path, "utf8");
    throw new Error("The local runtime reads assets made of text or files with a whole path, not remote ones.");
}

function filesOf(archive: Properties): Record<string, string> {
    if (typeof archive.assets !== "object" || archive.assets === null) {
        throw new Error("The local runtime reads archives made of assets, not files or remote addresses.");
    }
    const files = Object.entries(archive.assets).map(([name, asset]) => [name, textOf(asset as Properties)]);
    return Object.fromEntries(files) as Record<string, string>;
}
