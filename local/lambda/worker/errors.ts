/** An error that Lambda's runtime makes, such as `Runtime.HandlerNotFound`. */
export function runtimeError(name: string, message: string, stack?: string): Error {
    const error = Object.assign(new Error(message), { name });
    if (stack !== undefined) error.stack = stack;
    return error;
}

/** What a caller sees of what a handler threw: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
export function errorPayload(error: unknown): string {
    if (!isError(error)) return JSON.stringify({ errorType: typeof error, errorMessage: String(error), trace: [] });
    const { name, message, stack } = error;
    return JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split("\n") ?? [] });
}

/** Writes what a handler threw to the log, as Lambda's runtime does: as an object where lines are JSON, after its label where they are text. */
export function logError(format: "Text" | "JSON", label: string, thrown: unknown): void {
    const error = isError(thrown) ? thrown : new Error(String(thrown));
    if (format === "JSON") console.error(error);
    else console.error(label, `\t${textOf(error)}`);
}

function textOf(error: Error): string {
    const replacer = (_key: string, value: unknown) => {
        if (!isError(value)) return value;
        const { name, message, stack, code } = value as Error & { code?: unknown };
        return { errorType: name, errorMessage: message, code, ...value, stack: stack?.split("\n") };
    };
    try {
        return JSON.stringify(error, replacer);
    } catch {
        return errorPayload(error);
    }
}

/** Handlers may throw errors of another realm, so the prototype does not tell. */
function isError(value: unknown): value is Error {
    return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}
