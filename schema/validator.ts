import { _, Ajv, type CodeKeywordDefinition, type KeywordCxt, type Name } from "ajv";
import { Type } from "ajv/dist/compile/util";
import standaloneCode from "ajv/dist/standalone";
import { ofType } from "./column-type";
import type { Column, ColumnType, Dataset } from "./dataset";
import { jsonSchema } from "./json-schema";

/** Tells what is wrong with a record: one sentence for each column, none when it conforms. */
export type Validator = (record: unknown) => readonly string[];

/**
 * Source text of the {@link Validator} of a dataset: `new Function(validatorSource(dataset))()`. It is made from the JSON Schema when the
 * program is evaluated, requires nothing, and runs at native speed wherever it is compiled. A sentence names the column and what is
 * expected, never what was sent, so it can be logged: `user_id is missing`, `timestamp is not an ISO 8601 time`, `not a JSON object`.
 */
export function validatorSource(dataset: Dataset): string {
    const schema = withoutDocs(jsonSchema(dataset));
    const { code, sentences } = withSentences(withoutUnused(standalone(schema), schema), sentencesOf(dataset));
    return [
        `const module = {}, none = [], found = new Set(), sentences = ${JSON.stringify(sentences)};`,
        "const problem = (index) => found.add(sentences[index]);",
        code,
        "const validate = module.exports;",
        TELL,
    ].join("\n");
}

/** Makes the {@link Validator} of a dataset here and now. */
export function validatorOf(dataset: Dataset): Validator {
    return new Function(validatorSource(dataset))() as Validator;
}

/** Several errors in one place are one sentence. */
const TELL = `return (record) => {
    if (validate(record)) return none;
    const problems = [...found];
    found.clear();
    return problems;
};`;

function standalone(schema: Record<string, unknown>): string {
    const ajv = new Ajv({
        allErrors: true,
        meta: false,
        validateSchema: false,
        allowUnionTypes: true,
        messages: false,
        code: { source: true },
    });
    for (const keyword of [items, values]) {
        ajv.removeKeyword(keyword.keyword as string);
        ajv.addKeyword(keyword);
    }
    return standaloneCode(ajv, ajv.compile(schema));
}

/** How ajv notes an error: an object of its own for each, with all that may be of interest. */
const ERROR =
    /const (err\d+) = \{instancePath.*?,schemaPath:"([^"]*)\/\w+",keyword:"(\w+)",params:(.*?)\};if\(vErrors === null\)\{vErrors = \[\1\];\}else \{vErrors\.push\(\1\);\}errors\+\+;/gs;

/** Makes of ajv's notes, two thirds of its code, the numbers of sentences. */
function withSentences(
    code: string,
    byPlace: Sentences,
): { readonly code: string; readonly sentences: readonly string[] } {
    const sentences: string[] = [];
    const noted = code.replace(ERROR, (_, __, place: string, keyword: string, params: string) => {
        const number = keyword === "required" ? missing(place, params) : numberOf(byPlace[place]?.[0]);
        return `problem(${number});errors++;`;
    });
    if (noted.includes("vErrors.push")) throw new Error("ajv notes an error in a way that is not known.");
    return { code: noted, sentences };

    function numberOf(sentence: string | undefined): number {
        if (sentence === undefined) throw new Error("ajv notes an error in a place that no column has.");
        if (!sentences.includes(sentence)) sentences.push(sentence);
        return sentences.indexOf(sentence);
    }

    /** Where ajv stops at the first missing property, its code has a variable with the name. */
    function missing(place: string, params: string): number | string {
        const name = params.slice("{missingProperty: ".length, -1);
        const numbers = /^"/.test(name) ? [JSON.parse(name)] : properties(place);
        const byName = numbers.map((property) => [property, numberOf(byPlace[`${place}/properties/${property}`]?.[1])]);
        return byName.length === 1 ? byName[0]?.[1] : `${JSON.stringify(Object.fromEntries(byName))}[${name}]`;
    }

    function properties(place: string): readonly string[] {
        const start = `${place}/properties/`;
        const below = Object.keys(byPlace).filter((each) => each.startsWith(start));
        return below.map((each) => each.slice(start.length)).filter((name) => !name.includes("/"));
    }
}

/**
 * `items` and `additionalProperties` that stop at the first bad element. ajv's own report every one, and a hostile record of a million
 * bad elements would fill the memory with a million errors.
 */
const items: CodeKeywordDefinition = {
    keyword: "items",
    type: "array",
    schemaType: "object",
    code: (cxt) => {
        const length = cxt.gen.const("length", _`${cxt.data}.length`);
        cxt.gen.forRange("i", 0, length, (i) => element(cxt, "items", i, Type.Num));
    },
};

const values: CodeKeywordDefinition = {
    keyword: "additionalProperties",
    type: "object",
    schemaType: "object",
    code: (cxt) => cxt.gen.forIn("key", cxt.data, (key) => element(cxt, "additionalProperties", key, Type.Str)),
};

function element(cxt: KeywordCxt, keyword: string, dataProp: Name, dataPropType: Type): void {
    const valid = cxt.gen.name("valid");
    cxt.subschema({ keyword, dataProp, dataPropType, compositeRule: true, allErrors: false }, valid);
    cxt.gen.if(_`!${valid}`, () => cxt.gen.break());
}

/** The schema itself, which ajv puts into its code for notes that say what is expected. Long lists of values are read there, too. */
function withoutUnused(code: string, schema: Record<string, unknown>): string {
    return code.split("schema0").length === 2 ? code.replace(`const schema0 = ${JSON.stringify(schema)};`, "") : code;
}

/** Descriptions would only make the source longer. */
function withoutDocs(value: unknown): Record<string, unknown> {
    return JSON.parse(
        JSON.stringify(value, (key, inner) => (key === "description" && typeof inner === "string" ? undefined : inner)),
    );
}

/** By the place in the schema: what to say when a value there is wrong, and when it is missing. */
type Sentences = Record<string, readonly [wrong: string, missing: string]>;

function sentencesOf(dataset: Dataset): Sentences {
    const sentences: Sentences = { "#": ["not a JSON object", ""] };
    describeColumns(sentences, "#", "", dataset.columns);
    return sentences;
}

function describeColumns(sentences: Sentences, place: string, parent: string, columns: readonly Column[]): void {
    for (const column of columns) {
        describe(
            sentences,
            `${place}/properties/${column.name}`,
            parent + column.name,
            column.type,
            expectation(column),
        );
    }
}

function describe(sentences: Sentences, place: string, path: string, type: ColumnType, expected: string): void {
    sentences[place] = [`${path} is not ${expected}`, `${path} is missing`];
    if (typeof type === "string") return;
    if ("struct" in type) describeColumns(sentences, place, `${path}.`, type.struct);
    else if ("array" in type) describe(sentences, `${place}/items`, `${path}[]`, type.array, typeName(type.array));
    else describe(sentences, `${place}/additionalProperties`, `${path}.*`, type.map, typeName(type.map));
}

function expectation({ type, oneOf, pattern }: Column): string {
    if (oneOf) return `one of ${oneOf.map((value) => JSON.stringify(value)).join(", ")}`;
    return pattern === undefined ? typeName(type) : `a string that matches ${pattern}`;
}

function typeName(type: ColumnType): string {
    return ofType<string>(type, {
        string: "a string",
        int: "a whole number of 32 bits",
        long: "a whole number within 9007199254740991 of zero",
        double: "a number",
        boolean: "true or false",
        date: "a date such as 2026-02-28",
        timestamp: "an ISO 8601 time",
        decimal: (precision, scale) =>
            `a number with at most ${precision - scale} digits before the point and ${scale} behind`,
        struct: () => "an object",
        array: () => "an array",
        map: () => "an object",
    });
}
