import { serviceError } from "../errors";
import type { ColumnInputs } from "./catalog";

/** Whether a partition, by its values, is one that an expression asks for. */
export type PartitionTest = (values: readonly string[]) => boolean;

type Compare = (value: string) => number;

/**
 * Reads an expression over partition keys, such as `year = '2026' AND (month BETWEEN 1 AND 3 OR day IN (1, 2))`.
 * https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
 */
export function partitionExpression(text: string | undefined, keys: readonly ColumnInputs[]): PartitionTest {
    if (!text?.trim()) return () => true;
    const tokens = tokensOf(text);
    let at = 0;
    const peek = () => tokens[at]?.toUpperCase();
    const take = (expected?: string): string => {
        const token = tokens[at++];
        if (token === undefined || (expected && token.toUpperCase() !== expected)) throw malformed(text);
        return token;
    };
    const accept = (word: string) => peek() === word && Boolean(take());

    const either = (): PartitionTest => {
        const tests = [both()];
        while (accept("OR")) tests.push(both());
        return (values) => tests.some((test) => test(values));
    };
    const both = (): PartitionTest => {
        const tests = [one()];
        while (accept("AND")) tests.push(one());
        return (values) => tests.every((test) => test(values));
    };
    const one = (): PartitionTest => {
        if (accept("NOT")) return negated(one());
        if (!accept("(")) return comparison();
        const inner = either();
        take(")");
        return inner;
    };
    const comparison = (): PartitionTest => {
        const name = take().replace(/^[`"](.*)[`"]$/s, "$1");
        const index = keys.findIndex((key) => key.name === name.toLowerCase());
        const key = keys[index];
        if (!key)
            throw serviceError("InvalidInputException", `Unsupported expression '${text}': no partition key ${name}`);
        const isNegated = accept("NOT");
        const test = operation(key);
        const whole: PartitionTest = (values) => test(values[index] as string);
        return isNegated ? negated(whole) : whole;
    };
    const operation = (key: ColumnInputs): ((value: string) => boolean) => {
        const constant = () => comparing(key, constantOf(take(), text));
        const operator = take().toUpperCase();
        if (operator === "BETWEEN") {
            const from = constant();
            take("AND");
            const to = constant();
            return (value) => from(value) >= 0 && to(value) <= 0;
        }
        if (operator === "IN") {
            take("(");
            const all = [constant()];
            while (accept(",")) all.push(constant());
            take(")");
            return (value) => all.some((compare) => compare(value) === 0);
        }
        if (operator === "LIKE") return like(constantOf(take(), text));
        const holds = OPERATORS[operator];
        if (!holds) throw malformed(text);
        const compare = constant();
        return (value) => holds(compare(value));
    };

    const whole = either();
    if (at < tokens.length) throw malformed(text);
    return whole;
}

const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
    "=": (order) => order === 0,
    "<>": (order) => order !== 0,
    "!=": (order) => order !== 0,
    ">": (order) => order > 0,
    "<": (order) => order < 0,
    ">=": (order) => order >= 0,
    "<=": (order) => order <= 0,
};

function negated(test: PartitionTest): PartitionTest {
    return (values) => !test(values);
}

function tokensOf(text: string): readonly string[] {
    const pattern = /\s*('(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|<>|!=|>=|<=|[=<>(),]|[-+]?[\w.]+)/gy;
    const tokens: string[] = [];
    let end = 0;
    for (const found of text.matchAll(pattern)) {
        tokens.push(found[1]);
        end = found.index + found[0].length;
    }
    if (text.slice(end).trim()) throw malformed(text);
    return tokens;
}

function constantOf(token: string, text: string): string {
    if (/^'/.test(token)) return token.slice(1, -1).replaceAll("''", "'");
    if (/^"/.test(token)) return token.slice(1, -1).replaceAll('""', '"');
    if (/^[-+]?\d/.test(token)) return token;
    throw malformed(text);
}

/** How a value of a key compares with a constant: numbers by size, all else by its text. */
function comparing({ type = "string" }: ColumnInputs, constant: string): Compare {
    if (/^(tinyint|smallint|int|integer|bigint|long|float|double|decimal.*)$/i.test(type)) {
        return (value) => Math.sign(Number(value) - Number(constant));
    }
    return (value) => (value === constant ? 0 : value < constant ? -1 : 1);
}

function like(pattern: string): (value: string) => boolean {
    const source = pattern
        .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
        .replaceAll("%", ".*")
        .replaceAll("_", ".");
    const regex = new RegExp(`^${source}$`, "s");
    return (value) => regex.test(value);
}

function malformed(text: string): Error {
    return serviceError("InvalidInputException", `Unsupported expression '${text}'`);
}
