import { execFile } from "node:child_process";
import * as path from "node:path";
import { promisify } from "node:util";
import { usageError } from "./fail";
import { localOutputs } from "./local-tools";

/** A stack that is up, on AWS or locally, and how to reach it. */
export interface RunningStack {
    readonly name: string;
    /** The stack's output `pipelines`: instance -> everything a user needs. */
    readonly pipelines: Readonly<Record<string, PipelineOutputs>>;
    /** Options for SDK clients; on AWS only the region, the rest comes from the user's own environment. */
    readonly client: {
        readonly region: string;
        readonly endpoint?: string;
        readonly credentials?: {
            readonly accessKeyId: string;
            readonly secretAccessKey: string;
            readonly sessionToken?: string;
        };
    };
}

/** What a pipeline says of itself in the stack's outputs. Which of the optional ones it has depends on its kind. */
export interface PipelineOutputs {
    readonly kind: string;
    readonly region: string;
    /** Base URL of its API. */
    readonly url?: string;
    /** How its API lets callers in: `iam`, `api-key`, `cognito` or `none`. */
    readonly auth?: string;
    /** Id of the API key, where there is one. */
    readonly apiKeyId?: string;
    /** The pool of its users, and the client by which they sign in, where they do. */
    readonly userPoolId?: string;
    readonly userPoolClientId?: string;
    readonly stream?: string;
    /** Name of its event bus. */
    readonly bus?: string;
    /** Name of the rule that says which events of the bus it takes. */
    readonly rule?: string;
    /** What its events have as source and as detail type. */
    readonly source?: string;
    readonly detailType?: string;
    readonly database?: string;
    readonly table?: string;
    readonly tables?: Readonly<Record<string, string>>;
    /** Its DynamoDB table. */
    readonly itemTable?: string;
    readonly bucket?: string;
    /** URL of the queue for what is given up. */
    readonly deadLetters?: string;
    /** Log groups of its functions and streams. */
    readonly logs?: Readonly<Record<string, string>>;
    readonly deliveryStreams?: Readonly<Record<string, string>>;
    /** Its functions, by what they do. */
    readonly functions?: Readonly<Record<string, string>>;
    readonly workgroup?: string;
    /** Names of its named queries, as the workgroup knows them. */
    readonly queries?: readonly string[];
    /** Roles that see part of its table, and their workgroups, by name. */
    readonly roles?: Readonly<Record<string, string>>;
    readonly workgroups?: Readonly<Record<string, string>>;
}

/** What the local runtime answers at `/_tributary/status`. */
export interface LocalStatus {
    readonly stack: string;
    readonly region: string;
    readonly endpoint: string;
    readonly pid: number;
    /** Folder of its data. */
    readonly data: string;
    /** Port of the provider protocol, where Pulumi's own engine drives it. */
    readonly providerPort?: number;
    readonly outputs: { readonly pipelines: Readonly<Record<string, PipelineOutputs>> };
}

const ROOT = path.join(__dirname, "../..");

/** The keys of the operator of a local runtime: the root of account 000000000000. */
export const LOCAL_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };

/**
 * Finds a stack: the one that runs locally on `port` when it has that name, whether `npm start` made it or Pulumi's engine, otherwise the one
 * that Pulumi knows (`pulumi stack output --json`). Throws, with both ways out, when there is neither.
 */
export async function findStack(name: string, port: number): Promise<RunningStack> {
    const endpoint = `http://127.0.0.1:${port}`;
    const status = await localStatus(endpoint);
    if (status?.stack === name) {
        const client = { region: status.region, endpoint, credentials: LOCAL_CREDENTIALS };
        return { name, pipelines: status.outputs.pipelines, client };
    }
    if (status?.providerPort) {
        const outputs = (await localOutputs(ROOT, status.data, name)) as LocalStatus["outputs"] | undefined;
        const client = { region: status.region, endpoint, credentials: LOCAL_CREDENTIALS };
        if (outputs?.pipelines) return { name, pipelines: outputs.pipelines, client };
    }
    const pipelines = await pulumiOutputs(name);
    const region = Object.values(pipelines)[0]?.region ?? "us-east-1";
    return { name, pipelines, client: { region } };
}

/** Picks a pipeline of a stack by instance name. Throws with the names there are. */
export function pipelineOf(stack: RunningStack, instance: string): PipelineOutputs {
    const found = stack.pipelines[instance];
    if (found) return found;
    const names = Object.keys(stack.pipelines).join(", ");
    throw usageError(`The stack "${stack.name}" has no pipeline "${instance}". Its pipelines are: ${names}.`);
}

/** A runtime that takes thousands of events a second may take seconds to answer. */
const PATIENCE_MS = 10_000;

/** What the local runtime at an endpoint tells about itself; undefined when there is none. */
export async function localStatus(endpoint: string): Promise<LocalStatus | undefined> {
    try {
        const response = await fetch(`${endpoint}/_tributary/status`, { signal: AbortSignal.timeout(PATIENCE_MS) });
        return response.ok ? ((await response.json()) as LocalStatus) : undefined;
    } catch {
        // Nobody listens there, or somebody else does: the stack is not local.
        return undefined;
    }
}

async function pulumiOutputs(name: string): Promise<RunningStack["pipelines"]> {
    const command = ["stack", "output", "pipelines", "--json", "--show-secrets", "--stack", name];
    try {
        const { stdout } = await promisify(execFile)("pulumi", command, { maxBuffer: 16 * 1024 * 1024 });
        return JSON.parse(stdout) as RunningStack["pipelines"];
    } catch (error) {
        const reason = (error as { stderr?: string }).stderr?.trim() || (error as Error).message;
        throw usageError(
            `The stack "${name}" does not run locally, and Pulumi has no outputs for it (${reason}). ` +
                `Start it with \`npm start -- --stack ${name}\`, or deploy it with \`npx pulumi up -s ${name}\`.`,
        );
    }
}
