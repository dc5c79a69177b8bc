import type { Column, Dataset } from "./dataset";
import { type GeneratorOptions, generator } from "./generate";
import type { SourcePath } from "./source-document";

/** How to make values of a column where there is no faker: one from each list, joined to a text when there are several. Plain data. */
export interface ColumnChoices extends SourcePath {
    /** A list of values, of which null says that there is none; or a text, whose characters are the list. */
    readonly choices: readonly (string | readonly unknown[])[];
}

/** How many records the values are taken from. */
const SAMPLES = 100;

/**
 * Choices for each column of a dataset: values that a generator made. Of a column with a rule for personal data only the form is given, so that
 * nothing that looks like a person's lies where the choices do: its fake must be of the form `helpers.fromRegExp "[A-Z][a-z]{5}"`.
 */
export function columnChoices(dataset: Dataset, options: GeneratorOptions): readonly ColumnChoices[] {
    const records = generator(dataset, options);
    const samples = Array.from({ length: SAMPLES }, () => records.next() as Readonly<Record<string, unknown>>);
    return dataset.columns.map((column) => ({
        name: column.name,
        ...(column.from !== undefined && { from: column.from }),
        choices:
            (column.pii ?? "keep") === "keep"
                ? [[...new Set(samples.map((sample) => sample[column.name] ?? null))]]
                : formOf(dataset, column),
    }));
}

/** Literal texts, and classes with how often. */
const PATTERN = /^(?:[^[\]{}()*+?.|\\^$]+|\[[\w-]+\](?:\{\d+\})?)+$/;

function formOf({ name }: Dataset, column: Column): ColumnChoices["choices"] {
    const [, quoted = '""'] = /^helpers\.fromRegExp (".+")$/.exec(column.fake ?? "") ?? [];
    const pattern = JSON.parse(quoted) as string;
    if (!PATTERN.test(pattern)) {
        throw new Error(
            `Dataset "${name}" has personal data in the column "${column.name}", and its fake gives no form that values could be made of. ` +
                'Write it like helpers.fromRegExp "[A-Z][a-z]{5}".',
        );
    }
    return [...pattern.matchAll(/\[([\w-]+)\](?:\{(\d+)\})?|([^[]+)/g)].flatMap(
        ([, members, times = "1", literal]): ColumnChoices["choices"] =>
            literal === undefined ? Array<string>(Number(times)).fill(charactersOf(members ?? "")) : [[literal]],
    );
}

/** `0-9a-f` as `0123456789abcdef`. */
function charactersOf(members: string): string {
    return members.replace(/(\w)-(\w)/g, (_, first: string, last: string) =>
        String.fromCharCode(
            ...Array.from({ length: last.charCodeAt(0) - first.charCodeAt(0) + 1 }, (_, i) => first.charCodeAt(0) + i),
        ),
    );
}
