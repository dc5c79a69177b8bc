import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { readJson } from "../firehose/files";
import { CURRENT, PREVIOUS } from "./config";

/** A version of a secret. */
export interface SecretVersion {
    readonly id: string;
    /** What it holds: a text, or bytes as base64. */
    readonly text?: string;
    readonly base64?: string;
    readonly stages: readonly string[];
    /** Milliseconds since 1970, as all times here. */
    readonly created: number;
}

/** What is kept of a secret. */
export interface StoredSecret {
    readonly name: string;
    readonly arn: string;
    readonly created: number;
    readonly changed: number;
    /** When it is gone for good; it cannot be used before, either. */
    readonly deletion?: number;
    readonly versions: readonly SecretVersion[];
}

/** The secrets on disk, in files that nobody else on the machine may read. */
export interface SecretStore {
    all(): readonly StoredSecret[];
    /** The secret of this name, or with this ARN, whole or without its last six characters. */
    find(secretId: string): StoredSecret | undefined;
    put(secret: StoredSecret): void;
    remove(name: string): void;
}

/** Opens the {@link SecretStore} in a folder. What has been deleted, and whose recovery window is over, is gone. */
export function openSecrets(folder: string, now: () => number): SecretStore {
    // A name may be longer than a file's, once its characters are escaped.
    const fileOf = (name: string) =>
        path.join(folder, `${crypto.createHash("sha256").update(name).digest("hex")}.json`);
    const all = () => {
        const names = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
        const secrets = names.flatMap((name) => readJson<StoredSecret>(path.join(folder, name)) ?? []);
        return secrets
            .filter(({ deletion = Number.POSITIVE_INFINITY }) => deletion > now())
            .sort((a, b) => (a.name < b.name ? -1 : 1));
    };
    return {
        all,
        find: (secretId) => all().find(({ name, arn }) => [name, arn, arn.replace(/-[^-]{6}$/, "")].includes(secretId)),
        put(secret) {
            fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
            const file = fileOf(secret.name);
            fs.writeFileSync(`${file}.new`, JSON.stringify(secret), { mode: 0o600 });
            fs.renameSync(`${file}.new`, file);
        },
        remove: (name) => fs.rmSync(fileOf(name), { force: true }),
    };
}

/** The version with a staging label. */
export function versionAt({ versions }: StoredSecret, stage: string): SecretVersion | undefined {
    return versions.find(({ stages }) => stages.includes(stage));
}

/**
 * A secret with one more version. Its labels leave the versions that had them, and the version that was current is the previous one then.
 * Without any label a version is gone. https://docs.aws.amazon.com/secretsmanager/latest/userguide/getting-started.html#term_version
 */
export function withVersion(secret: StoredSecret, version: SecretVersion): StoredSecret {
    const isCurrent = version.stages.includes(CURRENT);
    const taken = isCurrent ? [...version.stages, PREVIOUS] : version.stages;
    const others = secret.versions.map((each) => {
        const wasCurrent = isCurrent && each.stages.includes(CURRENT);
        const stages = each.stages.filter((stage) => !taken.includes(stage));
        return { ...each, stages: wasCurrent ? [...stages, PREVIOUS] : stages };
    });
    return {
        ...secret,
        changed: version.created,
        versions: [...others.filter(({ stages }) => stages.length > 0), version],
    };
}
