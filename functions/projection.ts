import type { Column } from "../schema/dataset";
import { timestampRewriter } from "./timestamps";

/** What a row is made from. */
export interface RowSource {
    /** The document. */
    readonly document: Fields;
    /** The place of the document in the stream it came by, if it came by one. */
    readonly sequenceNumber: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** One row's source: an element of the list of which each makes a row, too. */
interface Place extends RowSource {
    readonly element: Fields;
    /** The element's place in the list, from 1. */
    readonly line: number;
}

type Read = (place: Place) => unknown;

/**
 * Makes the function that turns a document into rows: JSON texts, each with a newline behind it. A column is read `from` `address.city`, from
 * `items[].color` in each element of the list that makes rows, from `$line`, its place in that list, or from `$sequenceNumber`; by default from
 * the column's name. Timestamps are written in UTC.
 */
export function projection(columns: readonly Column[], each?: string): (source: RowSource) => string {
    const readers = columns.map(({ name, from = name }) => ({ name, read: reader(from) }));
    const rewriteTimestamps = timestampRewriter(columns);

    return (source) => {
        if (each === undefined) return row({ ...source, element: source.document, line: 1 });
        const elements = source.document[each] as readonly Fields[];
        return elements.map((element, index) => row({ ...source, element, line: index + 1 })).join("");
    };

    function row(place: Place): string {
        const fields: Record<string, unknown> = {};
        for (const { name, read } of readers) fields[name] = read(place);
        rewriteTimestamps(fields);
        return `${JSON.stringify(fields)}\n`;
    }
}

function reader(from: string): Read {
    if (from === "$line") return ({ line }) => line;
    if (from === "$sequenceNumber") return ({ sequenceNumber }) => sequenceNumber;
    const [path = "", inElement] = from.split("[].");
    const steps = (inElement ?? path).split(".");
    return inElement === undefined ? ({ document }) => along(document, steps) : ({ element }) => along(element, steps);
}

/** What is at a path; undefined where an object on the way is missing. */
function along(fields: Fields, steps: readonly string[]): unknown {
    let value: unknown = fields;
    for (const step of steps) value = (value as Fields | null | undefined)?.[step];
    return value;
}
