import { BlockList, isIP } from "node:net";
import { invalidPattern, type Token, type Tokens } from "./pattern-tokens";

/** A value at the end of a path: nothing else is compared. */
export type Leaf = string | number | boolean | null;

/** Whether a value is what a pattern asks for. */
export type Test = (value: Leaf) => boolean;

/** What a pattern asks of the values at one path. */
export interface Matcher {
    /** Whether the path may have no value. */
    readonly matchesAbsence: boolean;
    readonly matches: Test;
}

const ONE_KEY = "Only one key allowed in match expression";
const TOO_MANY = "Too many elements in numeric expression";

/** Reads the list of what a field may be, whose bracket has been read. */
export function readMatcher(tokens: Tokens): Matcher {
    const tests: Test[] = [];
    let matchesAbsence = false;
    for (let token = tokens.next(); token.kind !== "]"; token = tokens.next()) {
        const test = token.kind === "{" ? readExpression(tokens) : exactly(token);
        if (test === "absent") matchesAbsence = true;
        else if (test) tests.push(test);
        else throw tokens.refusal("Match value must be String, number, true, false, or null");
    }
    if (tests.length === 0 && !matchesAbsence) throw tokens.refusal("Empty arrays are not allowed");
    const [only] = tests;
    return { matchesAbsence, matches: tests.length === 1 ? (only as Test) : any(tests) };
}

function any(tests: readonly Test[]): Test {
    return (value) => tests.some((test) => test(value));
}

function exactly({ kind, text }: Token): Test | undefined {
    if (kind === "string") return isIP(text) > 0 ? sameAddress(text) : (value) => value === text;
    if (kind !== "number" && kind !== "literal") return undefined;
    const wanted = JSON.parse(text) as Leaf;
    return (value) => value === wanted;
}

/** Reads `{ "prefix": "x" }` and its like. */
function readExpression(tokens: Tokens): Test | "absent" {
    const name = tokens.next();
    if (name.kind !== "field") throw tokens.refusal("Match expression name not found");
    const read = Object.hasOwn(EXPRESSIONS, name.text) ? EXPRESSIONS[name.text] : undefined;
    if (!read) throw tokens.refusal(`Unrecognized match type ${name.text}`);
    return read(tokens);
}

const EXPRESSIONS: Readonly<Record<string, (tokens: Tokens) => Test | "absent">> = {
    exactly: (tokens) => {
        const text = readOnly(tokens, "exact match pattern must be a string");
        return (value) => value === text;
    },
    prefix: (tokens) => readEdge(tokens, "prefix"),
    suffix: (tokens) => readEdge(tokens, "suffix"),
    "equals-ignore-case": (tokens) =>
        equalsIgnoreCase(readOnly(tokens, "equals-ignore-case match pattern must be a string")),
    wildcard: (tokens) => {
        const test = wildcard(tokens, stringIn(tokens, tokens.next(), "wildcard match pattern must be a string"));
        close(tokens, ONE_KEY);
        return test;
    },
    cidr: (tokens) => cidr(readOnly(tokens, "prefix match pattern must be a string")),
    numeric: readNumeric,
    exists: readExists,
    "anything-but": readAnythingBut,
};

function readExists(tokens: Tokens): Test | "absent" {
    const { text, kind } = tokens.next();
    if (kind !== "literal" || text === "null")
        throw tokens.refusal("exists match pattern must be either true or false.");
    close(tokens, ONE_KEY);
    return text === "true" ? () => true : "absent";
}

/** Reads what `prefix` or `suffix` asks for: a string, or one whose case does not count. */
function readEdge(tokens: Tokens, edge: "prefix" | "suffix"): Test {
    const token = tokens.next();
    if (token.kind !== "{") {
        const text = stringIn(tokens, token, `${edge} match pattern must be a string`);
        close(tokens, ONE_KEY);
        return hasEdge(edge, text);
    }
    const inner = tokens.next();
    if (inner.kind !== "field")
        throw tokens.refusal(`${edge === "prefix" ? "Prefix" : "Suffix"} expression name not found`);
    if (inner.text !== "equals-ignore-case") throw tokens.refusal(`Unsupported ${edge} pattern: ${inner.text}`);
    const text = readOnly(tokens, "equals-ignore-case match pattern must be a string").toLowerCase();
    close(tokens, ONE_KEY);
    const test = hasEdge(edge, text);
    return (value) => typeof value === "string" && test(value.toLowerCase());
}

function hasEdge(edge: "prefix" | "suffix", text: string): Test {
    if (edge === "prefix") return (value) => typeof value === "string" && value.startsWith(text);
    return (value) => typeof value === "string" && value.endsWith(text);
}

const ANYTHING_BUT_SENTENCES: Readonly<Record<string, string>> = {
    "equals-ignore-case": "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
    wildcard: "wildcard match pattern must be a string",
    prefix: "prefix/suffix match pattern must be a string",
    suffix: "prefix/suffix match pattern must be a string",
};

function readAnythingBut(tokens: Tokens): Test {
    const first = tokens.next();
    if (first.kind !== "{") {
        const test = readNoneOf(tokens, first);
        close(tokens, TOO_MANY);
        return test;
    }
    const inner = tokens.next();
    if (inner.kind !== "field") throw tokens.refusal("Anything-But expression name not found");
    const sentence = Object.hasOwn(ANYTHING_BUT_SENTENCES, inner.text) ? ANYTHING_BUT_SENTENCES[inner.text] : undefined;
    if (sentence === undefined) throw tokens.refusal(`Unsupported anything-but pattern: ${inner.text}`);
    const values = listOrOne(tokens, tokens.next());
    const tests: Test[] = [];
    for (const token of values) {
        const text = stringIn(tokens, token, sentence);
        tests.push(testFor(tokens, inner.text, text));
    }
    close(tokens, TOO_MANY);
    close(tokens, TOO_MANY);
    const found = any(tests);
    return (value) => !found(value);
}

function testFor(tokens: Tokens, operator: string, text: string): Test {
    if (operator === "equals-ignore-case") return equalsIgnoreCase(text);
    if (operator === "wildcard") return wildcard(tokens, text);
    if (text === "") throw tokens.refusal("Null prefix/suffix not allowed", true);
    return hasEdge(operator as "prefix" | "suffix", text);
}

/** Reads strings, or numbers, that a value must not be. */
function readNoneOf(tokens: Tokens, first: Token): Test {
    const values = new Set<Leaf>();
    const kinds = new Set<Token["kind"]>();
    for (const { kind, text } of listOrOne(tokens, first)) {
        if (kind !== "string" && kind !== "number")
            throw tokens.refusal("Inside anything but list, start|null|boolean is not supported.");
        kinds.add(kind);
        values.add(kind === "number" ? Number(text) : text);
    }
    if (kinds.size !== 1)
        throw tokens.refusal(
            "Inside anything but list, either all values are number or string, mixed type is not supported",
        );
    return (value) => !values.has(value);
}

/** The tokens of a list, or the one that stands in its place. */
function* listOrOne(tokens: Tokens, first: Token): Generator<Token> {
    if (first.kind !== "[") {
        if (first.kind !== "string" && first.kind !== "number")
            throw tokens.refusal("Value of anything-but must be an array or single string/number value.");
        yield first;
        return;
    }
    for (let token = tokens.next(); token.kind !== "]"; token = tokens.next()) yield token;
}

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
    "=": (value, limit) => value === limit,
    "<": (value, limit) => value < limit,
    "<=": (value, limit) => value <= limit,
    ">": (value, limit) => value > limit,
    ">=": (value, limit) => value >= limit,
};

function readNumeric(tokens: Tokens): Test {
    if (tokens.next().kind !== "[") throw tokens.refusal("Value of numeric must be an array.");
    const operator = tokens.next();
    if (operator.kind !== "string") throw tokens.refusal(`Invalid member in numeric match: ${operator.text}`);
    const limit = tokens.next();
    const compare = Object.hasOwn(COMPARISONS, operator.text) ? COMPARISONS[operator.text] : undefined;
    if (!compare) throw tokens.refusal(`Unrecognized numeric range operator: ${operator.text}`);
    if (limit.kind !== "number")
        throw tokens.refusal(`Value of ${operator.text === "=" ? "equals" : operator.text} must be numeric`);
    const test = numeric(compare, Number(limit.text));
    const after = tokens.next();
    if (after.kind === "]") {
        close(tokens, TOO_MANY);
        return test;
    }
    if (!operator.text.startsWith(">")) throw tokens.refusal(TOO_MANY);
    const upper = readUpperLimit(tokens, after, Number(limit.text));
    close(tokens, TOO_MANY);
    return (value) => test(value) && upper(value);
}

function readUpperLimit(tokens: Tokens, operator: Token, lower: number): Test {
    if (operator.kind !== "string") throw tokens.refusal(`Bad value in numeric range: ${operator.text}`);
    if (operator.text !== "<" && operator.text !== "<=")
        throw tokens.refusal(`Bad numeric range operator: ${operator.text}`, true);
    const limit = tokens.next();
    if (limit.kind !== "number") throw tokens.refusal(`Value of ${operator.text} must be numeric`);
    if (tokens.next().kind !== "]") throw tokens.refusal("Too many terms in numeric range expression");
    if (Number(limit.text) <= lower) throw tokens.refusal("Bottom must be less than top");
    return numeric(COMPARISONS[operator.text] as (value: number, limit: number) => boolean, Number(limit.text));
}

function numeric(compare: (value: number, limit: number) => boolean, limit: number): Test {
    return (value) => typeof value === "number" && compare(value, limit);
}

function equalsIgnoreCase(text: string): Test {
    const wanted = text.toLowerCase();
    return (value) => typeof value === "string" && value.length === text.length && value.toLowerCase() === wanted;
}

/** A star stands for any characters, unless a backslash is before it. Parts are looked for from the left, so the time is linear. */
function wildcard(tokens: Tokens, text: string): Test {
    const problem = wildcardProblem(Buffer.from(`"${text}"`));
    if (problem) throw tokens.refusal(problem, true);
    const parts = [""];
    for (const [part] of text.matchAll(/\\[*\\]|[\s\S]/gu))
        if (part === "*") parts.push("");
        else parts[parts.length - 1] += part.startsWith("\\") ? part[1] : part;
    const [first = "", ...others] = parts;
    const last = others.pop();
    if (last === undefined) return (value) => value === first;
    return (value) => {
        if (typeof value !== "string" || !value.startsWith(first)) return false;
        let at = first.length;
        for (const part of others) {
            const found = value.indexOf(part, at);
            if (found < 0) return false;
            at = found + part.length;
        }
        return value.length - last.length >= at && value.endsWith(last);
    };
}

const STAR = 42;
const BACKSLASH = 92;

/** What is wrong with a wildcard pattern, if anything. Positions count its bytes, from the quote before it. */
function wildcardProblem(bytes: Buffer): string | undefined {
    for (let at = 0; at < bytes.length; at++) {
        const [here, next] = [bytes[at], bytes[at + 1]];
        if (here === STAR && next === STAR) return `Consecutive wildcard characters at pos ${at}`;
        if (here !== BACKSLASH) continue;
        if (next !== STAR && next !== BACKSLASH) return `Invalid escape character at pos ${at}`;
        at += 1;
    }
    return undefined;
}

/** AWS says nothing of a place when it refuses a block of addresses. */
function cidr(text: string): Test {
    const parts = text.split("/");
    const [ip = "", bits = ""] = parts;
    if (parts.length !== 2) throw invalidPattern("Malformed CIDR, one '/' required");
    if (!/^[+-]?\d+$/.test(bits)) throw invalidPattern("Malformed CIDR, mask bits must be an integer");
    if (Number(bits) < 0) throw invalidPattern("Malformed CIDR, mask bits must not be negative");
    const family = isIP(ip);
    if (family === 0) throw invalidPattern(`Nonstandard IP address: ${ip}`);
    const most = family === 4 ? 32 : 128;
    if (Number(bits) >= most) throw invalidPattern(`IPv${family} mask bits must be < ${most}`);
    const block = new BlockList();
    block.addSubnet(ip, Number(bits), family === 4 ? "ipv4" : "ipv6");
    return isIn(block, family);
}

/** An address matches in each of its spellings. */
function sameAddress(ip: string): Test {
    const family = isIP(ip);
    const block = new BlockList();
    block.addAddress(ip, family === 4 ? "ipv4" : "ipv6");
    return isIn(block, family);
}

function isIn(block: BlockList, family: number): Test {
    return (value) =>
        typeof value === "string" && isIP(value) === family && block.check(value, family === 4 ? "ipv4" : "ipv6");
}

/** Reads a string, then the end of the expression. */
function readOnly(tokens: Tokens, sentence: string): string {
    const text = stringIn(tokens, tokens.next(), sentence);
    close(tokens, ONE_KEY);
    return text;
}

function stringIn(tokens: Tokens, token: Token, sentence: string): string {
    if (token.kind !== "string") throw tokens.refusal(sentence);
    return token.text;
}

function close(tokens: Tokens, sentence: string): void {
    if (tokens.next().kind !== "}") throw tokens.refusal(sentence);
}
