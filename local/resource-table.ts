import * as fs from "node:fs";
import * as path from "node:path";
import type { Resource, Resources } from "./resources";

/** A resource with the name under which a program knows it. */
export interface OwnedResource extends Resource {
    /** Pulumi's URN: `urn:pulumi:<stack>::<project>::<parent types>$<type>::<logical name>`. */
    readonly urn: string;
    /** Whether the program of a deployment forbids to delete it. Pulumi's own engine keeps that for itself. */
    readonly protect?: boolean;
}

/** {@link Resources} with the side that the provider writes. */
export interface ResourceTable extends Resources {
    /** Every resource of a program, in the order in which they were made. */
    list(): readonly OwnedResource[];
    /** Adds a resource, or puts it in the place of the one with the same type and id. Without a URN, it keeps its owner or has none. */
    put(resource: Resource & Partial<OwnedResource>): void;
}

/** The URN of what no program owns. */
const NOBODY = "";

type Entry = { readonly put: OwnedResource } | { readonly remove: { readonly type: string; readonly id: string } };

/** Opens the table kept in `file`: a journal of JSON lines, written before a change is seen, rewritten short when opened. */
export function openResourceTable(file: string): ResourceTable {
    const resources = new Map<string, OwnedResource>();
    // Services ask for a type's resources with every request, so the answer is kept until one of them changes.
    const byType = new Map<string, readonly OwnedResource[]>();
    const listeners = new Map<string, (() => void)[]>();
    const keyOf = (type: string, id: string) => `${type}::${id}`;
    const apply = (entry: Entry) => {
        if ("put" in entry) resources.set(keyOf(entry.put.type, entry.put.id), entry.put);
        else resources.delete(keyOf(entry.remove.type, entry.remove.id));
    };
    for (const entry of readJournal(file)) apply(entry);
    rewrite(file, [...resources.values()]);

    const change = (type: string, entry: Entry) => {
        fs.appendFileSync(file, `${JSON.stringify(entry)}\n`);
        apply(entry);
        byType.delete(type);
        for (const listener of listeners.get(type) ?? []) listener();
    };
    const allOf = (type: string) => {
        const known = byType.get(type) ?? [...resources.values()].filter((resource) => resource.type === type);
        byType.set(type, known);
        return known;
    };
    return {
        all: <I, O>(type: string) => allOf(type) as unknown as readonly Resource<I, O>[],
        get: <I, O>(type: string, id: string) =>
            resources.get(keyOf(type, id)) as unknown as Resource<I, O> | undefined,
        onChange: (type, listener) => void listeners.set(type, [...(listeners.get(type) ?? []), listener]),
        list: () => [...resources.values()].filter(({ urn }) => urn !== NOBODY),
        put(resource) {
            const { urn = NOBODY } = resources.get(keyOf(resource.type, resource.id)) ?? {};
            change(resource.type, { put: { urn, ...resource } });
        },
        remove: (type, id) => change(type, { remove: { type, id } }),
    };
}

function readJournal(file: string): Entry[] {
    if (!fs.existsSync(file)) return [];
    const lines = fs.readFileSync(file, "utf8").split("\n");
    // What follows the last line feed is an entry that a kill cut short; nobody was told that it happened.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry);
}

function rewrite(file: string, resources: readonly OwnedResource[]): void {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const text = resources.map((resource) => `${JSON.stringify({ put: resource })}\n`).join("");
    // What the program gives to resources may be secret.
    fs.writeFileSync(`${file}.new`, text, { mode: 0o600 });
    fs.renameSync(`${file}.new`, file);
}
