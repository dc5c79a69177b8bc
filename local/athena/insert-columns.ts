import { type DuckSession, identifier } from "../duck";
import type { TableInputs } from "../glue/catalog";
import { duckTypeOfHive } from "./hive-type";
import { outputType } from "./output-type";
import { queryError } from "./reasons";

/** Types that Trino turns into each other by itself, by rank. */
const NUMBERS = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE"];

/** A query's columns put in a table's places, with its names and types; those that are not given are NULL. */
export async function columnsInOrder(
    session: DuckSession,
    query: string,
    given: readonly string[] | undefined,
    { storageDescriptor, partitionKeys = [] }: TableInputs,
): Promise<string> {
    const all = [...(storageDescriptor?.columns ?? []), ...partitionKeys].map(({ name, type = "string" }) => ({
        name,
        type,
    }));
    const { types } = await session.table(`SELECT * FROM (${query}) LIMIT 0`);
    const targets = given ? given.map((name) => columnNamed(all, name)) : all;
    const got = types.map(outputType);
    const wanted = targets.map(({ type }) => duckTypeOfHive(type));
    if (got.length !== wanted.length || !got.every(({ duck }, at) => isTaken(duck, wanted[at]))) {
        throw queryError(
            "TYPE_MISMATCH",
            `Insert query has mismatched column types: Table: [${targets.map(({ type }) => type).join(", ")}], Query: [${got.map(({ hive }) => hive).join(", ")}]`,
            "line 1:1",
        );
    }
    const select = all.map(({ name, type }) => {
        const at = targets.findIndex((target) => target.name === name);
        const value = at < 0 ? "NULL" : `q.c${at}`;
        return `${value}::${duckTypeOfHive(type)} AS ${identifier(name)}`;
    });
    const aliases = got.map((_, at) => `c${at}`).join(", ");
    return `SELECT ${select.join(", ")} FROM (${query}) AS q(${aliases})`;
}

function columnNamed(all: readonly { readonly name: string; readonly type: string }[], name: string) {
    const found = all.find((column) => column.name === name.toLowerCase());
    if (found) return found;
    throw queryError("COLUMN_NOT_FOUND", `Insert column name does not exist in target table: ${name}`, "line 1:1");
}

function isTaken(from: string, to: string): boolean {
    if (from === to) return true;
    const [a, b] = [NUMBERS.indexOf(from), NUMBERS.indexOf(to)];
    if (a >= 0 && b >= 0) return a <= b;
    if (/^DECIMAL/.test(to)) return a >= 0 && a < 4 ? true : /^DECIMAL/.test(from);
    return /^DECIMAL/.test(from) ? b >= 4 : from === "DATE" && to === "TIMESTAMP";
}
