import { createHash } from "node:crypto";
import type { Properties } from "../../../local/resources";

/** Marks special values: https://github.com/pulumi/pulumi, sdk/go/common/resource/sig/sig.go. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** Inputs of an evaluated program as the engine would send them. */
export function wireOf(inputs: Properties): Properties {
    return wire(inputs) as Properties;
}

function wire(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(wire);
    if (typeof value !== "object" || value === null) return value;
    const { archive } = value as { archive?: Readonly<Record<string, string>> };
    if (!archive) return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, wire(item)] as const));
    const assets = Object.entries(archive).map(([name, text]) => [name, asset(text)] as const);
    const hash = hashOf(JSON.stringify(archive));
    return { [SIGNATURE]: ARCHIVE, hash, assets: Object.fromEntries(assets) };
}

function asset(text: string): Properties {
    return { [SIGNATURE]: ASSET, hash: hashOf(text), text };
}

function hashOf(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}
