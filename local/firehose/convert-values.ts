import { badInput, INEXACT, misfit, misfitOf } from "./convert-misfit";
import { decimalWriter, floatingWriter, integerWriter, type Writer } from "./convert-numbers";
import { dateWriter, timestampWriter } from "./convert-times";
import type { HiveField, HiveType } from "./hive-type";
import { exactText } from "./json-documents";

/** What a deserializer does with JSON. Tried on AWS in September 2026: floci-io/floci#3521. */
export interface SerDeRules {
    /** Names match whatever their case. Both deserializers do that, unless OpenX is told not to. */
    readonly isCaseInsensitive: boolean;
    /** Keys that are data, in maps and texts, are kept in lower case: OpenX changes every key before it reads a value. */
    readonly lowersKeys: boolean;
    /** A value of another shape is made to fit, as OpenX does; Hive refuses it. */
    readonly isLenient: boolean;
    /** Dots in keys stand for underscores in names. */
    readonly dotsAreUnderscores: boolean;
    /** Forms of times in Joda's letters, for Hive. */
    readonly timestampFormats: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Makes the {@link Writer} of a type. Null is none of its business. */
export function writerOf(type: HiveType, rules: SerDeRules): Writer {
    const { isLenient } = rules;
    switch (type.kind) {
        case "boolean":
            return writeBoolean;
        case "tinyint":
        case "smallint":
        case "int":
        case "bigint":
            return integerWriter(type.kind, isLenient);
        case "float":
        case "double":
            return floatingWriter(type.kind, isLenient);
        case "decimal":
            return decimalWriter(type.precision, type.scale, isLenient);
        case "string":
            return textWriter(rules);
        case "date":
            return dateWriter;
        case "timestamp":
            return timestampWriter(rules.timestampFormats);
        case "array":
            return arrayWriter(orNull(writerOf(type.element, rules)), isLenient);
        case "map":
            // The keys of an object are texts, whatever they are to become.
            return mapWriter(writerOf(type.key, { ...rules, isLenient: true }), writerOf(type.value, rules), rules);
        case "struct":
            return structWriter(type.fields, rules);
    }
}

/** Writes an object as a row with these members, those that are missing left out. */
export function memberWriter(
    members: readonly { readonly name: string; readonly key: string; readonly write: Writer }[],
    rules: SerDeRules,
): (object: Fields) => string {
    const labelled = members.map((member) => ({ ...member, label: `${JSON.stringify(member.name)}:` }));
    const lookup = lookupBy(rules);
    return (object) => {
        const memberOf = lookup(object);
        let text = "";
        for (const { label, key, write } of labelled) {
            const value = memberOf(key);
            if (value !== undefined && value !== null) text += `${text && ","}${label}${write(value)}`;
        }
        return `{${text}}`;
    };
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Fields {
    return typeof value === "object" && value !== null && !Array.isArray(value) && exactText(value) === undefined;
}

/** Finds members of an object: by the very name first, then by what the rules make of its keys, of which the first counts. */
function lookupBy({ isCaseInsensitive, dotsAreUnderscores }: SerDeRules) {
    const folded = (key: string) => {
        const name = dotsAreUnderscores ? key.replaceAll(".", "_") : key;
        return isCaseInsensitive ? name.toLowerCase() : name;
    };
    const isExact = !isCaseInsensitive && !dotsAreUnderscores;
    return (object: Fields) => {
        let index: Map<string, unknown> | undefined;
        return (key: string): unknown => {
            if (Object.hasOwn(object, key)) return object[key];
            if (isExact) return undefined;
            index ??= new Map(
                Object.entries(object)
                    .reverse()
                    .map(([name, value]) => [folded(name), value]),
            );
            return index.get(folded(key));
        };
    };
}

const writeBoolean: Writer = (value) => {
    if (typeof value === "boolean") return String(value);
    const text = typeof value === "string" ? value.toLowerCase() : "";
    if (text !== "true" && text !== "false")
        throw badInput(typeof value === "string" ? value : (exactText(value) ?? JSON.stringify(value) ?? ""));
    return text;
};

function textWriter({ isLenient, lowersKeys }: SerDeRules): Writer {
    return (value) => {
        if (typeof value === "string") return quoted(value);
        if (typeof value === "object" && exactText(value) === undefined && !isLenient)
            throw misfitOf("One or more fields have incorrect format. Exception when validating field (root)");
        return quoted(jsonText(value, lowersKeys));
    };
}

/** The JSON text of a value, numbers as they came. */
function jsonText(value: unknown, lowersKeys: boolean): string {
    if (typeof value === "number") throw INEXACT;
    const exact = exactText(value);
    if (exact !== undefined) return exact;
    if (Array.isArray(value)) return `[${value.map((each) => jsonText(each, lowersKeys)).join(",")}]`;
    if (!isObject(value)) return JSON.stringify(value);
    const members = Object.entries(value).map(([key, member]) => {
        return `${JSON.stringify(lowersKeys ? key.toLowerCase() : key)}:${jsonText(member, lowersKeys)}`;
    });
    return `{${members.join(",")}}`;
}

function arrayWriter(write: Writer, isLenient: boolean): Writer {
    return (value) => {
        if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
        if (isLenient) return `[${write(value)}]`;
        throw misfit("java.io.IOException: Start of Array expected");
    };
}

function mapWriter(writeKey: Writer, writeValue: Writer, { isLenient, lowersKeys }: SerDeRules): Writer {
    const write = orNull(writeValue);
    return (value) => {
        if (!isObject(value))
            throw misfit(isLenient ? "Data is not JSONObject" : "java.io.IOException: Start of Object expected");
        // Of keys that become the same, the last counts: a map has each key once.
        const entries = new Map<string, string>();
        for (const [key, member] of Object.entries(value)) {
            const name = writeKey(lowersKeys ? key.toLowerCase() : key);
            entries.set(name.startsWith('"') ? name : `"${name}"`, write(member));
        }
        return `{${[...entries].map(([key, member]) => `${key}:${member}`).join(",")}}`;
    };
}

function structWriter(fields: readonly HiveField[], rules: SerDeRules): Writer {
    const members = fields.map(({ name, type }) => ({ name, key: name, write: writerOf(type, rules) }));
    const write = memberWriter(members, rules);
    return (value) => {
        if (isObject(value)) return write(value);
        if (!rules.isLenient) throw misfit("java.io.IOException: Start of Object expected");
        if (!Array.isArray(value)) throw misfit(`Data is not JSONObject  but ${javaValue(value)}`);
        const byName = fields.slice(0, value.length).map(({ name }, index) => [name, value[index]]);
        return write(Object.fromEntries(byName));
    };
}

/** A value as the deserializer names it: its type in Java, and what it is. */
function javaValue(value: unknown): string {
    const exact = typeof value === "number" ? String(value) : exactText(value);
    const type = exact === undefined ? typeof value : /^-?\d+$/.test(exact) ? "number" : "double";
    const names: Readonly<Record<string, string>> = { boolean: "Boolean", number: "Long", double: "Double" };
    return `java.lang.${names[type] ?? "String"} with value ${exact ?? String(value)}`;
}

function orNull(write: Writer): Writer {
    return (value) => (value === null || value === undefined ? "null" : write(value));
}

/** Printable ASCII without a quotation mark or backslash, as most texts are: as JSON, it stays as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** JSON may escape halves of characters, which no UTF-8 holds. */
function quoted(text: string): string {
    return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text.toWellFormed());
}
