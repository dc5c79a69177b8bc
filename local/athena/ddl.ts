import { authorizeDatabase, authorizeTable } from "../glue/authorize";
import { databases, type TableInputs, tables } from "../glue/catalog";
import { addDatabase, addTable, removeDatabase, removeTable } from "../glue/changes";
import { defaultLocation } from "../glue/input";
import { idOf, openPartitions, partitionIn } from "../glue/partitions";
import type { IcebergTables } from "../iceberg";
import { parseS3Url } from "../iceberg/table-files";
import { requireLocation } from "../lakeformation/access";
import type { Caller } from "../services";
import { createdTable } from "./create-table";
import { folderKey } from "./files";
import { notSupported, placeOfName, queryError } from "./reasons";
import type { ResultSet } from "./results";
import { linesResult } from "./show";
import { bare, nameIn, namesIn, resolved, writeStatement } from "./statements";
import { lookUp, type TableName, type TableServices } from "./tables";

/** What a definition is run with. */
export interface DdlContext {
    readonly services: TableServices & { readonly iceberg: IcebergTables };
    readonly caller: Caller;
    readonly sql: string;
    readonly database: string | undefined;
}

/** A statement that changes the catalog; it may tell what it did. */
export type Definition = (context: DdlContext) => Promise<ResultSet | undefined>;

const PART = '(?:"(?:[^"]|"")+"|`[^`]+`|[\\w$-]+)';
const NAME = `(${PART}(?:\\s*\\.\\s*${PART}){0,2})`;

/** Statements by pattern. https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html */
const DEFINITIONS: readonly (readonly [RegExp, (...parts: (string | undefined)[]) => Definition])[] = [
    [
        new RegExp(
            `^CREATE\\s+(?:DATABASE|SCHEMA)\\s+(IF\\s+NOT\\s+EXISTS\\s+)?(${PART})(?:\\s+COMMENT\\s+'([^']*)')?(?:\\s+LOCATION\\s+'([^']*)')?$`,
            "i",
        ),
        (orNothing, name, comment, location) => createDatabase(nameOf(name), Boolean(orNothing), { comment, location }),
    ],
    [
        new RegExp(`^DROP\\s+(?:DATABASE|SCHEMA)\\s+(IF\\s+EXISTS\\s+)?(${PART})(\\s+CASCADE|\\s+RESTRICT)?$`, "i"),
        (orNothing, name, how = "") => dropDatabase(nameOf(name), Boolean(orNothing), /CASCADE/i.test(how)),
    ],
    [
        new RegExp(`^DROP\\s+TABLE\\s+(IF\\s+EXISTS\\s+)?${NAME}$`, "i"),
        (orNothing, name) => dropTable(String(name), Boolean(orNothing)),
    ],
    [
        new RegExp(`^ALTER\\s+TABLE\\s+${NAME}\\s+ADD\\s+(IF\\s+NOT\\s+EXISTS\\s+)?(PARTITION\\b.*)$`, "is"),
        (name, orNothing, partitions) => addPartitions(String(name), Boolean(orNothing), String(partitions)),
    ],
    [
        new RegExp(`^ALTER\\s+TABLE\\s+${NAME}\\s+DROP\\s+(IF\\s+EXISTS\\s+)?(PARTITION\\b.*)$`, "is"),
        (name, orNothing, partitions) => dropPartitions(String(name), Boolean(orNothing), String(partitions)),
    ],
    [new RegExp(`^MSCK\\s+REPAIR\\s+TABLE\\s+${NAME}$`, "i"), (name) => repair(String(name))],
    [new RegExp(`^SHOW\\s+PARTITIONS\\s+${NAME}$`, "i"), (name) => showPartitions(String(name))],
    [/^(CREATE\s+(?:EXTERNAL\s+)?TABLE\b.*)$/is, (sql) => createTable(String(sql))],
];

/** The definition that a SQL text is, or undefined for any other statement. */
export function definition(sql: string): Definition | undefined {
    const text = bare(sql);
    if (writeStatement(text)) return undefined;
    for (const [pattern, make] of DEFINITIONS) {
        const found = pattern.exec(text);
        if (found) return make(...found.slice(1));
    }
    return undefined;
}

function nameOf(name: string | undefined): string {
    return nameIn(String(name)).name;
}

const createDatabase =
    (name: string, orNothing: boolean, { comment, location }: { comment?: string; location?: string }): Definition =>
    async ({ services, caller }) => {
        authorizeDatabase(services, caller, "glue:CreateDatabase", name);
        if (databases(services).some(({ inputs }) => inputs.name === name)) {
            if (orNothing) return undefined;
            throw failed("AlreadyExistsException(message:Database", `${name} already exists)`);
        }
        addDatabase(services, {
            name,
            ...(comment && { description: comment }),
            ...(location && { locationUri: location }),
        });
        return undefined;
    };

const dropDatabase =
    (name: string, orNothing: boolean, isCascade: boolean): Definition =>
    async ({ services, caller }) => {
        authorizeDatabase(services, caller, "glue:DeleteDatabase", name);
        if (!databases(services).some(({ inputs }) => inputs.name === name)) {
            if (orNothing) return undefined;
            throw failed("SemanticException [Error 10072]:", `Database does not exist: ${name}`);
        }
        const all = tables(services, name);
        if (all.length > 0 && !isCascade) {
            throw failed(
                "InvalidOperationException(message:Database",
                `${name} is not empty. One or more tables exist.)`,
            );
        }
        for (const { inputs } of all) authorizeTable(services, caller, "glue:DeleteTable", name, inputs.name);
        await removeDatabase(services, name);
        return undefined;
    };

const dropTable =
    (text: string, orNothing: boolean): Definition =>
    async ({ services, caller, database: session }) => {
        const { database, name } = resolved(nameIn(text), session);
        authorizeTable(services, caller, "glue:DeleteTable", database, name);
        if (!tables(services, database).some(({ inputs }) => inputs.name === name)) {
            if (orNothing) return undefined;
            throw failed("SemanticException [Error 10001]:", `Table not found ${database}.${name}`);
        }
        await removeTable(services, database, name);
        return undefined;
    };

const createTable =
    (text: string): Definition =>
    async ({ services, caller, sql, database: session }) => {
        const { table, orNothing } = createdTable(text, session);
        const { databaseName: database, name } = table;
        authorizeTable(services, caller, "glue:CreateTable", database, name);
        if (!databases(services).some(({ inputs }) => inputs.name === database)) {
            throw queryError("SCHEMA_NOT_FOUND", `Schema '${database}' does not exist`, placeOfName(sql, database));
        }
        if (tables(services, database).some(({ inputs }) => inputs.name === name)) {
            if (orNothing) return undefined;
            throw failed("AlreadyExistsException(message:Table", `${name} already exists)`);
        }
        requireLocation(services, caller, table.storageDescriptor?.location ?? "");
        addTable(services, table, caller);
        return undefined;
    };

function partitioned(
    { services, caller, sql, database: session }: DdlContext,
    text: string,
    action: string,
): TableInputs {
    const name: TableName = resolved(nameIn(text), session);
    authorizeTable(services, caller, `glue:${action}`, name.database, name.name);
    const { inputs } = lookUp(services, sql, name);
    if (inputs.partitionKeys?.length) return inputs;
    throw failed("SemanticException", `Table ${name.database}.${name.name} is not a partitioned table`);
}

const addPartitions =
    (name: string, orNothing: boolean, text: string): Definition =>
    async (context) => {
        const { services, caller } = context;
        const table = partitioned(context, name, "BatchCreatePartition");
        const created = services.clock.now();
        const added = partitionsIn(text, table).map(({ values, location = defaultLocation(table, values) }) => {
            requireLocation(services, caller, location);
            return { values, location, created };
        });
        openPartitions(services.place).change(table.databaseName, table.name, (known) => {
            const ids = new Set(known.map(({ values }) => idOf(values)));
            const fresh = added.filter(({ values }) => !ids.has(idOf(values)));
            if (fresh.length < added.length && !orNothing)
                throw failed("AlreadyExistsException(message:Partition", "already exists)");
            return [...known, ...fresh];
        });
        return undefined;
    };

const dropPartitions =
    (name: string, orNothing: boolean, text: string): Definition =>
    async (context) => {
        const table = partitioned(context, name, "BatchDeletePartition");
        const gone = new Set(partitionsIn(text, table).map(({ values }) => idOf(values)));
        openPartitions(context.services.place).change(table.databaseName, table.name, (known) => {
            const left = known.filter(({ values }) => !gone.has(idOf(values)));
            if (known.length - left.length < gone.size && !orNothing) {
                throw failed("SemanticException [Error 10006]:", "Partition not found");
            }
            return left;
        });
        return undefined;
    };

/** Finds folders named as Hive names them, and registers those that are new. https://docs.aws.amazon.com/athena/latest/ug/msck-repair-table.html */
const repair =
    (text: string): Definition =>
    async (context) => {
        const { services, caller } = context;
        const table = partitioned(context, text, "BatchCreatePartition");
        const location = (table.storageDescriptor?.location ?? "").replace(/\/*$/, "/");
        const { bucket, key } = parseS3Url(location);
        const keys = (table.partitionKeys ?? []).map(({ name }) => name);
        const created = services.clock.now();
        const found = new Map<string, { values: readonly string[]; location: string; created: number }>();
        for (const object of await services.s3.listObjects(caller, bucket, folderKey(key))) {
            const below = object.key.slice(folderKey(key).length).split("/");
            const folders = below.slice(0, -1).slice(0, keys.length);
            if (!folders.every((folder) => folder.includes("="))) continue;
            const partition = partitionIn(`${folders.join("/")}/x`, keys);
            if (partition)
                found.set(partition.folder, {
                    values: partition.values,
                    location: `${location}${partition.folder}`,
                    created,
                });
        }
        const known = new Set(
            openPartitions(services.place)
                .of(table.databaseName, table.name)
                .map(({ values }) => idOf(values)),
        );
        const added = [...found.values()].filter(({ values }) => !known.has(idOf(values)));
        openPartitions(services.place).add(table.databaseName, table.name, added);
        const named = added.map(({ values }) => keys.map((name, at) => `${name}=${values[at]}`).join("/"));
        if (named.length === 0) return linesResult([]);
        return linesResult([
            `Partitions not in metastore:\t${named.map((each) => `${table.name}:${each}`).join("\t")}`,
            ...named.map((each) => `Repair: Added partition to metastore ${table.name}:${each}`),
        ]);
    };

const showPartitions =
    (text: string): Definition =>
    async (context) => {
        const table = partitioned(context, text, "GetPartitions");
        const keys = (table.partitionKeys ?? []).map(({ name }) => name);
        const all = openPartitions(context.services.place).of(table.databaseName, table.name);
        return linesResult(all.map(({ values }) => keys.map((name, at) => `${name}=${values[at]}`).join("/")));
    };

/** Reads `PARTITION (day = '1', hour = 2) LOCATION 's3://…' PARTITION …`. */
function partitionsIn(text: string, { partitionKeys = [] }: TableInputs) {
    const pattern = /\s*,?\s*PARTITION\s*\(((?:[^()']|'(?:[^'\\]|\\.|'')*')*)\)(?:\s*LOCATION\s*'([^']*)')?/giy;
    const found: { values: string[]; location?: string }[] = [];
    let end = 0;
    for (const match of text.matchAll(pattern)) {
        const given = new Map(
            [...match[1].matchAll(new RegExp(`(${PART})\\s*=\\s*('(?:[^']|'')*'|[\\w.+-]+)`, "g"))].map(
                ([, name, value]) => [
                    namesIn(name)[0].toLowerCase(),
                    value.replace(/^'(.*)'$/s, "$1").replaceAll("''", "'"),
                ],
            ),
        );
        const values = partitionKeys.map(({ name }) => given.get(name));
        if (values.includes(undefined) || given.size !== values.length) {
            throw failed("SemanticException", `Partition spec {${match[1].trim()}} does not fit the partition columns`);
        }
        found.push({ values: values as string[], location: match[2] });
        end = match.index + match[0].length;
    }
    if (found.length > 0 && !text.slice(end).trim()) return found;
    throw notSupported(`The partitions ${text}`);
}

/** Hive's own errors come through Athena as they are. */
function failed(kind: string, what: string): Error {
    return Object.assign(queryError("FAILED", ""), { message: `FAILED: ${kind} ${what}` });
}
