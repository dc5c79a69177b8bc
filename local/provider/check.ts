import type { Properties } from "../resources";
import type { Rules } from "./rules";

/** What the real provider would refuse in these inputs: a sentence for each problem, none when all is well. */
export function problemsIn(rules: Rules, inputs: Properties): readonly string[] {
    return [
        ...unknownProperties(rules, inputs),
        ...missingProperties(rules, inputs),
        ...noTexts(inputs),
        ...halves(inputs),
        ...conflicts(rules, inputs),
        ...missingCompanions(rules, inputs),
        ...groups(rules, inputs),
        ...counts(rules, inputs),
    ];
}

function unknownProperties(rules: Rules, inputs: Properties): string[] {
    return Object.keys(inputs)
        .filter((name) => isSet(inputs[name]) && !rules.properties.includes(name))
        .map((name) => `Unknown property "${name}". Its properties are: ${rules.properties.join(", ")}.`);
}

function missingProperties(rules: Rules, inputs: Properties): string[] {
    return rules.required
        .filter((path) => blocksOf(path, inputs).some((block) => !isSet(block[leafOf(path)])))
        .map((path) => `Missing required property "${path}".`);
}

/** Names and ARNs are texts in every schema, and services look for what is called so. */
function noTexts(inputs: Properties): string[] {
    return Object.entries(inputs)
        .filter(([name, value]) => /(?:^n|N)ame$|(?:^a|A)rn$/.test(name) && isSet(value) && typeof value !== "string")
        .map(([name, value]) => `"${name}" must be a string, not ${JSON.stringify(value)}.`);
}

/** What Unicode cannot encode would come out as something else, and be looked for in vain. */
function halves(inputs: Properties): string[] {
    return Object.entries(inputs)
        .filter(([, value]) => typeof value === "string" && !value.isWellFormed())
        .map(([name]) => `"${name}" has half of a surrogate pair, which no request can carry.`);
}

function conflicts(rules: Rules, inputs: Properties): string[] {
    return Object.entries(rules.conflicts ?? {}).flatMap(([path, others]) =>
        // Most conflicts are listed from both sides; each pair is reported once.
        others
            .filter((other) => !(rules.conflicts?.[other]?.includes(path) && other < path))
            .filter((other) => has(inputs, path) && has(inputs, other))
            .map((other) => `"${path}" conflicts with "${other}": give only one of them.`),
    );
}

function missingCompanions(rules: Rules, inputs: Properties): string[] {
    return Object.entries(rules.requiredWith ?? {}).flatMap(([path, others]) =>
        others
            .filter((other) => has(inputs, path) && !has(inputs, other))
            .map((other) => `"${path}" needs "${other}", which is missing.`),
    );
}

function groups(rules: Rules, inputs: Properties): string[] {
    const quoted = (group: readonly string[]) => group.map((path) => `"${path}"`).join(", ");
    const given = (group: readonly string[]) => group.filter((path) => has(inputs, path));
    // A group inside a block holds only where that block is given.
    const applies = (group: readonly string[]) => group.some((path) => blocksOf(path, inputs).length > 0);
    return [
        ...(rules.exactlyOne ?? [])
            .filter((group) => applies(group) && given(group).length !== 1)
            .map((group) => `Exactly one of ${quoted(group)} must be given, not ${given(group).length}.`),
        ...(rules.atLeastOne ?? [])
            .filter((group) => applies(group) && given(group).length === 0)
            .map((group) => `At least one of ${quoted(group)} must be given.`),
    ];
}

function counts(rules: Rules, inputs: Properties): string[] {
    const lists = (path: string) =>
        blocksOf(path, inputs)
            .map((block) => block[leafOf(path)])
            .filter(Array.isArray);
    return [
        ...Object.entries(rules.minItems ?? {}).flatMap(([path, least]) =>
            lists(path)
                .filter((list) => list.length < least)
                .map((list) => `"${path}" has ${list.length} items, but needs at least ${least}.`),
        ),
        ...Object.entries(rules.maxItems ?? {}).flatMap(([path, most]) =>
            lists(path)
                .filter((list) => list.length > most)
                .map((list) => `"${path}" has ${list.length} items, but may have at most ${most}.`),
        ),
    ];
}

function has(inputs: Properties, path: string): boolean {
    return blocksOf(path, inputs).some((block) => isSet(block[leafOf(path)]));
}

function isSet(value: unknown): boolean {
    return value !== undefined && value !== null;
}

function leafOf(path: string): string {
    return path.slice(path.lastIndexOf(".") + 1);
}

/** Every block that would hold the last name of a path, lists entered. */
function blocksOf(path: string, inputs: Properties): Properties[] {
    const parents = path.split(".").slice(0, -1);
    return parents.reduce<Properties[]>(
        (blocks, name) => blocks.flatMap((block) => [block[name]].flat()).filter(isBlock),
        [inputs],
    );
}

function isBlock(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
