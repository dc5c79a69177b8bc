import { toUtc } from "../schema/timestamp";
import type { Validator } from "../schema/validator";
import { itemProblem } from "./dynamodb-item";
import { type Aliases, fieldRenamer } from "./field-renamer";
import { type ReadRecord, type Rejected, readRecord, rejected } from "./record";

/** What {@link documentReader} expects of a document. Plain data. */
export interface DocumentRules {
    /** `validatorSource(dataset)`. */
    readonly validator: string;
    readonly aliases: Aliases;
    /** The timestamp that says when it happened, and the years, in UTC, that the tables have a place for. */
    readonly time: { readonly column: string; readonly firstYear: number; readonly lastYear: number };
}

/** A document that conforms. */
export interface Document extends ReadRecord {
    /** When it happened, in UTC: `2026-11-20T10:15:30Z`. */
    readonly time: string;
}

/**
 * Makes the function that reads the data of a record, in base64, as a document that fits an item of DynamoDB. The verdict depends on the rules
 * and the data alone, so all who read one stream by the same rules agree on each of its records, whatever they make of it.
 */
export function documentReader({ validator, aliases, time }: DocumentRules): (data: unknown) => Document | Rejected {
    const problemsIn = new Function(validator)() as Validator;
    const rename = fieldRenamer(aliases);
    const { column, firstYear, lastYear } = time;
    // Behind a year comes a hyphen, and all times of a year are before the tilde.
    const [first, last] = [year(firstYear), `${year(lastYear)}~`];

    return (data) => {
        const record = readRecord(data);
        if ("problems" in record) return record;
        const { text, value, isPlain } = record;
        const renamed = rename(value);
        if (renamed !== undefined) return rejected(renamed);
        const problems = problemsIn(value);
        if (problems.length > 0) return { problems };
        const unfit = itemProblem(record);
        if (unfit !== undefined) return rejected(unfit);
        const utc = inUtc(value[column] as string);
        if (utc < first || utc > last) return rejected(`${column} is not in ${firstYear} to ${lastYear}`);
        return { text, value, isPlain, time: utc };
    };
}

/** What toUtc gives for a text that is a timestamp, in less time where that is the text itself: `2026-11-20T10:15:30.123456Z` at the longest. */
function inUtc(text: string): string {
    return text.length <= 27 && text.endsWith("Z") ? text : (toUtc(text) as string);
}

function year(number: number): string {
    return String(number).padStart(4, "0");
}
