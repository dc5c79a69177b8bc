import type { Route, Segment } from "./model";

/** A route and what its parameters are, decoded. */
export interface Match {
    readonly route: Route;
    readonly parameters: Readonly<Record<string, string>>;
}

/** Finds the route of a path: a word goes before `{name}`, which goes before `{name+}`. */
export type Router = (parts: readonly string[]) => Match | undefined;

/** Makes the router of an API. Paths are given as decoded parts without the empty one at the end. */
export function createRouter(routes: readonly Route[]): Router {
    const root = node();
    for (const route of routes) route.segments.reduce(child, root).route = route;
    return (parts) => {
        const found = walk(root, parts, 0, []);
        if (!found) return undefined;
        const names = found.route.segments.flatMap((segment) => ("parameter" in segment ? [segment.parameter] : []));
        return {
            route: found.route,
            parameters: Object.fromEntries(names.map((name, i) => [name, found.values[i] ?? ""])),
        };
    };
}

interface Node {
    route?: Route;
    readonly literals: Map<string, Node>;
    parameter?: Node;
    greedy?: Node;
}

function node(): Node {
    return { literals: new Map() };
}

function child(parent: Node, segment: Segment): Node {
    if ("literal" in segment) {
        const known = parent.literals.get(segment.literal) ?? node();
        parent.literals.set(segment.literal, known);
        return known;
    }
    const kind = segment.greedy ? "greedy" : "parameter";
    parent[kind] ??= node();
    return parent[kind];
}

function walk(
    at: Node,
    parts: readonly string[],
    index: number,
    values: readonly string[],
): { route: Route; values: readonly string[] } | undefined {
    const part = parts[index];
    if (part === undefined) return at.route && { route: at.route, values };
    const literal = at.literals.get(part);
    const byLiteral = literal && walk(literal, parts, index + 1, values);
    if (byLiteral) return byLiteral;
    const byParameter = at.parameter && part !== "" && walk(at.parameter, parts, index + 1, [...values, part]);
    if (byParameter) return byParameter;
    if (!at.greedy?.route) return undefined;
    return { route: at.greedy.route, values: [...values, parts.slice(index).join("/")] };
}
