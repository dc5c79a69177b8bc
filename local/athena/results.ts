import type { ColumnInfo, Row } from "@aws-sdk/client-athena";

/** The result of a statement: names and types of the columns, and rows of texts, undefined for NULL. */
export interface ResultSet {
    readonly columns: readonly ColumnInfo[];
    readonly rows: readonly (readonly (string | undefined)[])[];
    /** A query's rows begin with the names of the columns; those of SHOW and DESCRIBE do not. */
    readonly header: boolean;
}

/** A result as the object that Athena writes: CSV with every value in quotes and nothing for NULL; plain lines for SHOW and DESCRIBE. */
export function toObject({ columns, rows, header }: ResultSet): Buffer {
    if (!header) return Buffer.from(rows.map((row) => `${row.join("\t")}\n`).join(""));
    const names = columns.map(({ Name }) => Name as string);
    const pieces: Buffer[] = [];
    for (let at = -1; at < rows.length; at += PIECE) {
        const slice = at < 0 ? [names, ...rows.slice(0, PIECE - 1)] : rows.slice(at, at + PIECE);
        pieces.push(Buffer.from(slice.map((row) => `${row.map(cell).join(",")}\n`).join("")));
    }
    return Buffer.concat(pieces);
}

/** Rows that are put into text at a time: a text has a greatest length, and a result has none. */
const PIECE = 10_000;

function cell(value: string | undefined): string {
    return value === undefined ? "" : `"${value.replaceAll('"', '""')}"`;
}

/** A page of an object's rows, from a byte on, and where the next page begins. */
export function readPage(object: Buffer, from: number, most: number, header: boolean): { rows: Row[]; next?: number } {
    const rows: Row[] = [];
    let at = from;
    while (at < object.length && rows.length < most) {
        const end = header ? endOfRecord(object, at) : endOfLine(object, at);
        const line = object.toString("utf8", at, end);
        rows.push({ Data: header ? record(line) : [{ VarCharValue: line }] });
        at = end + 1;
    }
    return at < object.length ? { rows, next: at } : { rows };
}

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

function endOfLine(object: Buffer, from: number): number {
    const end = object.indexOf(LINE_FEED, from);
    return end < 0 ? object.length : end;
}

/** A line feed inside quotes belongs to a value. */
function endOfRecord(object: Buffer, from: number): number {
    let quoted = false;
    for (let at = from; at < object.length; at++) {
        if (object[at] === QUOTE) quoted = !quoted;
        else if (object[at] === LINE_FEED && !quoted) return at;
    }
    return object.length;
}

function record(line: string): { VarCharValue?: string }[] {
    const values: { VarCharValue?: string }[] = [];
    for (let at = 0; at <= line.length; at++) {
        const quoted = line[at] === '"';
        const end = quoted ? endOfValue(line, at + 1) : at;
        values.push(quoted ? { VarCharValue: line.slice(at + 1, end).replaceAll('""', '"') } : {});
        at = quoted ? end + 1 : end;
    }
    return values;
}

/** Where the quote is that ends a value: one that no other follows. */
function endOfValue(line: string, from: number): number {
    let end = line.indexOf('"', from);
    while (line[end + 1] === '"') end = line.indexOf('"', end + 2);
    return end;
}
