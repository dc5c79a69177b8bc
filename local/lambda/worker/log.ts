import { format } from "node:util";

/** Levels in the order of their weight: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html */
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/** How a worker logs. */
export interface LogSettings {
    readonly logFormat: "Text" | "JSON";
    readonly logLevel: string;
    /** The request under way, or undefined while the handler is being loaded. */
    requestId(): string | undefined;
    write(line: string): void;
}

/** Puts Lambda's console in the place of Node's, and makes lines of what is written to the standard streams. */
export function patchConsole(settings: LogSettings): void {
    const least = settings.logFormat === "JSON" ? LEVELS.indexOf(settings.logLevel) : 0;
    const logging =
        (level: string) =>
        (...parts: unknown[]): void => {
            if (LEVELS.indexOf(level) < least) return;
            settings.write(lineOf(settings, level, parts));
        };
    const info = logging("INFO");
    Object.assign(console, {
        log: info,
        info,
        debug: logging("DEBUG"),
        warn: logging("WARN"),
        error: logging("ERROR"),
        trace: logging("TRACE"),
        fatal: logging("FATAL"),
    });
    for (const stream of [process.stdout, process.stderr]) stream.write = linesTo(settings.write);
}

function lineOf({ logFormat, requestId }: LogSettings, level: string, parts: readonly unknown[]): string {
    const timestamp = new Date().toISOString();
    if (logFormat === "Text") return [timestamp, requestId(), level, format(...parts)].join("\t");
    const line: Record<string, unknown> = { timestamp, level, requestId: requestId() };
    if (parts.length === 1) {
        try {
            return JSON.stringify({ ...line, message: parts[0] }, withErrors);
        } catch {
            return JSON.stringify({ ...line, message: format(parts[0]) });
        }
    }
    const error = parts.find((part) => part instanceof Error) as Error | undefined;
    return JSON.stringify({ ...line, message: format(...parts), ...(error && errorFields(error)) });
}

function withErrors(_key: string, value: unknown): unknown {
    return value instanceof Error ? { ...errorFields(value), ...value } : value;
}

function errorFields(error: Error) {
    return {
        errorType: error.constructor?.name ?? "UnknownError",
        errorMessage: error.message,
        stackTrace: error.stack?.split("\n") ?? [],
    };
}

/** A stream's `write` that gives whole lines on; what has no line feed yet waits for it. */
function linesTo(write: (line: string) => void): typeof process.stdout.write {
    let rest = "";
    return (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
        const lines = (rest + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString())).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) write(line);
        const done = more.at(-1);
        if (typeof done === "function") done();
        return true;
    };
}
