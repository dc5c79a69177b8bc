import { usageError } from "./fail";
import type { LocalPulumi } from "./pulumi";

/** What the engine knows of a stack. https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/ */
export interface LocalState {
    readonly resources: readonly StateResource[];
    /** Changes that were begun and whose end nobody noted. */
    readonly pending: readonly { readonly type: string; readonly resource: StateResource }[];
    /** The whole, to be imported again. */
    readonly exported: ExportedStack;
}

/** A resource in the state. */
export interface StateResource {
    readonly urn: string;
    readonly type: string;
    readonly id?: string;
    readonly outputs?: Readonly<Record<string, unknown>>;
}

interface ExportedStack {
    readonly version: number;
    readonly deployment: {
        readonly resources?: readonly StateResource[];
        readonly pending_operations?: LocalState["pending"];
    };
}

const LOCAL_ACCOUNT = "000000000000";

/** Reads the state of a stack, or undefined when the backend has no such stack. */
export async function readState(pulumi: LocalPulumi, stack: string): Promise<LocalState | undefined> {
    try {
        const exported = JSON.parse(await pulumi.read(["stack", "export", "--stack", stack])) as ExportedStack;
        const { resources = [], pending_operations: pending = [] } = exported.deployment;
        return { resources, pending, exported };
    } catch (error) {
        if (/no stack named/.test((error as Error).message)) return undefined;
        throw error;
    }
}

/** Refuses a state that names resources of a real account: what is done to them here would be wrong there. */
export function assertLocal(stack: string, { resources }: LocalState): void {
    for (const { urn, id, outputs } of resources) {
        const account = [id, outputs?.arn].map(accountOf).find((found) => found && found !== LOCAL_ACCOUNT);
        if (!account) continue;
        throw usageError(
            `The local state of the stack "${stack}" names ${urn.split("::").pop()} of the account ${account}, which is not the local one. ` +
                `Nothing was done. Forget that state with \`npm run local -- pulumi stack rm ${stack} --force\`: it deletes nothing on AWS.`,
        );
    }
}

function accountOf(arn: unknown): string | undefined {
    return typeof arn === "string" ? /^arn:aws[\w-]*:[^:]*:[^:]*:(\d{12}):/.exec(arn)?.[1] : undefined;
}
