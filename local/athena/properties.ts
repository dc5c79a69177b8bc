import { queryError } from "./reasons";

/** A value in a WITH clause. */
export type PropertyValue = string | number | boolean | readonly string[];

/** What a WITH clause says, by name in lower case. */
export type StatementProperties = ReadonlyMap<string, PropertyValue>;

const TEXT = "'(?:[^']|'')*'";
const VALUE = `(${TEXT}|ARRAY\\s*\\[[^\\]]*\\]|[\\w.+-]+)`;
const PROPERTY = new RegExp(`\\s*(\\w+)\\s*=\\s*${VALUE}\\s*(,|$)`, "iy");

/** Reads what stands in the brackets of a WITH clause: `format = 'PARQUET', partitioned_by = ARRAY['day']`. */
export function readProperties(text: string): StatementProperties {
    const properties = new Map<string, PropertyValue>();
    let end = 0;
    for (PROPERTY.lastIndex = 0; end < text.length; ) {
        const found = PROPERTY.exec(text);
        if (!found)
            throw queryError(
                "SYNTAX_ERROR",
                `mismatched input '${text.slice(end).trim().split(/\s/)[0]}' in WITH (...)`,
            );
        properties.set(found[1].toLowerCase(), read(found[2]));
        end = PROPERTY.lastIndex;
    }
    return properties;
}

function read(text: string): PropertyValue {
    if (/^'/.test(text)) return unquoted(text);
    if (/^ARRAY/i.test(text)) return [...text.matchAll(new RegExp(TEXT, "g"))].map(([each]) => unquoted(each));
    if (/^(true|false)$/i.test(text)) return /^true$/i.test(text);
    return Number.isNaN(Number(text)) ? text : Number(text);
}

function unquoted(text: string): string {
    return text.slice(1, -1).replaceAll("''", "'");
}

/** Throws for a property that the statement does not have. */
export function onlyProperties(properties: StatementProperties, known: readonly string[]): void {
    for (const name of properties.keys()) {
        if (known.includes(name)) continue;
        throw queryError("INVALID_TABLE_PROPERTY", `Catalog 'awsdatacatalog' table property '${name}' does not exist`);
    }
}
