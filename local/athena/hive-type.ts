import { identifier } from "../duck";

const SIMPLE: Readonly<Record<string, string>> = {
    boolean: "BOOLEAN",
    tinyint: "TINYINT",
    smallint: "SMALLINT",
    int: "INTEGER",
    integer: "INTEGER",
    bigint: "BIGINT",
    float: "FLOAT",
    double: "DOUBLE",
    string: "VARCHAR",
    date: "DATE",
    timestamp: "TIMESTAMP",
    binary: "BLOB",
};

/** DuckDB's name of a Hive type such as `struct<zip:string,tags:array<string>>`. Throws for a type that nobody here reads. */
export function duckTypeOfHive(hive: string): string {
    const type = hive.trim();
    const simple = SIMPLE[type.toLowerCase()];
    if (simple) return simple;
    const [, name, inner] = /^(\w+)\s*[<(](.*)[>)]$/s.exec(type) ?? [];
    switch (name?.toLowerCase()) {
        case "decimal":
            return `DECIMAL(${inner})`;
        case "varchar":
        case "char":
            return "VARCHAR";
        case "array":
            return `${duckTypeOfHive(inner)}[]`;
        case "map":
            return `MAP(${partsOf(inner).map(duckTypeOfHive).join(", ")})`;
        case "struct":
            return `STRUCT(${partsOf(inner).map(structField).join(", ")})`;
    }
    throw new Error(`The type "${hive}" is not one that the local runtime reads.`);
}

function structField(part: string): string {
    const colon = part.indexOf(":");
    return `${identifier(part.slice(0, colon).trim())} ${duckTypeOfHive(part.slice(colon + 1))}`;
}

/** Splits at the commas that no bracket or quote encloses. */
export function partsOf(text: string): readonly string[] {
    const found: string[] = [""];
    let depth = 0;
    let quoted = false;
    for (const character of text) {
        if (character === "'") quoted = !quoted;
        if (!quoted && "<(".includes(character)) depth++;
        if (!quoted && ">)".includes(character)) depth--;
        if (!quoted && character === "," && depth === 0) found.push("");
        else found[found.length - 1] += character;
    }
    return found;
}
