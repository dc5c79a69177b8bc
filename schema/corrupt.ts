import { type Choose, chooser } from "./choose";
import type { Column, Dataset } from "./dataset";
import { type Generator, type GeneratorOptions, generator } from "./generate";
import { sourceDocuments } from "./source-document";

/** A document as a careless source would send it. */
export interface Document {
    /** What is sent. */
    readonly text: string;
    /** Whether the check lets it through. */
    readonly valid: boolean;
    /** What is wrong with it. */
    readonly why?: BadKind;
}

type Fields = Readonly<Record<string, unknown>>;
type Spoil = (record: Fields, dataset: Dataset, choose: Choose) => string | undefined;

/** Every way in which a document can be bad. Each returns nothing when the dataset has no column for it. */
const SPOIL = {
    "missing column": (record, dataset, choose) => change(record, dataset, choose, required(dataset), () => undefined),
    "null column": (record, dataset, choose) => change(record, dataset, choose, required(dataset), () => null),
    // No column type takes an empty list but an array, and that one takes no text.
    "wrong type": (record, dataset, choose) =>
        change(record, dataset, choose, read(dataset), ({ type }) =>
            typeof type === "object" && "array" in type ? "none" : [],
        ),
    "value not allowed": (record, dataset, choose) =>
        change(
            record,
            dataset,
            choose,
            read(dataset).filter(({ oneOf }) => oneOf),
            ({ oneOf = [] }) => `${oneOf.join("-")}-not`,
        ),
    "wrong timestamp": (record, dataset, choose) =>
        change(
            record,
            dataset,
            choose,
            read(dataset).filter(({ type }) => type === "timestamp"),
            () => choose(WRONG_TIMES),
        ),
    "unknown operation": (record, dataset) =>
        dataset.columns.some(({ name }) => name === "operation")
            ? undefined
            : JSON.stringify({ ...sourceDocuments(dataset.columns)(record), operation: "upsert" }),
    "cut off": (record, dataset) => textOf(dataset, record).slice(0, -1),
    "not JSON": () => "user_id=1;event=view",
    "two documents": (record, dataset) => `${textOf(dataset, record)}${textOf(dataset, record)}`,
    "byte-order mark": (record, dataset) => `\uFEFF${textOf(dataset, record)}`,
    array: (record, dataset) => `[${textOf(dataset, record)}]`,
    scalar: (_record, _dataset, choose) => choose(["42", "true", '"text"']),
    null: () => "null",
    empty: () => "",
} satisfies Record<string, Spoil>;

/** A way in which a document can be bad. */
export type BadKind = keyof typeof SPOIL;

/** Every {@link BadKind}. */
export const BAD_KINDS = Object.keys(SPOIL) as readonly BadKind[];

/** Days that no calendar has, a leap second, parts left out, un-padded, without an offset, empty, and another notation. */
const WRONG_TIMES = [
    "2026-02-31T10:00:00Z",
    "2026-11-20T10:00:60Z",
    "2026-11-20T24:00:00Z",
    "2026-11-20T10:00Z",
    "2026-1-2T3:4:5Z",
    "2026-11-20T10:00:00",
    "2026-11-20 10:00:00Z",
    "20/11/2026",
    "",
];

/**
 * A bad document made from a good record. `seed` picks among `kinds` and within them, so the same seed spoils the same record in the same
 * way. Kinds that the dataset has no column for are passed over. `kinds` are all of them unless given.
 */
export function corrupt(
    dataset: Dataset,
    record: object,
    seed: number,
    kinds: readonly BadKind[] = BAD_KINDS,
): Document {
    const choose = chooser(seed);
    const documents = kinds.flatMap((why) => {
        const text = SPOIL[why](record as Fields, dataset, choose);
        return text === undefined ? [] : [{ text, valid: false, why }];
    });
    if (documents.length > 0) return choose(documents);
    throw new Error(`Dataset "${dataset.name}" has no documents that are bad in this way: ${kinds.join(", ")}.`);
}

/** Settings of {@link documents}. */
export interface DocumentsOptions extends GeneratorOptions {
    /** One document in so many is bad: 20 spoils the 20th, the 40th, ... @default none is */
    readonly badEvery?: number;
    /** The ways in which they are bad. @default all */
    readonly kinds?: readonly BadKind[];
}

/** A generator of documents of which some are bad on purpose. */
export function documents(dataset: Dataset, options: DocumentsOptions): Generator<Document> {
    const records = generator(dataset, options);
    let count = 0;
    return {
        next() {
            const record = records.next();
            const bad = options.badEvery !== undefined && ++count % options.badEvery === 0;
            if (bad) return corrupt(dataset, record, options.seed + count, options.kinds);
            return { text: textOf(dataset, record), valid: true };
        },
    };
}

/** The record as text with one of the columns changed; nothing when there is none. */
function change(
    record: Fields,
    dataset: Dataset,
    choose: Choose,
    columns: readonly Column[],
    value: (column: Column) => unknown,
): string | undefined {
    if (columns.length === 0) return undefined;
    const column = choose(columns);
    return textOf(dataset, { ...record, [column.name]: value(column) });
}

/** The record as its source sends it. */
function textOf(dataset: Dataset, record: object): string {
    return JSON.stringify(sourceDocuments(dataset.columns)(record));
}

/** The columns that somebody reads: what is wrong in one that is dropped makes no document bad. */
function read(dataset: Dataset): readonly Column[] {
    return dataset.columns.filter(({ pii }) => pii !== "drop");
}

function required(dataset: Dataset): readonly Column[] {
    return read(dataset).filter((column) => !column.optional);
}
