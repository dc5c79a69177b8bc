import { JSONPath } from "jsonpath-plus";
import { unsupported } from "../errors";
import { entry } from "./velocity/values";

/**
 * What a JSONPath finds in a document: a value for a path that names one place (undefined when nothing is there), a list for a path that
 * may name many (`..`, `*`, slices, filters), as Jayway's JsonPath gives on AWS. https://github.com/json-path/JsonPath
 */
export function queryJson(document: unknown, path: string): unknown {
    const steps = definiteSteps(path);
    if (!steps) return queryMany(document, path);
    let value = document;
    for (const step of steps) {
        if (typeof value !== "object" || value === null) return undefined;
        if (Array.isArray(value)) {
            value = typeof step === "number" ? value.at(step) : undefined;
        } else value = typeof step === "string" ? entry(value, step) : undefined;
    }
    return value;
}

function queryMany(document: unknown, path: string): unknown {
    const size = /^(.*)\.(?:length|size)\(\)$/.exec(path);
    if (size) return sizeOf(queryJson(document, size[1] as string));
    if (/\.[a-z]+\([^)]*\)$/.test(path)) throw unsupported(`The JSONPath function in ${path}`);
    if (typeof document !== "object" || document === null) return undefined;
    return JSONPath({ path, json: document, wrap: true, eval: "safe" }) as unknown;
}

function sizeOf(value: unknown): number | undefined {
    if (Array.isArray(value)) return value.length;
    return typeof value === "object" && value !== null ? Object.keys(value).length : undefined;
}

const DOT = 46;
const OPEN = 91;

/** The steps of a path such as `$.a['b c'][3].d`, or undefined when it is not of that simple kind. Written by hand: it runs for every record. */
function definiteSteps(path: string): readonly (string | number)[] | undefined {
    if (path[0] !== "$") return undefined;
    const steps: (string | number)[] = [];
    let at = 1;
    while (at < path.length) {
        const start = at + 1;
        if (path.charCodeAt(at) === DOT) {
            at = nameEnd(path, start);
            if (at === start) return undefined;
            steps.push(path.slice(start, at));
        } else if (path.charCodeAt(at) === OPEN) {
            const end = path.indexOf("]", at);
            const step = end < 0 ? undefined : bracketed(path, start, end);
            if (step === undefined) return undefined;
            steps.push(step);
            at = end + 1;
        } else return undefined;
    }
    return steps;
}

/** Where a name ends; its start when it has a character that makes it more than a name. */
function nameEnd(path: string, start: number): number {
    let at = start;
    for (; at < path.length; at++) {
        const code = path.charCodeAt(at);
        if (code === DOT || code === OPEN) break;
        if (code === 42 || code === 40 || code === 64 || code === 32) return start;
    }
    return at;
}

/** `[3]`, `[-1]`, `['name']` or `["name"]`. */
function bracketed(path: string, start: number, end: number): string | number | undefined {
    const inner = path.slice(start, end);
    const quote = inner[0];
    if (quote === "'" || quote === '"') {
        const name = inner.slice(1, -1);
        return inner.length > 1 && inner.endsWith(quote) && !/['"\\]/.test(name) ? name : undefined;
    }
    return /^-?\d{1,9}$/.test(inner) ? Number(inner) : undefined;
}
