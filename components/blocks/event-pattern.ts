/** What an event has beside its detail. https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
const ENVELOPE = ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail", "$or"];

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html */
const OPERATORS = ["prefix", "suffix", "equals-ignore-case", "wildcard", "anything-but", "numeric", "cidr", "exists"];

type Pattern = Readonly<Record<string, unknown>>;

/**
 * What is wrong with an event pattern, each with the way out: what EventBridge would refuse, and what no event could ever match.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function eventPatternProblems(pattern: Pattern): readonly string[] {
    const unknown = Object.keys(pattern).filter((key) => !ENVELOPE.includes(key));
    return [
        ...(Object.keys(pattern).length === 0
            ? ['It is empty, which EventBridge refuses. Write {"source": ["transactions"]}.']
            : []),
        ...unknown.map(
            (key) => `No event has "${key}" beside its detail. An event has ${ENVELOPE.slice(0, -1).join(", ")}.`,
        ),
        ...Object.entries(pattern).flatMap(([key, value]) => (unknown.includes(key) ? [] : fieldProblems(key, value))),
    ];
}

/** The first text that a field of the envelope must be, where the pattern says so: what a sender of matching events can put there. */
export function literalOf(pattern: Pattern, field: string): string | undefined {
    const values = pattern[field];
    return Array.isArray(values) ? values.find((value): value is string => typeof value === "string") : undefined;
}

function fieldProblems(path: string, value: unknown): readonly string[] {
    if (path.split(".").pop() === "$or") return alternativesProblems(path, value);
    if (Array.isArray(value)) {
        if (value.length === 0) return [`"${path}" has no values, so no event matches. Give it some, or leave it out.`];
        return value.flatMap((each) => valueProblems(path, each));
    }
    if (!isMap(value))
        return [`"${path}" is ${JSON.stringify(value)}. Write its values as a list: [${JSON.stringify(value)}].`];
    if (Object.keys(value).length === 0) return [`"${path}" has no fields. Give it some, or leave it out.`];
    return Object.entries(value).flatMap(([key, inner]) => fieldProblems(`${path}.${key}`, inner));
}

function alternativesProblems(path: string, value: unknown): readonly string[] {
    if (!Array.isArray(value) || value.length < 2 || !value.every(isMap))
        return [`"${path}" must be a list of two patterns or more. Write [{...}, {...}].`];
    const parent = path.replace(/\$or$/, "");
    return value.flatMap((each) => Object.entries(each).flatMap(([key, inner]) => fieldProblems(parent + key, inner)));
}

function valueProblems(path: string, value: unknown): readonly string[] {
    if (value === null || ["string", "number", "boolean"].includes(typeof value)) return [];
    const [operator = "", ...others] = isMap(value) ? Object.keys(value) : [];
    if (others.length > 0 || !OPERATORS.includes(operator))
        return [
            `"${path}" has ${JSON.stringify(value)} among its values. A value is a text, a number, true, false, null, or {"<operator>": ...} with one of ${OPERATORS.join(", ")}.`,
        ];
    return operator === "numeric" ? numericProblems(path, (value as { numeric: unknown }).numeric) : [];
}

/** Comparisons that no number passes are taken by EventBridge, and never match. */
function numericProblems(path: string, comparisons: unknown): readonly string[] {
    const pairs = Array.isArray(comparisons)
        ? comparisons.flatMap((sign, i) => (i % 2 === 0 ? [[sign, comparisons[i + 1]] as const] : []))
        : [];
    if (
        pairs.length === 0 ||
        !pairs.every(([sign, number]) => /^([<>]=?|=)$/.test(String(sign)) && typeof number === "number")
    )
        return [`"${path}" has ${JSON.stringify(comparisons)} as comparisons. Write {"numeric": [">", 0, "<=", 100]}.`];
    const [low = Number.NEGATIVE_INFINITY] = pairs
        .filter(([sign]) => /[>=]/.test(String(sign)) && sign !== "<=")
        .map(([, n]) => n as number);
    const [high = Number.POSITIVE_INFINITY] = pairs
        .filter(([sign]) => /[<=]/.test(String(sign)) && sign !== ">=")
        .map(([, n]) => n as number);
    const strict = pairs.some(([sign]) => sign === "<" || sign === ">");
    if (low < high || (low === high && !strict)) return [];
    return [`"${path}" has ${JSON.stringify(comparisons)}, which no number is. Turn the comparisons round.`];
}

function isMap(value: unknown): value is Pattern {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
