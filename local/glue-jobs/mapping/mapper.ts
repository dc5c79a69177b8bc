import * as crypto from "node:crypto";
import { INEXACT } from "../../firehose/convert-misfit";
import { parseExact } from "../../firehose/json-documents";
import type { ColumnMapping, LakeJobArguments } from "./arguments";
import { documentIn, type Fields, hasPlainNumbers, isMisfit, misfit, valueAt } from "./document";
import { textOf, timestampOf, UNFIT, writerOf } from "./values";

/** What becomes of a document. */
export type Outcome = Row | Rejected;

/** A document that becomes a row. */
export interface Row {
    /** One line of JSON, with its line feed: the columns, and {@link MORE}. */
    readonly line: string;
}

/** A document that does not fit. */
export interface Rejected {
    /** A sentence that names columns, never values. */
    readonly reason: string;
    readonly id?: string;
}

/** Columns beside those of the mapping: the row's folder, and the digest of its document, which decides between copies. */
export const MORE = ["__day", "__digest"] as const;

/** What a masked value becomes. */
const MASK = JSON.stringify("****");

/** Makes the function that says what becomes of a document, by the rules that `functions/lake_job.py` tells. */
export function mapperOf(
    { mapping, types }: Pick<LakeJobArguments, "mapping" | "types">,
    key: string | undefined,
): (text: string) => Outcome {
    const { eventId, eventTime, years } = mapping;
    const writers = mapping.columns.map((column, at) => {
        const label = `${JSON.stringify(column.target)}:`;
        return { label, write: columnWriter(column, piiWriter(column.pii, writerOf(types[at]), key)) };
    });
    const idSources = sourcesOf(mapping.columns.find(({ target }) => target === eventId) as ColumnMapping);
    const timeSources = sourcesOf(mapping.columns.find(({ target }) => target === eventTime) as ColumnMapping);

    const rowOf = (document: Fields, text: string): Row => {
        let line = "{";
        for (const { label, write } of writers) {
            const value = write(document);
            if (value !== undefined) line += `${label}${value},`;
        }
        if (found(document, idSources)[0] === "") throw misfit(`"${eventId}" is empty.`);
        const time = timestampOf(found(document, timeSources)[0]);
        const year = Number(time.slice(0, 4));
        if (year < years[0] || year > years[1])
            throw misfit(`"${eventTime}" is not within the years ${years[0]} to ${years[1]}.`);
        return { line: `${line}"__day":"${time.slice(0, 10)}","__digest":"${digestOf(text)}"}\n` };
    };
    const outcomeOf = (text: string, parse: (text: string) => unknown): Outcome => {
        let document: Fields | undefined;
        try {
            document = documentIn(text, parse);
            return rowOf(document, text);
        } catch (error) {
            if (!isMisfit(error)) throw error;
            const id = document && valueAt(document, idSources[0] as readonly string[]);
            return { reason: error.message, ...(typeof id === "string" && { id: id.toWellFormed() }) };
        }
    };
    return (text) => {
        try {
            return outcomeOf(text, hasPlainNumbers(text) ? JSON.parse : parseExact);
        } catch (error) {
            if (error !== INEXACT) throw error;
            return outcomeOf(text, parseExact);
        }
    };
}

type ColumnWriter = (document: Fields) => string | undefined;

function columnWriter(column: ColumnMapping, write: (values: readonly unknown[]) => string): ColumnWriter {
    const sources = sourcesOf(column);
    return (document) => {
        const values = found(document, sources);
        if (values.length === 0 && column.required) throw misfit(`"${column.target}" is missing.`);
        if (values.length === 0) return undefined;
        try {
            return write(values);
        } catch (error) {
            if (error === UNFIT) throw misfit(`"${column.target}" is not ${column.type}.`);
            throw error;
        }
    };
}

function piiWriter(pii: ColumnMapping["pii"], write: (value: unknown) => string, key: string | undefined) {
    return (values: readonly unknown[]): string => {
        if (pii === "keep" && values.length === 1) return write(values[0]);
        const text = values.map(textOf).join(" ");
        if (pii === "mask") return MASK;
        return JSON.stringify(
            pii === "hash" ? crypto.createHmac("sha256", String(key)).update(text).digest("hex") : text,
        );
    };
}

function sourcesOf({ sources }: ColumnMapping): readonly (readonly string[])[] {
    return sources.map((source) => source.split("."));
}

function found(document: Fields, sources: readonly (readonly string[])[]): readonly unknown[] {
    return sources.map((path) => valueAt(document, path)).filter((value) => value !== undefined && value !== null);
}

function digestOf(text: string): string {
    return crypto.createHash("sha256").update(text).digest("hex");
}
