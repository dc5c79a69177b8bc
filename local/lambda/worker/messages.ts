import type { Payload } from "../../payload";

/** What a worker is started with. */
export interface WorkerSettings {
    /** The files of the function's archive, path by path. */
    readonly files: Readonly<Record<string, string>>;
    /** `<file>.<export>`, such as `__index.handler`. */
    readonly handler: string;
    /** Lambda's name for the version of Node, such as `nodejs24.x`. */
    readonly runtime: string;
    readonly logFormat: "Text" | "JSON";
    /** The least level that is logged, where the format is JSON. */
    readonly logLevel: string;
    /** A file beside the `node_modules` that stand for those of Lambda's runtime. */
    readonly packagesBeside: string;
}

/** One call of the handler, on its way into a worker. It is parsed where it is needed. */
export interface Invocation {
    readonly requestId: string;
    /** JSON. */
    readonly payload: Payload;
    readonly functionArn: string;
    readonly timeoutMs: number;
}

/** What a worker says. */
export type WorkerMessage =
    | { readonly kind: "ready" }
    /** JSON of an error after which the worker takes no more calls: the handler could not be loaded, or an error escaped it. */
    | { readonly kind: "fatal"; readonly payload: string }
    | { readonly kind: "log"; readonly line: string }
    /** The handler's answer, as JSON. */
    | { readonly kind: "answer"; readonly payload: Payload; readonly heapBytes: number }
    /** JSON of what the handler threw. */
    | { readonly kind: "error"; readonly payload: string; readonly heapBytes: number };
