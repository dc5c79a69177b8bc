import { AthenaClient } from "@aws-sdk/client-athena";
import { program } from "commander";
import { namedQuery, runQuery } from "./support/athena";
import { exitCodes, run, usageError } from "./support/fail";
import { wholeNumber } from "./support/numbers";
import { asRole } from "./support/role";
import { findStack, type PipelineOutputs, pipelineOf, type RunningStack } from "./support/stack";
import { table } from "./support/table";

interface Options {
    readonly stack: string;
    readonly port: number;
    readonly pipeline: string;
    readonly sql?: string;
    readonly name?: string;
    readonly format: string;
    readonly as?: string;
}

const FORMATS = {
    table: (columns: readonly string[], rows: readonly (readonly string[])[]) => table(columns, rows),
    json: (columns: readonly string[], rows: readonly (readonly string[])[]) =>
        JSON.stringify(
            rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]]))),
            null,
            2,
        ),
    csv: (columns: readonly string[], rows: readonly (readonly string[])[]) =>
        [columns, ...rows].map((row) => row.map(quoted).join(",")).join("\n"),
};

const options = exitCodes(program)
    .name("npm run query --")
    .description("Runs SQL or a named query of a pipeline through Athena, on AWS or locally.")
    .requiredOption("-p, --pipeline <instance>", "which pipeline of the stack")
    .option("--sql <statement>", "the SQL to run")
    .option("--name <query>", "the named query to run; without --sql and --name, the named queries are listed")
    .option("--as <role>", "as which of the pipeline's roles to ask, where it has some: analyst, for one")
    .option("--stack <name>", "which stack", "local")
    .option("--port <number>", "where the local runtime listens", wholeNumber(1, 65535), 4566)
    .option("--format <format>", `how to print: ${Object.keys(FORMATS).join(", ")}`, "table")
    .parse()
    .opts<Options>();

run(async () => {
    const format = FORMATS[options.format as keyof typeof FORMATS];
    if (!format) {
        throw usageError(
            `There is no format "${options.format}". The formats are: ${Object.keys(FORMATS).join(", ")}.`,
        );
    }
    const running = await findStack(options.stack, options.port);
    const { stack, outputs } = await asked(running, pipelineOf(running, options.pipeline));
    const client = new AthenaClient(stack.client);
    if (!options.sql && !options.name) {
        process.stdout.write(
            `${table(
                ["named query"],
                (outputs.queries ?? []).map((name) => [name]),
            )}\n`,
        );
        return 0;
    }
    const sql = options.sql ?? (await namedQuery(client, outputs, known(outputs, options.name ?? "")));
    const { columns, rows } = await runQuery(client, outputs, sql);
    process.stdout.write(`${format(columns, rows)}\n`);
    return 0;
});

function asked(stack: RunningStack, outputs: PipelineOutputs) {
    return options.as === undefined ? { stack, outputs } : asRole(stack, outputs, options.as);
}

function known(outputs: PipelineOutputs, name: string): string {
    if (outputs.queries?.includes(name)) return name;
    const names = outputs.queries?.join(", ");
    throw usageError(`"${options.pipeline}" has no named query "${name}". Its named queries are: ${names}.`);
}

/** A CSV field, quoted where RFC 4180 asks for it. */
function quoted(field: string): string {
    return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
