import type { ColumnInputs, StorageInputs, TableInputs } from "../glue/catalog";
import { CLASSES } from "./formats";
import { duckTypeOfHive, partsOf } from "./hive-type";
import { notSupported, placeOf, queryError } from "./reasons";
import { nameIn, namesIn, resolved } from "./statements";

/** A table that a CREATE TABLE statement describes. */
export interface CreatedTable {
    readonly table: TableInputs;
    /** Whether nothing is to be done when it is there. */
    readonly orNothing: boolean;
}

const PART = "(?:`[^`]+`|[\\w$-]+)";
const TEXT = "'(?:[^'\\\\]|\\\\.|'')*'";
const HEAD = new RegExp(
    `^CREATE\\s+(EXTERNAL\\s+)?TABLE\\s+(IF\\s+NOT\\s+EXISTS\\s+)?(${PART}(?:\\s*\\.\\s*${PART})?)\\s*`,
    "i",
);

/** Clauses by pattern, each with what it adds; one that ends in a bracket takes what the brackets hold. */
interface Clauses {
    comment?: string;
    partitionKeys?: readonly ColumnInputs[];
    serde?: string;
    options: Record<string, string>;
    format?: string;
    inputFormat?: string;
    outputFormat?: string;
    location?: string;
    parameters: Record<string, string>;
}

const CLAUSES: readonly (readonly [RegExp, (clauses: Clauses, found: readonly string[], inner: string) => void])[] = [
    [clause(`COMMENT\\s+(${TEXT})`), (all, [text]) => Object.assign(all, { comment: textOf(text) })],
    [clause("PARTITIONED\\s+BY\\s*\\("), (all, _, inner) => Object.assign(all, { partitionKeys: columnsOf(inner) })],
    [clause(`ROW\\s+FORMAT\\s+SERDE\\s+(${TEXT})`), (all, [text]) => Object.assign(all, { serde: textOf(text) })],
    [clause("WITH\\s+SERDEPROPERTIES\\s*\\("), (all, _, inner) => Object.assign(all.options, propertiesOf(inner))],
    [clause("ROW\\s+FORMAT\\s+DELIMITED"), (all) => Object.assign(all, { serde: CLASSES.text.serializationLibrary })],
    [
        clause(`FIELDS\\s+TERMINATED\\s+BY\\s+(${TEXT})`),
        (all, [text]) =>
            Object.assign(all.options, { "field.delim": textOf(text), "serialization.format": textOf(text) }),
    ],
    [
        clause(`ESCAPED\\s+BY\\s+(${TEXT})`),
        (all, [text]) => Object.assign(all.options, { "escape.delim": textOf(text) }),
    ],
    [
        clause(`LINES\\s+TERMINATED\\s+BY\\s+(${TEXT})`),
        (all, [text]) => Object.assign(all.options, { "line.delim": textOf(text) }),
    ],
    [
        clause(`NULL\\s+DEFINED\\s+AS\\s+(${TEXT})`),
        (all, [text]) => Object.assign(all.options, { "serialization.null.format": textOf(text) }),
    ],
    [
        clause(`STORED\\s+AS\\s+INPUTFORMAT\\s+(${TEXT})\\s+OUTPUTFORMAT\\s+(${TEXT})`),
        (all, [input, output]) => Object.assign(all, { inputFormat: textOf(input), outputFormat: textOf(output) }),
    ],
    [clause("STORED\\s+AS\\s+(\\w+)"), (all, [format]) => Object.assign(all, { format: format.toUpperCase() })],
    [clause(`LOCATION\\s+(${TEXT})`), (all, [text]) => Object.assign(all, { location: textOf(text) })],
    [clause("TBLPROPERTIES\\s*\\("), (all, _, inner) => Object.assign(all.parameters, propertiesOf(inner))],
];

function clause(pattern: string): RegExp {
    return new RegExp(`\\s*${pattern}`, "iy");
}

/** Reads CREATE EXTERNAL TABLE in Hive's dialect. https://docs.aws.amazon.com/athena/latest/ug/create-table.html */
export function createdTable(sql: string, session: string | undefined): CreatedTable {
    const head = HEAD.exec(sql);
    if (!head || sql[head[0].length] !== "(") throw mismatched(sql, head?.[0].length ?? 0);
    const [whole, external, orNothing, name] = head;
    const end = closing(sql, whole.length);
    const columns = columnsOf(sql.slice(whole.length + 1, end));
    const clauses = clausesOf(sql, end + 1);
    if (/^ICEBERG$/i.test(clauses.parameters.table_type ?? "")) throw notSupported("CREATE TABLE of an Iceberg table");
    if (!external) throw queryError("SYNTAX_ERROR", "A table that is no Iceberg table must be EXTERNAL", "line 1:8");
    if (!clauses.location) throw queryError("SYNTAX_ERROR", "CREATE EXTERNAL TABLE needs LOCATION 's3://…'");
    if (!/^s3[an]?:\/\/[^/]+(\/|$)/.test(clauses.location)) {
        throw queryError("SYNTAX_ERROR", `The location '${clauses.location}' is not a folder in S3`);
    }
    const { database, name: table } = resolved(nameIn(name), session);
    return {
        orNothing: Boolean(orNothing),
        table: {
            databaseName: database,
            name: table,
            tableType: "EXTERNAL_TABLE",
            ...(clauses.comment && { description: clauses.comment }),
            parameters: { EXTERNAL: "TRUE", ...clauses.parameters },
            partitionKeys: clauses.partitionKeys ?? [],
            storageDescriptor: { columns, ...storageOf(clauses) },
        },
    };
}

function storageOf({ serde, options, format, inputFormat, outputFormat, location }: Clauses): StorageInputs {
    const kind = format === "PARQUET" ? "parquet" : "text";
    if (format && !/^(PARQUET|TEXTFILE)$/.test(format)) throw notSupported(`STORED AS ${format}`);
    const classes = CLASSES[kind];
    return {
        location,
        inputFormat: inputFormat ?? classes.inputFormat,
        outputFormat: outputFormat ?? classes.outputFormat,
        serDeInfo: {
            serializationLibrary: serde ?? classes.serializationLibrary,
            parameters: { "serialization.format": "1", ...options },
        },
    };
}

function clausesOf(sql: string, from: number): Clauses {
    const clauses: Clauses = { options: {}, parameters: {} };
    let at = from;
    while (sql.slice(at).trim()) {
        const known = CLAUSES.find(([pattern]) => {
            pattern.lastIndex = at;
            return pattern.test(sql);
        });
        if (!known) throw mismatched(sql, at + (/^\s*/.exec(sql.slice(at))?.[0].length ?? 0));
        const [pattern, add] = known;
        pattern.lastIndex = at;
        const found = pattern.exec(sql) as RegExpExecArray;
        at = pattern.lastIndex;
        const opens = sql[at - 1] === "(";
        const end = opens ? closing(sql, at - 1) : at;
        add(clauses, found.slice(1), opens ? sql.slice(at, end) : "");
        if (opens) at = end + 1;
    }
    return clauses;
}

/** Where the bracket that opens at a place closes. */
function closing(sql: string, from: number): number {
    let depth = 0;
    for (const { 0: token, index } of sql.slice(from).matchAll(new RegExp(`${TEXT}|\`[^\`]*\`|[()]`, "g"))) {
        if (token === "(") depth++;
        if (token === ")" && --depth === 0) return from + index;
    }
    throw queryError("SYNTAX_ERROR", "mismatched input '<EOF>' expecting ')'", placeOf(sql, sql.length));
}

function columnsOf(text: string): readonly ColumnInputs[] {
    const pattern = new RegExp(`^(${PART})\\s+(.*?)(?:\\s+COMMENT\\s+(${TEXT}))?$`, "is");
    return partsOf(text).map((part) => {
        const [, name, type = "", comment] = pattern.exec(part.trim()) ?? [];
        if (!name) throw queryError("SYNTAX_ERROR", `mismatched input '${part.trim()}' where a column is expected`);
        const hive = type.replace(/\s+/g, "").toLowerCase();
        duckTypeOfHive(hive);
        return { name: namesIn(name)[0].toLowerCase(), type: hive, ...(comment && { comment: textOf(comment) }) };
    });
}

function propertiesOf(text: string): Record<string, string> {
    const pairs = [...text.matchAll(new RegExp(`(${TEXT})\\s*=\\s*(${TEXT})`, "g"))];
    return Object.fromEntries(pairs.map(([, name, value]) => [textOf(name), textOf(value)]));
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

/** Hive escapes with backslashes; `\001` is a character by its number. */
function textOf(literal: string): string {
    return literal
        .slice(1, -1)
        .replaceAll("''", "'")
        .replace(/\\(?:([0-7]{3})|u([0-9a-fA-F]{4})|(.))/gs, (_, octal?: string, hex?: string, plain = "") => {
            if (octal) return String.fromCharCode(Number.parseInt(octal, 8));
            return hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (ESCAPES[plain] ?? plain);
        });
}

function mismatched(sql: string, at: number): Error {
    const found = /^[\w.`]+|^\S/.exec(sql.slice(at))?.[0] ?? "<EOF>";
    return queryError("SYNTAX_ERROR", `mismatched input '${found}'`, placeOf(sql, at));
}
