import { isMap } from "../json";
import { entry, equal, numeric, put, text } from "./values";

type On<T> = (target: T, ...args: readonly unknown[]) => unknown;

/** `java.lang.String`, as far as templates use it. Patterns are Java's where JavaScript's mean the same. */
const onStrings: Readonly<Record<string, On<string>>> = {
    length: (s) => s.length,
    isEmpty: (s) => s === "",
    contains: (s, part) => s.includes(text(part)),
    equals: (s, other) => s === other,
    equalsIgnoreCase: (s, other) => typeof other === "string" && s.toLowerCase() === other.toLowerCase(),
    compareTo: (s, other) => (s < text(other) ? -1 : s > text(other) ? 1 : 0),
    matches: (s, pattern) => new RegExp(`^(?:${text(pattern)})$`).test(s),
    startsWith: (s, start) => s.startsWith(text(start)),
    endsWith: (s, end) => s.endsWith(text(end)),
    indexOf: (s, part) => s.indexOf(text(part)),
    lastIndexOf: (s, part) => s.lastIndexOf(text(part)),
    charAt: (s, index) => s.charAt(within(index, 0, s.length - 1)),
    substring: (s, begin, end = s.length) => s.slice(within(begin, 0, Number(end)), within(end, 0, s.length)),
    replace: (s, part, by) => s.replaceAll(text(part), () => text(by)),
    replaceAll: (s, pattern, by) => s.replace(new RegExp(text(pattern), "g"), javaReplacement(text(by))),
    replaceFirst: (s, pattern, by) => s.replace(new RegExp(text(pattern)), javaReplacement(text(by))),
    split: (s, pattern) => split(s, new RegExp(text(pattern), "g")),
    concat: (s, other) => s + text(other),
    trim: (s) => s.replace(/^[\0- ]+|[\0- ]+$/g, ""),
    toLowerCase: (s) => s.toLowerCase(),
    toUpperCase: (s) => s.toUpperCase(),
    toString: (s: string) => s,
};

/** `java.util.List`. */
const onLists: Readonly<Record<string, On<unknown[]>>> = {
    size: (list) => list.length,
    isEmpty: (list) => list.length === 0,
    get: (list, index) => list[Number(index)],
    set: (list, index, value) => {
        const old = list[Number(index)];
        list[Number(index)] = value;
        return old;
    },
    add: (list, value) => list.push(value) > 0,
    addAll: (list, other) => Array.isArray(other) && list.push(...other) > 0,
    remove: (list, index) => list.splice(Number(index), 1)[0],
    contains: (list, value) => list.some((item) => equal(item, value)),
    indexOf: (list, value) => list.findIndex((item) => equal(item, value)),
    subList: (list, from, to) => list.slice(Number(from), Number(to)),
    equals: (list, other) => equal(list, other),
    toString: (list: unknown[]) => text(list),
};

/** `java.util.Map`, and `Map.Entry`, which is a map of `key` and `value` here. */
const onMaps: Readonly<Record<string, On<Record<string, unknown>>>> = {
    size: (map) => Object.keys(map).length,
    isEmpty: (map) => Object.keys(map).length === 0,
    get: (map, key) => entry(map, text(key)),
    getOrDefault: (map, key, otherwise) => entry(map, text(key)) ?? otherwise,
    put: (map, key, value) => {
        const old = entry(map, text(key));
        put(map, text(key), value);
        return old;
    },
    putAll: (map, other) => {
        if (isMap(other)) for (const [key, value] of Object.entries(other)) put(map, key, value);
    },
    remove: (map, key) => {
        const old = entry(map, text(key));
        delete map[text(key)];
        return old;
    },
    containsKey: (map, key) => Object.hasOwn(map, text(key)),
    containsValue: (map, value) => Object.values(map).some((item) => equal(item, value)),
    keySet: (map) => Object.keys(map),
    values: (map) => Object.values(map),
    entrySet: (map) => Object.entries(map).map(([key, value]) => ({ key, value })),
    getKey: (map) => entry(map, "key"),
    getValue: (map) => entry(map, "value"),
    equals: (map, other) => equal(map, other),
    toString: (map: Record<string, unknown>) => text(map),
};

/** Numbers and booleans. */
const onScalars: Readonly<Record<string, On<unknown>>> = {
    equals: (value, other) => equal(value, other),
    intValue: (value) => Math.trunc(numeric(value) ?? 0),
    doubleValue: (value) => numeric(value),
    toString: (value: unknown) => text(value),
};

/** The methods of one name by what they are called on: chosen once per template, not once per call. */
export interface NamedMethod {
    readonly string?: On<string>;
    readonly list?: On<unknown[]>;
    readonly map?: On<Record<string, unknown>>;
    readonly scalar?: On<unknown>;
}

/** Every Java method of that name, or undefined when no type has one. */
export function javaMethod(name: string): NamedMethod | undefined {
    const own = <T>(methods: Readonly<Record<string, T>>) => (Object.hasOwn(methods, name) ? methods[name] : undefined);
    const found = { string: own(onStrings), list: own(onLists), map: own(onMaps), scalar: own(onScalars) };
    return Object.values(found).some((method) => method) ? found : undefined;
}

/** Calls a Java method, giving undefined (null in Velocity) where the type has no such method. */
export function callJava(method: NamedMethod, target: unknown, args: readonly unknown[]): unknown {
    if (typeof target === "string") return method.string?.(target, ...args);
    if (Array.isArray(target)) return method.list?.(target, ...args);
    if (isMap(target)) return method.map?.(target, ...args);
    return method.scalar?.(target, ...args);
}

/** An index into a string; throws, as Java does, when it is outside. */
function within(index: unknown, first: number, last: number): number {
    const number = Number(index);
    if (!(number >= first && number <= last)) throw new Error(`String index out of range: ${number}`);
    return number;
}

/** Java's replacement text: `$1` is a group, a backslash takes the next character as it is; nothing else is special. */
function javaReplacement(by: string): (...match: unknown[]) => string {
    return (...match) =>
        by.replace(
            /\\(.)|\$(\d)/gs,
            (_all, literal?: string, group?: string) => literal ?? String(match[Number(group)] ?? ""),
        );
}

/** Java's `split`: no empty strings at the end, and groups of the pattern are not part of the result. */
function split(s: string, pattern: RegExp): string[] {
    const parts: string[] = [];
    let from = 0;
    for (const match of s.matchAll(pattern)) {
        if (match[0] === "" && (match.index === 0 || match.index === s.length)) continue;
        parts.push(s.slice(from, match.index));
        from = match.index + match[0].length;
    }
    parts.push(s.slice(from));
    while (parts.length > 1 && parts.at(-1) === "") parts.pop();
    return parts;
}
