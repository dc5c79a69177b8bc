import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../resources";
import type { Rules } from "./rules";

/** How a resource's new inputs differ from its old ones. */
export interface Difference {
    /** Paths of the values that changed, as Pulumi writes them: `tags.team`, `processors[0].type`, `tags["a.b"]`. */
    readonly changes: readonly string[];
    /** Those of them that only a new resource can have. */
    readonly replaces: readonly string[];
}

/** Compares inputs as the provider does. Nothing changed when `changes` is empty. */
export function difference(rules: Rules, before: Properties, after: Properties): Difference {
    const changes = changedPaths(before, after, "");
    const replaces = changes.filter((path) => {
        const bare = path.replace(/\[\d+\]/g, "").replace(/\["/g, ".");
        return rules.replaces.some(
            (rule) => bare === rule || bare.startsWith(`${rule}.`) || rule.startsWith(`${bare}.`),
        );
    });
    return { changes, replaces };
}

function changedPaths(before: unknown, after: unknown, path: string): string[] {
    if (isDeepStrictEqual(before, after)) return [];
    if (Array.isArray(before) && Array.isArray(after)) {
        const longest = Math.max(before.length, after.length);
        return Array.from({ length: longest }, (_, i) => changedPaths(before[i], after[i], `${path}[${i}]`)).flat();
    }
    if (isObject(before) && isObject(after)) {
        const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
        return names.flatMap((name) => changedPaths(before[name], after[name], joined(path, name)));
    }
    return [path];
}

/** https://www.pulumi.com/docs/iac/concepts/miscellaneous/property-paths/ */
function joined(path: string, name: string): string {
    if (!/^[^.[\]"]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
    return path ? `${path}.${name}` : name;
}

function isObject(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
