import { isExactNumber, isMap } from "../json";

/** Key of the methods that a variable such as `$util` offers to templates. A client's JSON has no symbols, so it cannot pass for one. */
export const METHODS = Symbol("methods");

/** A function that a template may call. */
export type Method = (...args: readonly unknown[]) => unknown;

/** A variable with methods of its own, such as `$input`. Its own string keys are properties, such as `$input.body`. */
export interface Facade {
    readonly [METHODS]: Readonly<Record<string, Method>>;
}

/** Whether a value is a {@link Facade}. */
export function isFacade(value: unknown): value is Facade {
    return typeof value === "object" && value !== null && METHODS in value;
}

/** A value as Java prints it: a list as JSON (json-smart's `JSONArray`), a map as `{key=value}`; null prints as `null`. */
export function text(value: unknown): string {
    if (typeof value === "string") return value;
    if (Array.isArray(value)) return JSON.stringify(value);
    if (isExactNumber(value)) return value.rawJSON;
    if (isFacade(value)) return "";
    if (isMap(value)) {
        const entries = Object.entries(value).map(([key, inner]) => `${key}=${text(inner)}`);
        return `{${entries.join(", ")}}`;
    }
    return String(value ?? null);
}

/** The number behind a value, or undefined: strings are not numbers in Velocity. */
export function numeric(value: unknown): number | undefined {
    if (typeof value === "number") return value;
    return isExactNumber(value) ? Number(value.rawJSON) : undefined;
}

/** Velocity 1.7: only null and false are false; an empty string, an empty list and zero are true. */
export function truthy(value: unknown): boolean {
    return value !== undefined && value !== null && value !== false;
}

/** Velocity 1.7's `==`: numbers by value, values of one kind by `equals`, anything else by what it prints. */
export function equal(a: unknown, b: unknown): boolean {
    if (a === b) return true;
    if (a === undefined || a === null || b === undefined || b === null) return (a ?? null) === (b ?? null);
    const [left, right] = [numeric(a), numeric(b)];
    if (left !== undefined && right !== undefined) return left === right;
    return text(a) === text(b);
}

/** A map's own entry. What an object inherits is not part of it. */
export function entry(map: object, key: string): unknown {
    return Object.hasOwn(map, key) ? (map as Record<string, unknown>)[key] : undefined;
}

/** Puts an entry into a map, whatever its key: `__proto__` is a key like any other. */
export function put(map: object, key: string, value: unknown): void {
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
}
