import { problem } from "./problem";

/** The years (UTC) whose folders a table has, both included. */
export interface Years {
    readonly first: number;
    readonly last: number;
}

/** Years that end before they begin. */
export function yearsBackwards({ years }: { readonly years: Years }) {
    if (years.first <= years.last) return [];
    return problem(
        "years",
        `There is no year from ${years.first} to ${years.last}.`,
        "Set years.first to years.last or less.",
    );
}

/** A query that names no date looks into every one of them. */
const MAX_YEARS = 100;

/** Years with more days than Athena can look into in a moment. */
export function tooManyYears({ years }: { readonly years: Years }) {
    const count = years.last - years.first + 1;
    if (count <= MAX_YEARS) return [];
    return problem(
        "years",
        `Athena would look for files in the folders of each day of ${count} years, which takes minutes.`,
        `Let years.first and years.last span at most ${MAX_YEARS} years.`,
    );
}
