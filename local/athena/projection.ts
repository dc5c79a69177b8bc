import type { ColumnInputs, TableInputs } from "../glue/catalog";
import { encodedValue } from "../glue/input";
import { notSupported, queryError } from "./reasons";

/** The values that a partition key can have, as its folders spell them; `injected` when only a query can tell. */
export type ProjectedKey = readonly string[] | "injected";

/** The partitions of a table that are worked out instead of registered. https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html */
export interface Projection {
    readonly keys: readonly ProjectedKey[];
    /** Folder of the partition with these values. */
    location(values: readonly string[]): string;
}

/** Most values of one key: as many partitions as AWS looks at for one query. */
const MOST_VALUES = 1_000_000;

/** The projection that a table's parameters describe, or undefined when its partitions are registered. */
export function projectionOf(table: TableInputs, now: number): Projection | undefined {
    const { parameters = {}, partitionKeys = [], storageDescriptor } = table;
    if (parameters["projection.enabled"]?.trim().toLowerCase() !== "true" || partitionKeys.length === 0)
        return undefined;
    const missing = partitionKeys.filter(({ name }) => !parameters[`projection.${name}.type`]);
    if (missing.length > 0) {
        throw invalid(
            `Table ${table.databaseName}.${table.name} is configured for partition projection, but the following partition columns are missing projection configuration: [${missing.map(({ name }) => name).join(", ")}]`,
        );
    }
    const base = (storageDescriptor?.location ?? "").replace(/\/+$/, "");
    const template =
        parameters["storage.location.template"] ??
        `${base}/${partitionKeys.map(({ name }) => `${name}=\${${name}}/`).join("")}`;
    const isNamed = parameters["storage.location.template"] === undefined;
    for (const { name } of partitionKeys) {
        if (template.includes(`\${${name}}`)) continue;
        throw invalid(
            `The storage location template "${template}" of table ${table.databaseName}.${table.name} lacks the partition column ${name}`,
        );
    }
    return {
        keys: partitionKeys.map((key) => valuesOf(parameters, key, now)),
        location: (values) =>
            partitionKeys.reduce(
                (text, { name }, at) =>
                    text.replaceAll(`\${${name}}`, () => (isNamed ? encodedValue(values[at]) : values[at])),
                template,
            ),
    };
}

type Parameters = Readonly<Record<string, string>>;

function valuesOf(parameters: Parameters, { name }: ColumnInputs, now: number): ProjectedKey {
    const of = (property: string) => parameters[`projection.${name}.${property}`];
    const needed = (property: string) => {
        const value = of(property);
        if (value !== undefined) return value;
        throw invalid(`Missing required property projection.${name}.${property}`);
    };
    const type = needed("type").trim().toLowerCase();
    switch (type) {
        case "enum":
            return needed("values").split(",");
        case "injected":
            return "injected";
        case "integer":
            return integers(needed("range"), Number(of("interval") ?? 1), Number(of("digits") ?? 0), name);
        case "date":
            return dates(needed("range"), needed("format"), of("interval"), of("interval.unit"), { name, now });
    }
    throw invalid(`Unknown projection type "${type}" of the partition column ${name}`);
}

function integers(range: string, interval: number, digits: number, name: string): readonly string[] {
    const [from, to] = range.split(",").map((text) => Number(text.trim()));
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || !(interval >= 1)) {
        throw invalid(`Invalid range "${range}" or interval of the projected partition column ${name}`);
    }
    const length = Math.max(0, Math.floor((to - from) / interval) + 1);
    return Array.from({ length: limited(length, name) }, (_, at) => {
        const value = from + at * interval;
        return `${value < 0 ? "-" : ""}${String(Math.abs(value)).padStart(digits, "0")}`;
    });
}

/** Units of time by the letter of a format that is their finest, and how far one of them reaches. */
const UNITS = {
    YEARS: (time: Date, by: number) => time.setUTCFullYear(time.getUTCFullYear() + by),
    MONTHS: (time: Date, by: number) => time.setUTCMonth(time.getUTCMonth() + by),
    WEEKS: (time: Date, by: number) => time.setUTCDate(time.getUTCDate() + 7 * by),
    DAYS: (time: Date, by: number) => time.setUTCDate(time.getUTCDate() + by),
    HOURS: (time: Date, by: number) => time.setTime(time.getTime() + by * 3_600_000),
    MINUTES: (time: Date, by: number) => time.setTime(time.getTime() + by * 60_000),
    SECONDS: (time: Date, by: number) => time.setTime(time.getTime() + by * 1000),
} as const;

type Unit = keyof typeof UNITS;

const FINEST: readonly (readonly [string, Unit])[] = [
    ["s", "SECONDS"],
    ["m", "MINUTES"],
    ["H", "HOURS"],
    ["d", "DAYS"],
    ["M", "MONTHS"],
    ["y", "YEARS"],
];

/** https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html#partition-projection-date-type */
function dates(
    range: string,
    format: string,
    interval: string | undefined,
    unit: string | undefined,
    { name, now }: { readonly name: string; readonly now: number },
): readonly string[] {
    const pattern = patternOf(format);
    const finest = FINEST.find(([letter]) => pattern.some((part) => part.field === letter))?.[1] ?? "DAYS";
    if (unit === undefined && finest !== "DAYS" && finest !== "MONTHS") {
        throw invalid(`projection.${name}.interval.unit is required for the format "${format}"`);
    }
    const [first, last] = range.split(",").map((text) => momentOf(text.trim(), pattern, now));
    if (first === undefined || last === undefined) {
        throw invalid(`Invalid range "${range}" of the projected partition column ${name}`);
    }
    const step = unitOf(unit ?? finest);
    const by = Number(interval ?? 1);
    if (!step || !(by >= 1)) throw invalid(`Invalid interval of the projected partition column ${name}`);
    const values: string[] = [];
    const to = written(new Date(last), pattern);
    const end = parsed(to, pattern) ?? last;
    for (let at = 0; ; at++) {
        const time = new Date(parsed(written(new Date(first), pattern), pattern) ?? first);
        UNITS[step](time, at * by);
        if (time.getTime() > end) return values;
        values.push(written(time, pattern));
        limited(values.length, name);
    }
}

interface Part {
    /** A letter of Java's patterns, or nothing for a text between. */
    readonly field?: string;
    readonly width: number;
    readonly text: string;
}

function patternOf(format: string): readonly Part[] {
    return [...format.matchAll(/'((?:[^']|'')*)'|([a-zA-Z])\2*|[^a-zA-Z']+/g)].map(([text, quoted, letter]) => {
        if (quoted !== undefined) return { width: 0, text: quoted.replaceAll("''", "'") || "'" };
        if (!letter) return { width: 0, text };
        if (!/^(y+|MM?|dd?|HH?|mm?|ss?)$/.test(text)) throw notSupported(`The date format "${format}" of a projection`);
        return { field: letter, width: text.length, text };
    });
}

function fieldsOf(time: Date): Readonly<Record<string, number>> {
    return {
        y: time.getUTCFullYear(),
        M: time.getUTCMonth() + 1,
        d: time.getUTCDate(),
        H: time.getUTCHours(),
        m: time.getUTCMinutes(),
        s: time.getUTCSeconds(),
    };
}

function written(time: Date, pattern: readonly Part[]): string {
    const fields = fieldsOf(time);
    return pattern
        .map(({ field, width, text }) => {
            if (!field) return text;
            const digits = String(fields[field]).padStart(width, "0");
            return field === "y" && width === 2 ? digits.slice(-2) : digits;
        })
        .join("");
}

function parsed(value: string, pattern: readonly Part[]): number | undefined {
    const source = pattern.map(({ field, width, text }) =>
        field
            ? `(\\d{${field === "y" && width !== 2 ? 4 : width}${width === 1 ? ",2" : ""}})`
            : text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
    );
    const found = new RegExp(`^${source.join("")}$`).exec(value);
    if (!found) return undefined;
    const fields = Object.fromEntries(
        pattern.flatMap(({ field }) => (field ? [field] : [])).map((f, at) => [f, Number(found[at + 1])]),
    );
    const { y = 1970, M = 1, d = 1, H = 0, m = 0, s = 0 } = fields;
    return Date.UTC(y, M - 1, d, H, m, s);
}

/** A moment that the format spells, or one relative to now: `NOW-3YEARS+1DAY`. */
function momentOf(text: string, pattern: readonly Part[], now: number): number | undefined {
    if (!/^NOW/i.test(text)) return parsed(text, pattern);
    const time = new Date(now);
    const offsets = text.slice(3).replaceAll(" ", "");
    for (const [, sign, count, unit] of offsets.matchAll(/([+-])(\d+)([A-Z]+)/gi)) {
        const step = unitOf(unit);
        if (!step) return undefined;
        UNITS[step](time, Number(`${sign}${count}`));
    }
    return /^([+-]\d+[A-Z]+)*$/i.test(offsets) ? time.getTime() : undefined;
}

function unitOf(text: string): Unit | undefined {
    const name = text.trim().toUpperCase().replace(/S?$/, "S");
    return Object.hasOwn(UNITS, name) ? (name as Unit) : undefined;
}

function limited(length: number, name: string): number {
    if (length <= MOST_VALUES) return length;
    throw invalid(`The projected partition column ${name} has more than ${MOST_VALUES} values`);
}

function invalid(message: string): Error {
    return queryError("INVALID_TABLE_PROPERTY", message);
}
