import { type Field, type Fields, fieldsOf } from "./fields";
import { type Matcher, readMatcher } from "./pattern-matchers";
import { type Token, type Tokens, tokensOf } from "./pattern-tokens";

/** A compiled event pattern. */
export interface EventPattern {
    /** Whether an event is as the pattern says. */
    matches(event: Fields): boolean;
}

/** One way to satisfy a pattern: what each path must be. */
type Alternative = ReadonlyMap<string, Matcher>;

const OR = "$or";

/** Names that may not be those of fields below `$or`: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-complex-example-or */
const RESERVED_BELOW_OR = new Set(
    "exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex not-wildcard not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range ip-address-in-range ip-address-not-in-range".split(
        " ",
    ),
);

/** Compiles an event pattern, or throws InvalidEventPatternException, as AWS does. Its rules and sentences are those of https://github.com/aws/event-ruler */
export function compilePattern(text: string): EventPattern {
    const tokens = tokensOf(text);
    if (tokens.next().kind !== "{") throw tokens.refusal("Filter is not an object");
    const alternatives = readObject(tokens, "", [new Map()], false).map((alternative) => [...alternative]);
    return { matches: (event) => alternatives.some((wanted) => matchesFrom(wanted, 0, event, [])) };
}

/** Whether an event, as JSON text or as a value, is as the pattern says. */
export function matchesEvent(pattern: EventPattern, event: unknown): boolean {
    return pattern.matches(fieldsOf(event));
}

/** Adds what an object asks for to every alternative so far. */
function readObject(
    tokens: Tokens,
    path: string,
    before: readonly Alternative[],
    isBelowOr: boolean,
): readonly Alternative[] {
    let alternatives = before;
    let name = tokens.next();
    if (name.kind === "}") throw tokens.refusal("Empty objects are not allowed");
    for (; name.kind !== "}"; name = tokens.next()) {
        if (name.text === OR) alternatives = readOr(tokens, path, alternatives);
        else if (isBelowOr && RESERVED_BELOW_OR.has(name.text))
            throw tokens.refusal(`${name.text} is Ruler reserved fieldName which cannot be used inside ${OR}.`);
        else alternatives = readField(tokens, path, name, alternatives, isBelowOr);
    }
    return alternatives;
}

function readField(
    tokens: Tokens,
    path: string,
    name: Token,
    before: readonly Alternative[],
    isBelowOr: boolean,
): readonly Alternative[] {
    const whole = path === "" ? name.text : `${path}.${name.text}`;
    const { kind } = tokens.next();
    if (kind === "{") return readObject(tokens, whole, before, isBelowOr);
    if (kind !== "[") throw tokens.refusal(`"${name.text}" must be an object or an array`);
    const matcher = readMatcher(tokens);
    return before.map((alternative) => new Map([...alternative, [whole, matcher]]));
}

/** Each object in the list is another way to go on from each alternative so far. */
function readOr(tokens: Tokens, path: string, before: readonly Alternative[]): readonly Alternative[] {
    if (tokens.next().kind !== "[") throw tokens.refusal(`It must be an Array followed with ${OR}.`);
    const alternatives: Alternative[] = [];
    let count = 0;
    for (let token = tokens.next(); token.kind !== "]"; token = tokens.next(), count++) {
        if (token.kind !== "{") throw tokens.refusal(`Only JSON object is allowed in array of ${OR} relationship.`);
        alternatives.push(...readObject(tokens, path, before, true));
    }
    if (count < 2) throw tokens.refusal(`There must have at least 2 Objects in ${OR} relationship.`);
    return alternatives;
}

/** Looks for a field for each path from `index` on, all of them of the same elements of the event's arrays. */
function matchesFrom(
    wanted: readonly (readonly [string, Matcher])[],
    index: number,
    event: Fields,
    chosen: readonly Field[],
): boolean {
    const next = wanted[index];
    if (!next) return true;
    const [path, { matches, matchesAbsence }] = next;
    const fields = event.get(path);
    if (!fields) return matchesAbsence && matchesFrom(wanted, index + 1, event, chosen);
    return fields.some(
        (field) =>
            matches(field.value) &&
            chosen.every((other) => areTogether(field, other)) &&
            matchesFrom(wanted, index + 1, event, field.elements.length > 0 ? [...chosen, field] : chosen),
    );
}

/** Whether two fields are not of different elements of one array. */
function areTogether(one: Field, other: Field): boolean {
    return one.elements.every(({ array, index }) =>
        other.elements.every((element) => element.array !== array || element.index === index),
    );
}
