import * as fs from "node:fs";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { ACCOUNT, computedOutputs, REGION } from "./computed-outputs";

/** A resource as the program registered it. */
export interface Recorded {
    readonly type: string;
    readonly name: string;
    /** Plain values; in a preview {@link UNKNOWN} stands for what is not known yet. */
    readonly inputs: Readonly<Record<string, unknown>>;
    /** `type::name` of its parent. */
    readonly parent: string;
    readonly protect: boolean;
    /** `type::name` of what it waits for, by its inputs or because the program says so. */
    readonly dependencies: readonly string[];
}

/** Everything that a program registered, and what it exports. */
export interface Recording<T> {
    readonly resources: readonly Recorded[];
    readonly outputs: T;
    /** The one resource of a type whose name ends like this; throws when there is not exactly one. */
    find(type: string, name?: string): Recorded;
    /** Every resource of a type. */
    all(type: string): readonly Recorded[];
}

/** How {@link record} evaluates a program. */
export interface RecordOptions {
    /** @default "test" */
    readonly stack?: string;
    /** Config by full key; what is not text becomes JSON text. @default none */
    readonly config?: Readonly<Record<string, unknown>>;
    /** Whether nothing is known that only a deployment finds out. @default false */
    readonly preview?: boolean;
}

/** Stands for an unknown input in a preview: Pulumi's own mark, which it leaves where a text was put together too early. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const KNOWN_PROPERTIES = JSON.parse(
    fs.readFileSync(path.join(__dirname, "../../local/provider/aws-resources.json"), "utf8"),
) as Readonly<Record<string, { readonly properties: readonly string[] }>>;

/**
 * Evaluates a program under mocks of its own and gives what it registered, once all of it is. It throws, with every reason at once, when two
 * resources have the same type and name, an input is not one of the provider's, or a function of the provider is called that is not mocked.
 */
export async function record<T>(program: () => T, options: RecordOptions = {}): Promise<Recording<T>> {
    const { stack = "test", config = {}, preview = false } = options;
    const recorder = createRecorder(preview);
    const stackTraceLimit = Error.stackTraceLimit;
    // Pulumi notes a stack for every output, and mapping those back to TypeScript takes longer than all the rest.
    Error.stackTraceLimit = 0;
    try {
        await pulumi.runtime.setMocks(recorder.mocks, "tributary", stack, preview);
        pulumi.runtime.setAllConfig(
            Object.fromEntries(Object.entries(config).map(([key, value]) => [key, textOf(value)])),
        );
        let outputs: T | undefined;
        const evaluated = await watched(async () => {
            await pulumi.runtime.runInPulumiStack(async () => {
                outputs = program();
            });
            await pulumi.runtime.disconnect();
        });
        const problems = [...recorder.problems, ...evaluated];
        if (problems.length > 0) throw new Error([...new Set(problems)].join("\n"));
        return recording(await recorder.resources(), outputs as T);
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
    }
}

/** The value of an output. */
export function resolved<T>(output: pulumi.Input<T>): Promise<T> {
    return new Promise((resolve) => void pulumi.output(output).apply((value) => resolve(value as T)));
}

/** What is at a path such as `icebergConfiguration.processors.0.type` of a resource's inputs, JSON text on the way read; undefined when nothing is. */
export function valueAt({ inputs }: Recorded, path: string): unknown {
    return path
        .split(".")
        .reduce<unknown>((value, key) => (parsed(value) as Record<string, unknown> | undefined)?.[key], inputs);
}

function parsed(value: unknown): unknown {
    return typeof value === "string" ? JSON.parse(value) : value;
}

function recording<T>(resources: readonly Recorded[], outputs: T): Recording<T> {
    const all = (type: string) => resources.filter((resource) => resource.type === type);
    return {
        resources,
        outputs,
        all,
        find: (type, name = "") => {
            const found = all(type).filter((resource) => resource.name.endsWith(name));
            if (found.length === 1) return found[0];
            const names = all(type).map((resource) => resource.name);
            throw new Error(
                `${found.length} resources of the type ${type} have a name that ends in "${name}", of: ${names.join(", ")}.`,
            );
        },
    };
}

/** What a run rejects with, or leaves rejected behind its back. */
async function watched(run: () => Promise<void>): Promise<readonly string[]> {
    const reasons: string[] = [];
    const note = (reason: unknown) => void reasons.push(reason instanceof Error ? reason.message : String(reason));
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", note);
    try {
        await run().catch(note);
        // Node reports a rejection that nobody handles after the microtasks of its turn.
        await new Promise((resolve) => setImmediate(resolve));
    } finally {
        process.removeAllListeners("unhandledRejection");
        for (const other of others) process.on("unhandledRejection", other);
    }
    return reasons;
}

/** What the engine is told beside the inputs, and mocks are not. */
interface Told {
    readonly parent: string;
    readonly protect: boolean;
    readonly dependencies: readonly string[];
}

/** By `type::name`, for the program that is being evaluated. */
const told = new Map<string, Told>();

const registerResource = MockMonitor.prototype.registerResource;
MockMonitor.prototype.registerResource = function (request, callback) {
    told.set(`${request.getType()}::${request.getName()}`, {
        parent: shortUrn(request.getParent()),
        protect: request.getProtect(),
        dependencies: request.getDependenciesList().map(shortUrn),
    });
    return registerResource.call(this, request, callback);
};

/** `type::name` of `urn:pulumi:stack::project::parent type$type::name`. */
function shortUrn(urn: string): string {
    const [, , types = "", name = ""] = urn.split("::");
    return `${types.split("$").pop()}::${name}`;
}

function createRecorder(preview: boolean) {
    const seen = new Map<string, pulumi.runtime.MockResourceArgs>();
    const problems: string[] = [];
    told.clear();
    const mocks: pulumi.runtime.Mocks = {
        newResource: (args) => {
            const key = `${args.type}::${args.name}`;
            if (seen.has(key)) problems.push(`Two resources of the type ${args.type} have the name "${args.name}".`);
            seen.set(key, args);
            problems.push(...unknownProperties(args));
            if (!args.custom || preview) return { id: undefined, state: args.inputs };
            return computedOutputs(args);
        },
        call: ({ token }) => {
            const answer = CALLS[token];
            if (!answer) problems.push(`The program calls ${token}, which is not mocked.`);
            return answer ?? {};
        },
    };
    const recorded = async ([key, { type, name, inputs }]: [string, pulumi.runtime.MockResourceArgs]) => ({
        type,
        name,
        inputs: (await plain(inputs)) as Recorded["inputs"],
        ...(told.get(key) as Told),
    });
    return { mocks, problems, resources: () => Promise.all([...seen].map(recorded)) };
}

function unknownProperties({ type, name, custom, inputs }: pulumi.runtime.MockResourceArgs): readonly string[] {
    if (!custom) return [];
    const known = KNOWN_PROPERTIES[type]?.properties;
    if (!known) return [`The type ${type} of "${name}" is not in local/provider/aws-resources.json.`];
    const unknown = Object.keys(inputs).filter((property) => !known.includes(property));
    return unknown.map((property) => `${type} "${name}" has no property "${property}".`);
}

const CALLS: Readonly<Record<string, Record<string, string>>> = {
    "aws:index/getCallerIdentity:getCallerIdentity": { accountId: ACCOUNT },
    "aws:index/getRegion:getRegion": { region: REGION },
    "aws:index/getPartition:getPartition": { partition: "aws" },
};

/** Archives become `{ "<path>": "<text>" }`, secrets what they hide. */
async function plain(value: unknown): Promise<unknown> {
    if (Array.isArray(value)) return Promise.all(value.map(plain));
    if (value instanceof Promise) return plain(await value);
    if (pulumi.asset.Archive.isInstance(value)) return plain((value as pulumi.asset.AssetArchive).assets);
    if (pulumi.asset.Asset.isInstance(value)) return (value as pulumi.asset.StringAsset).text;
    if (typeof value !== "object" || value === null) return value;
    if ("__pulumiUnknown" in value) return UNKNOWN;
    const entries = Object.entries(value).map(async ([name, item]) => [name, await plain(item)] as const);
    return Object.fromEntries(await Promise.all(entries));
}

function textOf(value: unknown): string {
    return typeof value === "string" ? value : JSON.stringify(value);
}
