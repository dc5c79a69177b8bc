import { toUtc } from "../schema/timestamp";
import type { Validator } from "../schema/validator";
import { itemProblem } from "./dynamodb-item";
import { type Aliases, fieldRenamer } from "./field-renamer";
import { type ReadRecord, type Rejected, rejected } from "./record";

/** What {@link documentCheck} expects of a document. Plain data. */
export interface DocumentRules {
    /** `validatorSource(dataset)`. */
    readonly validator: string;
    readonly aliases: Aliases;
    /** The timestamp that says when it happened, and the years, in UTC, that the tables have a place for. */
    readonly time: { readonly column: string; readonly firstYear: number; readonly lastYear: number };
}

/**
 * Makes the function that tells of a record when it happened, in UTC (`2026-11-20T10:15:30Z`), provided that it conforms and fits an item of
 * DynamoDB. It gives the fields their right names. The verdict depends on the rules and the record alone, so all who read one stream by the same
 * rules agree on each of its records, whatever they make of it.
 */
export function documentCheck({ validator, aliases, time }: DocumentRules): (record: ReadRecord) => string | Rejected {
    const problemsIn = new Function(validator)() as Validator;
    const rename = fieldRenamer(aliases);
    const { column, firstYear, lastYear } = time;
    // Behind a year comes a hyphen, and all times of a year are before the tilde.
    const [first, last] = [year(firstYear), `${year(lastYear)}~`];

    return (record) => {
        const { value } = record;
        const renamed = rename(value);
        if (renamed !== undefined) return rejected(renamed);
        const problems = problemsIn(value);
        if (problems.length > 0) return { problems };
        const unfit = itemProblem(record);
        if (unfit !== undefined) return rejected(unfit);
        const utc = inUtc(value[column] as string);
        if (utc < first || utc > last) return rejected(`${column} is not in ${firstYear} to ${lastYear}`);
        return utc;
    };
}

/** What toUtc gives for a text that is a timestamp, in less time where that is the text itself: `2026-11-20T10:15:30.123456Z` at the longest. */
function inUtc(text: string): string {
    return text.length <= 27 && text.endsWith("Z") ? text : (toUtc(text) as string);
}

function year(number: number): string {
    return String(number).padStart(4, "0");
}
