import { folderOf } from "./error-prefix";

/**
 * What is wrong with a prefix for what Firehose delivers, each with the way out.
 * https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
 */
export function dataPrefixProblems(prefix: string): readonly string[] {
    const expressions = [...prefix.matchAll(/!\{([^}]*)\}/g)].map(([, expression]) => expression ?? "");
    const times = expressions.flatMap((expression) => /^timestamp:(.*)$/.exec(expression)?.[1] ?? []).join("/");
    const unknown = expressions.filter((expression) => !/^(timestamp:.+|firehose:random-string)$/.test(expression));
    return [
        ...unknown.map(
            (expression) => `Firehose does not know !{${expression}} in this prefix. Use !{timestamp:...} alone.`,
        ),
        ...found(/Y/.test(times), "YYYY is the year of the week, which is another year around New Year. Write yyyy."),
        ...found(/D/.test(times), "DD is the day of the year. Write dd for the day of the month."),
        ...found(times === "", "It does not tell the days apart. Put !{timestamp:yyyy/MM/dd/HH} in it."),
        ...found(
            times !== "" && folderOf(prefix) === "",
            "It has no folder of its own, apart from what failed. Begin it with a folder such as likes/.",
        ),
    ];
}

function found(holds: boolean, sentence: string): readonly string[] {
    return holds ? [sentence] : [];
}
