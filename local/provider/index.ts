import { serviceError, unsupported } from "../errors";
import type { OwnedResource, ResourceTable } from "../resource-table";
import type { Binding, Bindings, Properties } from "../resources";
import type { Place } from "../services";
import { problemsIn } from "./check";
import { type Difference, difference } from "./diff";
import { invoke } from "./invoke";
import { type Rules, rulesOf } from "./rules";

/** The `aws` provider of the local runtime: what both doors, the recorder and Pulumi's engine, call. */
export interface Provider {
    /**
     * Fills in the physical name, then tells what AWS would refuse. `digits` are seven hex digits for a new name;
     * with `old` inputs, the name that was filled in then is kept. While some values are not known, as in a preview, only what can be said
     * without values is told.
     */
    check(type: string, name: string, inputs: Properties, digits: string, old?: Properties, isKnown?: boolean): Checked;
    /**
     * Whether a resource that replaces this one would have its very name, so that the old one has to go first. A name that was filled in is
     * filled in anew.
     */
    keepsName(type: string, name: string, old: Properties, inputs: Properties): boolean;
    /** How an update to these inputs would change the resource. */
    diff(type: string, old: Properties, inputs: Properties): Difference;
    create(urn: string, type: string, inputs: Properties): Promise<OwnedResource>;
    update(resource: OwnedResource, inputs: Properties): Promise<OwnedResource>;
    /** The resource as it is now, or undefined when it is gone. */
    read(type: string, id: string): Promise<OwnedResource | undefined>;
    delete(resource: OwnedResource): Promise<void>;
    /** Calls a function of the provider, such as `aws:index/getRegion:getRegion`. */
    invoke(token: string, args: Properties): Properties;
}

/** Inputs with names filled in, and what is wrong with them: a sentence each. */
export interface Checked {
    readonly inputs: Properties;
    readonly problems: readonly string[];
}

/** Makes the provider over a table of bindings. A type without a binding is refused with its name. */
export function createProvider(bindings: Bindings, table: ResourceTable, place: Place): Provider {
    const bindingOf = (type: string): { binding: Binding; rules: Rules } => {
        const [binding, rules] = [bindings[type], rulesOf(type)];
        if (!binding || !rules) throw unsupported(`The resource type ${type}`);
        return { binding, rules };
    };
    const problemsOf = ({ binding, rules }: ReturnType<typeof bindingOf>, inputs: Properties) => {
        const problems = problemsIn(rules, inputs);
        // A binding's own rules may read what the general ones found missing, so they come second.
        return problems.length > 0 ? problems : (binding.check?.(inputs) ?? []);
    };
    /** What was not known when it was checked is known by now. */
    const bindingFor = (type: string, inputs: Properties): Binding => {
        const found = bindingOf(type);
        const problems = problemsOf(found, inputs);
        if (problems.length > 0) throw serviceError("InvalidInputs", `AWS would refuse it. ${problems.join(" ")}`);
        return found.binding;
    };
    const put = (resource: OwnedResource) => {
        table.put(resource);
        return resource;
    };
    return {
        check(type, name, given, digits, old, isKnown = true) {
            const found = bindingOf(type);
            const inputs = withName(found.binding, name, withoutUndefined(given), digits, old);
            return { inputs, problems: isKnown ? problemsOf(found, inputs) : problemsIn(found.rules, inputs) };
        },
        keepsName(type, name, old, inputs) {
            const { binding } = bindingOf(type);
            if (!binding.name) return false;
            const value = inputs[binding.name.property];
            const digits = /-([0-9a-f]{7})$/.exec(String(value))?.[1] ?? "";
            const isFilledIn = withName(binding, name, {}, digits)[binding.name.property] === value;
            return value === old[binding.name.property] && !isFilledIn;
        },
        diff: (type, old, inputs) => difference(bindingOf(type).rules, old, inputs),
        async create(urn, type, inputs) {
            const made = await bindingFor(type, inputs).create(inputs, nameOf(urn));
            if (table.get(type, made.id))
                throw serviceError("AlreadyExists", `${type} ${made.id} exists already.`, 409);
            return put({ urn, type, inputs, ...made });
        },
        async update(resource, inputs) {
            const binding = bindingFor(resource.type, inputs);
            const name = nameOf(resource.urn);
            const made = await (binding.update?.(resource, inputs, name) ?? binding.create(inputs, name));
            return put({ ...resource, inputs, outputs: made.outputs });
        },
        async read(type, id) {
            const resource = table.get(type, id) as OwnedResource | undefined;
            if (!resource) return undefined;
            const { binding } = bindingOf(type);
            if (!binding.read) return resource;
            const made = await binding.read(resource);
            return made && { ...resource, outputs: made.outputs };
        },
        async delete(resource) {
            await bindingOf(resource.type).binding.delete?.(resource);
            table.remove(resource.type, resource.id);
        },
        invoke: (token, args) => invoke(place, token, args),
    };
}

/** The logical name in a URN. */
export function nameOf(urn: string): string {
    return urn.slice(urn.lastIndexOf("::") + 2);
}

function withName(binding: Binding, name: string, inputs: Properties, digits: string, old?: Properties): Properties {
    if (!binding.name || inputs[binding.name.property] !== undefined) return inputs;
    const { property, maxLength = 64, lower = false } = binding.name;
    if (old?.[property] !== undefined) return { ...inputs, [property]: old[property] };
    const filled = `${name.slice(0, maxLength - digits.length - 1)}-${digits}`;
    return { ...inputs, [property]: lower ? filled.toLowerCase() : filled };
}

function withoutUndefined(inputs: Properties): Properties {
    return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined && value !== null));
}
