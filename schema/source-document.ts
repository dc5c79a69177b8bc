import type { Column } from "./dataset";

/** What must be known of a column to put its value where a source has it. */
export type SourcePath = Pick<Column, "name" | "from">;

/**
 * The document that a source would send for a record: each value at the path that its column comes `from`, under the column's own name where it
 * does not come from a path of a document. A text from several paths is parted at its spaces, and the last path has what is left of it.
 */
export function sourceDocument(columns: readonly SourcePath[], record: object): Record<string, unknown> {
    const document: Record<string, unknown> = {};
    for (const { name, from = name } of columns) {
        const value = (record as Record<string, unknown>)[name];
        if (value === undefined) continue;
        const paths = from.startsWith("$") ? [name] : from.split(" ");
        for (const [i, part] of parted(value, paths.length).entries()) put(document, (paths[i] ?? "").split("."), part);
    }
    return document;
}

/** As many parts as there are paths, or fewer where the text has fewer words. What is no text is the same everywhere. */
function parted(value: unknown, count: number): readonly unknown[] {
    if (count === 1) return [value];
    if (typeof value !== "string") return Array.from({ length: count }, () => value);
    const words = value.split(" ");
    return words.length <= count ? words : [...words.slice(0, count - 1), words.slice(count - 1).join(" ")];
}

function put(document: Record<string, unknown>, [key = "", ...rest]: readonly string[], value: unknown): void {
    if (rest.length === 0) {
        document[key] = value;
        return;
    }
    document[key] ??= {};
    put(document[key] as Record<string, unknown>, rest, value);
}
