import { LITERALS, matches, matchesArn } from "./match";
import type { Condition } from "./policy";

/** What is known of a request, by condition key in lower case. */
export interface Context {
    get(key: string): string | readonly string[] | undefined;
}

type Test = (given: string, wanted: string) => boolean;

const number = (test: (given: number, wanted: number) => boolean): Test => {
    return (given, wanted) => test(Number(given), Number(wanted));
};
const date = (test: (given: number, wanted: number) => boolean): Test => {
    return (given, wanted) => test(time(given), time(wanted));
};

/** One given value against one wanted value. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const TESTS: Readonly<Record<string, Test>> = {
    StringEquals: (given, wanted) => given === unmarked(wanted),
    StringEqualsIgnoreCase: (given, wanted) => given.toLowerCase() === unmarked(wanted).toLowerCase(),
    StringLike: (given, wanted) => matches(wanted, given),
    ArnEquals: (given, wanted) => matchesArn(wanted, given),
    ArnLike: (given, wanted) => matchesArn(wanted, given),
    Bool: (given, wanted) => given.toLowerCase() === wanted.toLowerCase(),
    BinaryEquals: (given, wanted) => given === wanted,
    NumericEquals: number((given, wanted) => given === wanted),
    NumericLessThan: number((given, wanted) => given < wanted),
    NumericLessThanEquals: number((given, wanted) => given <= wanted),
    NumericGreaterThan: number((given, wanted) => given > wanted),
    NumericGreaterThanEquals: number((given, wanted) => given >= wanted),
    DateEquals: date((given, wanted) => given === wanted),
    DateLessThan: date((given, wanted) => given < wanted),
    DateLessThanEquals: date((given, wanted) => given <= wanted),
    DateGreaterThan: date((given, wanted) => given > wanted),
    DateGreaterThanEquals: date((given, wanted) => given >= wanted),
    IpAddress: (given, wanted) => isWithin(given, wanted),
};

/** Operators that hold when none of the values matches. */
const NEGATIONS: Readonly<Record<string, string>> = {
    StringNotEquals: "StringEquals",
    StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
    StringNotLike: "StringLike",
    ArnNotEquals: "ArnEquals",
    ArnNotLike: "ArnLike",
    NumericNotEquals: "NumericEquals",
    DateNotEquals: "DateEquals",
    NotIpAddress: "IpAddress",
};

/** Whether AWS knows a condition operator, prefix and suffix included. */
export function isOperator(operator: string): boolean {
    const { name } = dissect(operator);
    return name === "Null" ? operator === "Null" : Object.hasOwn(TESTS, name) || Object.hasOwn(NEGATIONS, name);
}

/** Whether every condition of a statement holds. */
export function conditionsHold(conditions: readonly Condition[], context: Context): boolean {
    return conditions.every((condition) => holds(condition, context));
}

function holds({ operator, key, values }: Condition, context: Context): boolean {
    const { name, quantifier, ifExists } = dissect(operator);
    const given = context.get(key);
    if (name === "Null") return values.some((value) => (value === "true") === (given === undefined));
    if (given === undefined && (ifExists || quantifier)) return ifExists || quantifier === "ForAllValues";
    if (given === undefined) return Object.hasOwn(NEGATIONS, name);
    const wanted = values.map((value) => substituted(value, context)).filter((value) => value !== undefined);
    const test = TESTS[NEGATIONS[name] ?? name] as Test;
    const negative = Object.hasOwn(NEGATIONS, name);
    const one = (item: string) => wanted.some((value) => test(item, value)) !== negative;
    const items = typeof given === "string" ? [given] : given;
    return quantifier === "ForAnyValue" ? items.some(one) : items.every(one);
}

function dissect(operator: string) {
    const [, quantifier, name = "", ifExists] =
        /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(operator) ?? [];
    return { quantifier, name, ifExists: ifExists !== undefined };
}

/** A value with its policy variables filled in, or undefined when one has no value: such a pattern matches nothing. */
export function substituted(text: string, context: Context): string | undefined {
    if (!text.includes("${")) return text;
    let isKnown = true;
    const filled = text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
        if (Object.hasOwn(LITERALS, name)) return LITERALS[name] as string;
        const [, key = "", fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(name) ?? [];
        const value = context.get(key.toLowerCase()) ?? fallback;
        if (typeof value !== "string") isKnown = false;
        return typeof value === "string" ? escapedWildcards(value) : "";
    });
    return isKnown ? filled : undefined;
}

/** A wildcard in the value of a variable is no wildcard. */
function escapedWildcards(value: string): string {
    return value.replace(/[*?]/g, (character) => LITERALS[character] as string);
}

function unmarked(text: string): string {
    return text.replaceAll(LITERALS["*"] as string, "*").replaceAll(LITERALS["?"] as string, "?");
}

/** A time in seconds since 1970, or in ISO 8601. */
function time(text: string): number {
    return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

/** Whether an address lies in a block such as `10.0.0.0/8` or `2001:db8::/32`. */
function isWithin(address: string, block: string): boolean {
    const [base = "", prefix] = block.split("/");
    const [given, network] = [bits(address), bits(base)];
    if (!given || !network || given.width !== network.width) return false;
    const shift = BigInt(network.width - Number(prefix ?? network.width));
    return given.value >> shift === network.value >> shift;
}

function bits(address: string): { value: bigint; width: number } | undefined {
    if (/^\d+(\.\d+){3}$/.test(address)) return { value: joined(address.split(".").map(Number), 8n), width: 32 };
    if (!/^[0-9a-f:]+$/i.test(address) || !address.includes(":")) return undefined;
    const [head = "", tail] = address.split("::");
    const [left, right] = [head.split(":").filter(Boolean), tail?.split(":").filter(Boolean) ?? []];
    const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
    const groups = [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
    return groups.length === 8 ? { value: joined(groups, 16n), width: 128 } : undefined;
}

function joined(parts: readonly number[], size: bigint): bigint {
    return parts.reduce((value, part) => (value << size) | BigInt(part), 0n);
}
