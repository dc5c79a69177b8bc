import type { FunctionConfiguration } from "./configuration";

/** How a call ended, for the log. */
export interface Report {
    readonly requestId: string;
    readonly status: "success" | "error" | "timeout";
    readonly errorType?: string;
    readonly durationMs: number;
    /** Of the cold start, when this call had one. */
    readonly initDurationMs?: number;
    /** The most that the worker's heap has held so far. */
    readonly maxMemoryMB: number;
}

type Format = Pick<FunctionConfiguration, "logFormat" | "systemLogLevel" | "memorySize">;

/** The lines that Lambda writes before a call: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html */
export function startLines(format: Format, requestId: string, time: number): readonly string[] {
    if (format.logFormat === "Text") return [`START RequestId: ${requestId} Version: $LATEST`];
    if (!isLogged(format, "INFO")) return [];
    return [platformLine("platform.start", time, { requestId, version: "$LATEST" })];
}

/** The lines that Lambda writes after a call. */
export function endLines(format: Format, report: Report, time: number): readonly string[] {
    const { requestId, status } = report;
    if (format.logFormat === "JSON") {
        if (!isLogged(format, status === "success" ? "INFO" : "WARN")) return [];
        return [platformLine("platform.report", time, jsonReport(format, report))];
    }
    const seconds = (report.durationMs / 1000).toFixed(2);
    const timedOut = `${new Date(time).toISOString()} ${requestId} Task timed out after ${seconds} seconds\n`;
    return [...(status === "timeout" ? [timedOut] : []), `END RequestId: ${requestId}`, textReport(format, report)];
}

function textReport({ memorySize }: Format, report: Report): string {
    const { requestId, status, errorType, durationMs, initDurationMs, maxMemoryMB } = report;
    const fields = [
        `REPORT RequestId: ${requestId}`,
        `Duration: ${durationMs.toFixed(2)} ms`,
        `Billed Duration: ${Math.ceil(durationMs)} ms`,
        `Memory Size: ${memorySize} MB`,
        `Max Memory Used: ${maxMemoryMB} MB`,
        ...(initDurationMs === undefined ? [] : [`Init Duration: ${initDurationMs.toFixed(2)} ms`]),
        ...(status === "success" ? [] : [`Status: ${status}`]),
        ...(errorType === undefined ? [] : [`Error Type: ${errorType}`]),
    ];
    return `${fields.join("\t")}\t`;
}

function jsonReport({ memorySize }: Format, report: Report): object {
    const { requestId, status, errorType, durationMs, initDurationMs, maxMemoryMB } = report;
    const metrics = {
        durationMs: rounded(durationMs),
        billedDurationMs: Math.ceil(durationMs),
        memorySizeMB: memorySize,
        maxMemoryUsedMB: maxMemoryMB,
        ...(initDurationMs !== undefined && { initDurationMs: rounded(initDurationMs) }),
    };
    return { requestId, metrics, status, ...(errorType !== undefined && { errorType }) };
}

function platformLine(type: string, time: number, record: object): string {
    return JSON.stringify({ time: new Date(time).toISOString(), type, record });
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html */
function isLogged({ systemLogLevel }: Format, level: "INFO" | "WARN"): boolean {
    const levels = ["DEBUG", "INFO", "WARN"];
    return levels.indexOf(level) >= levels.indexOf(systemLogLevel);
}

function rounded(ms: number): number {
    return Math.round(ms * 1000) / 1000;
}
