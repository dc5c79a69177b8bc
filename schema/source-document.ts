import type { Column } from "./dataset";

/** What must be known of a column to put its value where a source has it. */
export type SourcePath = Pick<Column, "name" | "from">;

/**
 * Makes the document that a source would send for a record: each value at the path that its column comes `from`, under the column's own name where
 * it does not come from a path of a document. A text from several paths is parted at its spaces, and the last path has what is left of it.
 */
export function sourceDocuments(columns: readonly SourcePath[]): (record: object) => Record<string, unknown> {
    const sources = columns.map(({ name, from = name }) => ({
        name,
        paths: (from.startsWith("$") ? [name] : from.split(" ")).map((path) => path.split(".")),
    }));
    return (record) => {
        const document: Record<string, unknown> = {};
        for (const { name, paths } of sources) {
            const value = (record as Record<string, unknown>)[name];
            if (value === undefined) continue;
            const parts = parted(value, paths.length);
            for (let i = 0; i < parts.length; i++) put(document, paths[i] ?? [""], parts[i]);
        }
        return document;
    };
}

/** As many parts as there are paths, or fewer where the text has fewer words. What is no text is the same everywhere. */
function parted(value: unknown, count: number): readonly unknown[] {
    if (count === 1) return [value];
    if (typeof value !== "string") return Array.from({ length: count }, () => value);
    const words = value.split(" ");
    return words.length <= count ? words : [...words.slice(0, count - 1), words.slice(count - 1).join(" ")];
}

function put(document: Record<string, unknown>, path: readonly string[], value: unknown): void {
    let place = document;
    const last = path.length - 1;
    for (let i = 0; i < last; i++) {
        const key = path[i] ?? "";
        place[key] ??= {};
        place = place[key] as Record<string, unknown>;
    }
    place[path[last] ?? ""] = value;
}
