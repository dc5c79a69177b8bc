import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { deleteResources } from "../../local/engine/client";
import { isAlive } from "../../local/is-alive";
import type { ListedResource } from "../../local/runtime";
import { type LocalState, readState } from "./local-state";
import type { LocalPulumi } from "./pulumi";

/** What keeps the engine's state and the local runtime in step when a command is cut short. */
export interface Mender {
    /** Notes what there is before a command that changes things. */
    begin(): Promise<void>;
    /** Removes what a command has made whose end the engine did not see, and forgets what the engine was about to do. */
    end(): Promise<void>;
    /** Does without {@link end}, for there is nothing to mend. */
    forget(): void;
}

/** What a {@link Mender} works with. */
export interface MenderOptions {
    readonly pulumi: LocalPulumi;
    readonly project: string;
    readonly stack: string;
    /** Folder for its notes. */
    readonly folder: string;
    readonly endpoint: string;
    readonly providerPort: number;
}

/**
 * Makes a {@link Mender}. A resource that a command made and that the state does not have is one whose creation was cut short: by a killed CLI,
 * a killed runtime, or the second Ctrl-C. What was there before the command is left alone, whether the state has it or not.
 */
export function mender({ pulumi, project, stack, folder, endpoint, providerPort }: MenderOptions): Mender {
    const note = path.join(folder, `${stack}.json`);
    const live = async (): Promise<readonly ListedResource[]> => {
        const response = await fetch(`${endpoint}/_tributary/resources`);
        const all = (await response.json()) as readonly ListedResource[];
        return all.filter(({ urn }) => urn.startsWith(`urn:pulumi:${stack}::${project}::`));
    };
    return {
        async begin() {
            fs.mkdirSync(folder, { recursive: true });
            fs.writeFileSync(note, JSON.stringify((await live()).map(keyOf)));
        },
        async end() {
            if (!fs.existsSync(note)) return;
            const state = await readState(pulumi, stack);
            const known = new Set([
                ...(JSON.parse(fs.readFileSync(note, "utf8")) as string[]),
                ...(state?.resources ?? []).map(keyOf),
            ]);
            await deleteResources(
                providerPort,
                (await live()).filter((resource) => !known.has(keyOf(resource))),
            );
            if (state && state.pending.length > 0) await settle(pulumi, stack, state);
            fs.rmSync(note);
        },
        forget() {
            fs.rmSync(note, { force: true });
        },
    };
}

/** Forgets operations that were begun, and lets the engine look at what became of the resources that were being changed. */
async function settle(pulumi: LocalPulumi, stack: string, { exported, resources, pending }: LocalState): Promise<void> {
    const { pending_operations: _, ...deployment } = exported.deployment;
    await pulumi.read(["stack", "import", "--stack", stack], JSON.stringify({ ...exported, deployment }));
    const urns = new Set(resources.map(({ urn }) => urn));
    const targets = [...new Set(pending.map(({ resource }) => resource.urn))].filter((urn) => urns.has(urn));
    if (targets.length === 0) return;
    await pulumi.read([
        "refresh",
        "--stack",
        stack,
        "--yes",
        "--skip-preview",
        ...targets.flatMap((t) => ["--target", t]),
    ]);
}

/**
 * Removes the locks that killed commands left on a stack. The CLI writes a file for each, with the process that holds it:
 * https://github.com/pulumi/pulumi/blob/master/pkg/backend/diy/lock.go
 */
export function removeDeadLocks(backend: string, project: string, stack: string): void {
    const folder = path.join(backend, ".pulumi", "locks", "organization", project, stack);
    if (!fs.existsSync(folder)) return;
    for (const file of fs.readdirSync(folder).filter((name) => name.endsWith(".json"))) {
        const lock = JSON.parse(fs.readFileSync(path.join(folder, file), "utf8")) as { pid: number; hostname: string };
        if (lock.hostname === os.hostname() && !isAlive(lock.pid)) fs.rmSync(path.join(folder, file));
    }
}

function keyOf({ type, id }: { readonly type: string; readonly id?: string }): string {
    return `${type}::${id}`;
}
