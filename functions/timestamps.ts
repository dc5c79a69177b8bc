import { ofType } from "../schema/column-type";
import type { Column, ColumnType } from "../schema/dataset";
import { toUtc } from "../schema/timestamp";

/** What is at home in an object or an array. */
type Holder = Record<string | number, unknown>;

/** Rewrites what a holder has under a key, and tells whether that changed anything. */
type Rewrite = (holder: Holder, key: string | number) => boolean;

/**
 * Makes the function that rewrites, in place, every timestamp of a valid record as its table holds it: in UTC, at most microseconds. It
 * tells whether anything changed.
 */
export function timestampRewriter(columns: readonly Column[]): (record: Record<string, unknown>) => boolean {
    return rewriteColumns(columns) ?? (() => false);
}

/** Undefined for a type that holds no timestamp, so that nothing is spent on it. */
function rewriteType(type: ColumnType): Rewrite | undefined {
    return ofType<Rewrite | undefined>(type, {
        string: undefined,
        int: undefined,
        long: undefined,
        double: undefined,
        boolean: undefined,
        date: undefined,
        decimal: () => undefined,
        timestamp: rewriteText,
        struct: (columns) => inside(rewriteColumns(columns)),
        array: (element) => inside(rewriteEach(rewriteType(element))),
        map: (value) => inside(rewriteEach(rewriteType(value))),
    });
}

function rewriteText(holder: Holder, key: string | number): boolean {
    const text = holder[key];
    const utc = typeof text === "string" ? toUtc(text) : undefined;
    if (utc === undefined || utc === text) return false;
    holder[key] = utc;
    return true;
}

function rewriteColumns(columns: readonly Column[]): ((record: Holder) => boolean) | undefined {
    const rewrites = columns.flatMap(({ name, type }) => {
        const rewrite = rewriteType(type);
        return rewrite ? [{ name, rewrite }] : [];
    });
    if (rewrites.length === 0) return undefined;
    return (record) => {
        let changed = false;
        for (const { name, rewrite } of rewrites) changed = rewrite(record, name) || changed;
        return changed;
    };
}

function rewriteEach(rewrite: Rewrite | undefined): ((elements: Holder) => boolean) | undefined {
    return (
        rewrite &&
        ((elements) => {
            let changed = false;
            for (const key of Object.keys(elements)) changed = rewrite(elements, key) || changed;
            return changed;
        })
    );
}

/** An optional column may be null or missing. */
function inside(rewrite: ((value: Holder) => boolean) | undefined): Rewrite | undefined {
    return (
        rewrite &&
        ((holder, key) => {
            const value = holder[key];
            return typeof value === "object" && value !== null && rewrite(value as Holder);
        })
    );
}
