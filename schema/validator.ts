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
    return [
        `const sentences = ${JSON.stringify(sentencesOf(dataset))};`,
        `const module = {};`,
        standalone(dataset),
        `const validate = module.exports;`,
        `const none = [];`,
        `return (record) => validate(record) ? none : problems(validate.errors);`,
        PROBLEMS,
    ].join("\n");
}

/** Makes the {@link Validator} of a dataset here and now. */
export function validatorOf(dataset: Dataset): Validator {
    return new Function(validatorSource(dataset))() as Validator;
}

/** Turns ajv's errors into sentences. Several errors in one place are one sentence. */
const PROBLEMS = `function problems(errors) {
    const found = new Set();
    for (const { schemaPath, keyword, params } of errors) {
        const place = schemaPath.slice(0, schemaPath.lastIndexOf("/"));
        const missing = keyword === "required";
        found.add(sentences[missing ? place + "/properties/" + params.missingProperty : place][missing ? 1 : 0]);
    }
    return [...found];
}`;

function standalone(dataset: Dataset): string {
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
    return standaloneCode(ajv, ajv.compile(withoutDocs(jsonSchema(dataset))));
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
