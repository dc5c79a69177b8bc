import { type Evaluator, evaluate, type Program } from "./program";
import type { Registered } from "./program/messages";
import { nameOf, type Provider } from "./provider";
import type { OwnedResource, ResourceTable } from "./resource-table";
import type { Properties } from "./resources";

/** What a deployment needs. */
export interface DeploymentServices {
    readonly provider: Provider;
    readonly table: ResourceTable;
    randomHex(digits: number): string;
    /** What evaluates the program. @default a process for this deployment alone */
    readonly evaluate?: Evaluator["evaluate"];
}

/** One change that a deployment made. */
export interface Change {
    readonly kind: "created" | "updated" | "replaced" | "deleted";
    readonly urn: string;
    /** The inputs whose change led to an update or a replacement. */
    readonly because?: readonly string[];
}

/** The way out for those who mean it. */
const LET_GO =
    "What it holds would be lost. If it may be, set `disposable: true` in the stack's config and apply that first; --reset forgets everything.";

/** How a deployment ended. */
export interface Deployed {
    readonly outputs: Properties;
    readonly changes: readonly Change[];
    /** How many resources the program has. */
    readonly resources: number;
}

/**
 * Evaluates a program and brings the local runtime in step with it, as `pulumi up` would: creates, updates in place, replaces (the new one
 * before the old one goes, unless it has a fixed name), and deletes what the program no longer has. What is protected is neither replaced nor
 * deleted. When the program fails, what it has changed
 * until then is taken back; only what a resource with a fixed name held is lost when that one was being replaced.
 */
export async function deploy(program: Program, services: DeploymentServices): Promise<Deployed> {
    const { provider, table } = services;
    const prefix = `urn:pulumi:${program.stack}::${program.project}::`;
    const living = table.list().filter((resource) => resource.urn.startsWith(prefix));
    const before = new Map(living.map((resource) => [resource.urn, resource]));
    const seen = new Set<string>();
    // A replacement that was cut short has left the replaced resource beside its successor.
    const obsolete = living.filter((resource) => before.get(resource.urn) !== resource);
    const changes: Change[] = [];
    const failures: string[] = [];
    const undo: (() => Promise<unknown>)[] = [];
    const create = async (urn: string, type: string, inputs: Properties): Promise<OwnedResource> => {
        const made = await provider.create(urn, type, inputs);
        undo.push(() => provider.delete(made));
        return made;
    };

    const register = async (type: string, name: string, given: Properties, protect: boolean): Promise<Registered> => {
        const urn = `${prefix}${type}::${name}`;
        if (seen.has(urn)) throw new Error(`Two resources of the type ${type} have the name "${name}".`);
        seen.add(urn);
        const made = await bringInStep(urn, type, name, given);
        if ((made.protect ?? false) === protect) return made;
        const old = before.get(urn);
        if (old) undo.push(async () => table.put(old));
        table.put({ ...made, protect });
        return made;
    };

    const bringInStep = async (urn: string, type: string, name: string, given: Properties): Promise<OwnedResource> => {
        const old = before.get(urn);
        const { inputs, problems } = provider.check(type, name, given, services.randomHex(7), old?.inputs);
        if (problems.length > 0) throw new Error(`AWS would refuse it.\n  ${problems.join("\n  ")}`);
        if (!old) {
            changes.push({ kind: "created", urn });
            return create(urn, type, inputs);
        }
        const { changes: because, replaces } = provider.diff(type, old.inputs, inputs);
        if (because.length === 0) return old;
        if (replaces.length === 0) {
            changes.push({ kind: "updated", urn, because });
            undo.push(() => provider.update(old, old.inputs));
            return provider.update(old, inputs);
        }
        if (old.protect)
            throw new Error(`It is protected, and to change ${replaces.join(", ")} replaces it. ${LET_GO}`);
        changes.push({ kind: "replaced", urn, because: replaces });
        return replace(old, given, provider.keepsName(type, name, old.inputs, inputs));
    };

    const replace = async (old: OwnedResource, given: Properties, keepsName: boolean): Promise<OwnedResource> => {
        const { inputs } = provider.check(old.type, nameOf(old.urn), given, services.randomHex(7));
        if (keepsName) {
            undo.push(() => provider.create(old.urn, old.type, old.inputs));
            await provider.delete(old);
        } else obsolete.push(old);
        return create(old.urn, old.type, inputs);
    };

    const gone = () => [...before.values()].filter((resource) => !seen.has(resource.urn));
    const assertMayGo = () => {
        const protectedOnes = gone().filter(({ protect }) => protect);
        const lines = protectedOnes.map(
            ({ type, urn }) => `${type} "${nameOf(urn)}": It is protected, and no longer in the program. ${LET_GO}`,
        );
        if (lines.length > 0) throw new Error(lines.join("\n"));
    };

    // Registrations arrive as fast as the program makes them; they are carried out one after the other.
    let last: Promise<unknown> = Promise.resolve();
    const evaluating = (services.evaluate ?? evaluate)(program, {
        register: (type, name, inputs, protect) => {
            const registration = last
                .then(() => register(type, name, inputs, protect))
                .catch((error: Error) => {
                    failures.push(`${type} "${name}": ${error.message}`);
                    throw error;
                });
            last = registration.catch(() => undefined);
            return registration.then(({ id, outputs }) => ({ id, outputs }));
        },
        invoke: (token, args) => provider.invoke(token, args),
    });
    const outputs = await evaluating
        .then((exported) => {
            assertMayGo();
            return exported;
        })
        .catch(async (error: Error) => {
            await last;
            for (const step of undo.reverse()) await step();
            // What the program reports then is only that a registration failed.
            throw failures.length > 0 ? new Error(failures.join("\n")) : error;
        });
    for (const resource of [...obsolete, ...gone()].reverse()) await provider.delete(resource);
    changes.push(...gone().map(({ urn }) => ({ kind: "deleted", urn }) as const));
    return { outputs, changes, resources: seen.size };
}
