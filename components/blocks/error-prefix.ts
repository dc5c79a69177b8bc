/** The folder that an error prefix begins with, which lifecycle rules are set on: all that stands before its first expression. */
export function folderOf(prefix: string): string {
    return prefix.slice(0, prefix.indexOf("!{")).replace(/[^/]*$/, "");
}

/**
 * What is wrong with a prefix for what Firehose could not deliver, each with the way out. `taken` are the bucket's other folders.
 * https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
 */
export function errorPrefixProblems(prefix: string, taken: readonly string[]): readonly string[] {
    const expressions = [...prefix.matchAll(/!\{([^}]*)\}/g)].map(([, expression]) => expression);
    const times = expressions.flatMap((expression) => /^timestamp:(.*)$/.exec(expression)?.[1] ?? []).join("/");
    const unknown = expressions.filter(
        (expression) => !/^(timestamp:.+|firehose:(error-output-type|random-string))$/.test(expression),
    );
    const folder = folderOf(prefix);
    return [
        ...unknown.map(
            (expression) =>
                `Firehose does not know !{${expression}} in an error prefix. Use !{timestamp:...} or !{firehose:...}.`,
        ),
        ...found(
            !expressions.includes("firehose:error-output-type"),
            "It does not tell the errors apart. Put !{firehose:error-output-type} in it.",
        ),
        ...found(/Y/.test(times), "YYYY is the year of the week, which is another year around New Year. Write yyyy."),
        ...found(/D/.test(times), "DD is the day of the year. Write dd for the day of the month."),
        ...found(
            ![/y/i, /M/, /d/i].every((part) => part.test(times)),
            "It does not tell the days apart. Put !{timestamp:yyyy/MM/dd/HH} in it.",
        ),
        ...found(
            folder === "",
            "It has no folder of its own, on which the days of retention could be set. Begin it with errors/.",
        ),
        ...found(
            taken.some((other) => folder.split("/")[0] === other.split("/")[0]),
            `The folder ${folder} holds something else. Begin it with errors/.`,
        ),
    ];
}

function found(holds: boolean, sentence: string): readonly string[] {
    return holds ? [sentence] : [];
}
