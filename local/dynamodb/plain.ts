import { createKey, validateItem } from "dynalite/db";
import { MAX_WRITES } from "./limits";
import { type Item, MAX_ITEM_BYTES, type TableDescription } from "./model";
import { endOfAttribute, OTHER } from "./plain-value";

/** An item that is to be put, as the JSON that a client has written, and its key in the database. */
export interface PlainPut {
    readonly key: string;
    readonly text: string;
}

/**
 * A BatchWriteItem that puts items of texts, numbers, truth values, maps and lists, in which there is nothing that DynamoDB would refuse or write
 * otherwise. The items stay text: to make objects of them, and text of those again, takes many times as long as to look through it.
 */
export class PlainBatch {
    constructor(readonly RequestItems: Readonly<Record<string, readonly PlainPut[]>>) {}

    /** The same as any other BatchWriteItem is read. */
    parsed(): Readonly<Record<string, unknown>> {
        const requests = (puts: readonly PlainPut[]) =>
            puts.map(({ text }) => ({ PutRequest: { Item: JSON.parse(text) } }));
        return {
            RequestItems: Object.fromEntries(
                Object.entries(this.RequestItems).map(([table, puts]) => [table, requests(puts)]),
            ),
        };
    }
}

/** Most bytes of UTF-8 for a character of JavaScript. No item is larger than its text, since DynamoDB does not count quotation marks and the like. */
const MAX_CHARACTER_BYTES = 3;

// As SDKs write JSON: Python's has a space behind each colon and comma, the others' have none.
const BEGIN = /\{"RequestItems": ?\{/y;
const TABLE = /"[\w.-]+": ?\[/y;
const PUT = /\{"PutRequest": ?\{"Item": ?\{/y;

/**
 * Reads the body of a BatchWriteItem that is plain, and gives undefined for every other. `find` gives a table by its name, or undefined where
 * nothing that is put there is plain.
 */
export function plainBatch(body: string, find: (name: string) => TableDescription | undefined): PlainBatch | undefined {
    const reader = new Reader(body);
    const requests: Record<string, readonly PlainPut[]> = {};
    let left = MAX_WRITES;
    if (!reader.skip(BEGIN)) return undefined;
    do {
        const begin = reader.at + 1;
        if (!reader.skip(TABLE)) return undefined;
        const name = body.slice(begin, body.indexOf('"', begin));
        const table = Object.hasOwn(requests, name) ? undefined : find(name);
        const puts = table && plainPuts(reader, table);
        if (!puts || puts.length > left) return undefined;
        left -= puts.length;
        requests[name] = puts;
    } while (reader.skipComma());
    return reader.skipText("}}") && reader.at === body.length ? new PlainBatch(requests) : undefined;
}

/** The requests for one table, to the end of their list. */
function plainPuts(reader: Reader, table: TableDescription): readonly PlainPut[] | undefined {
    const puts = new Map<string, PlainPut>();
    const keyNames = table.KeySchema.map(({ AttributeName: name }) => `"${name}"`);
    do {
        const put = reader.skip(PUT) ? plainPut(reader, table, keyNames) : undefined;
        if (!put || puts.has(put.key)) return undefined;
        puts.set(put.key, put);
    } while (reader.skipComma());
    return reader.skipText("]") ? [...puts.values()] : undefined;
}

/** The request whose item begins before the reader. */
function plainPut(reader: Reader, table: TableDescription, keyNames: readonly string[]): PlainPut | undefined {
    const { body, at: begin } = reader;
    const keys: string[] = [];
    do {
        const from = reader.at;
        reader.at = endOfAttribute(body, from);
        if (reader.at === OTHER) return undefined;
        if (keyNames.some((name) => body.startsWith(name, from))) keys.push(body.slice(from, reader.at));
    } while (reader.skipComma());
    const text = body.slice(begin - 1, reader.at + 1);
    if (!reader.skipText("}}}") || text.length * MAX_CHARACTER_BYTES > MAX_ITEM_BYTES) return undefined;
    // An attribute may be given twice; which one counts is not for here to say.
    if (keys.length !== keyNames.length) return undefined;
    const key = JSON.parse(`{${keys.join()}}`) as Item;
    return validateItem(key, table) ? undefined : { key: createKey(key, table), text };
}

/** A place in a text. */
class Reader {
    at = 0;

    constructor(readonly body: string) {}

    /** Moves behind what matches here, if anything does. */
    skip(pattern: RegExp): boolean {
        pattern.lastIndex = this.at;
        if (!pattern.test(this.body)) return false;
        this.at = pattern.lastIndex;
        return true;
    }

    /** Moves behind a comma that stands here, if one does. */
    skipComma(): boolean {
        if (this.body[this.at] !== ",") return false;
        this.at += this.body[this.at + 1] === " " ? 2 : 1;
        return true;
    }

    /** Moves behind a text that stands here, if it does. */
    skipText(wanted: string): boolean {
        if (!this.body.startsWith(wanted, this.at)) return false;
        this.at += wanted.length;
        return true;
    }
}
