import { createHash } from "node:crypto";
import type { Caller, Services } from "../services";
import type { Answer } from "./exchange";
import type { Arrival } from "./execute";
import { along } from "./mapping";
import { settingsOf } from "./stages";
import { text } from "./velocity/values";

/** Metrics and logs of requests. */
export interface Journal {
    /** Counts a request and writes the stage's access log. `latency` is in milliseconds. */
    record(arrival: Arrival, answer: Answer, latency: number): void;
    /** Tells why a request failed, when that is not the client's doing. */
    explain(arrival: Arrival, reason: string): void;
}

type JournalServices = Pick<Services, "iam" | "logs" | "metrics" | "resources" | "place">;

/** Makes a {@link Journal}. What cannot be written is said to `log`; it never fails a request. */
export function createJournal(services: JournalServices, log: (line: string) => void): Journal {
    return {
        record(arrival, answer, latency) {
            countRequest(services, arrival, answer, latency);
            const { accessLogSettings } = arrival.stage.resource.inputs;
            if (!accessLogSettings) return;
            const responseLength = Buffer.byteLength(answer.body);
            const context = { ...arrival.context, status: answer.status, responseLength, responseLatency: latency };
            const line = accessLogLine(accessLogSettings.format, context);
            write(services, arrival, accessLogSettings.destinationArn.split(":")[6] ?? "", line, log);
        },
        explain(arrival, reason) {
            const { target, context } = arrival;
            const line = `(${context.requestId}) Execution failed due to configuration error: ${reason}`;
            log(`${context.httpMethod} ${context.path}: ${reason}`);
            const method = `${context.resourcePath}/${context.httpMethod}`;
            const level = settingsOf(services.resources, arrival.stage.resource.inputs, method).find(
                (s) => s.loggingLevel,
            )?.loggingLevel;
            const group = `API-Gateway-Execution-Logs_${target.apiId}/${target.stage}`;
            const exists = services.resources
                .all<{ name: string }>("aws:cloudwatch/logGroup:LogGroup")
                .some(({ inputs }) => inputs.name === group);
            if (exists && level && level !== "OFF") write(services, arrival, group, line, log);
        },
    };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html */
function countRequest(
    { metrics }: JournalServices,
    { stage, context, target }: Arrival,
    { status }: Answer,
    latency: number,
): void {
    const values = {
        Count: 1,
        "4XXError": status >= 400 && status < 500 ? 1 : 0,
        "5XXError": status >= 500 ? 1 : 0,
        Latency: latency,
        ...(typeof context.integrationLatency === "number" && { IntegrationLatency: context.integrationLatency }),
    };
    const ApiName = stage.api.outputs.name;
    for (const [name, value] of Object.entries(values)) {
        metrics.put("AWS/ApiGateway", name, { ApiName }, value);
        metrics.put("AWS/ApiGateway", name, { ApiName, Stage: target.stage }, value);
    }
}

/**
 * A line of an access log: `$context` variables by their values, `-` for what is missing. Quotes in values are escaped, so that a format that
 * is JSON gives lines that are. https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export function accessLogLine(format: string, context: object): string {
    return format.replace(/\$context((?:\.[\w-]+|\['[^']*'\])+)/g, (_all, path: string) => {
        const names = [...path.matchAll(/\.([\w-]+)|\['([^']*)'\]/g)].map(
            ([, dotted, quoted]) => dotted ?? quoted ?? "",
        );
        const value = along(context, names);
        if (value === undefined || value === null || value === "" || typeof value === "object") return "-";
        return path === ".error.messageString" ? text(value) : JSON.stringify(text(value)).slice(1, -1);
    });
}

/** Writes as the role of the account's settings, which AWS demands before a stage may log. */
function write(
    services: JournalServices,
    { target }: Arrival,
    group: string,
    line: string,
    log: (line: string) => void,
): void {
    const stream = createHash("md5").update(`${target.apiId}/${target.stage}`).digest("hex");
    try {
        services.logs.putLogEvents(loggingRole(services), group, stream, [line]);
    } catch (error) {
        log(`The log group ${group} was not written: ${error instanceof Error ? error.message : String(error)}`);
    }
}

function loggingRole({ iam, resources, place }: JournalServices): Caller {
    const account = resources
        .all<{ cloudwatchRoleArn?: string }>("aws:apigateway/account:Account")
        .find((one) => one.inputs.cloudwatchRoleArn);
    const role = account?.inputs.cloudwatchRoleArn;
    if (!role) throw new Error("CloudWatch Logs role ARN must be set in account settings to enable logging");
    return iam.assume(
        role,
        "apigateway.amazonaws.com",
        `arn:aws:apigateway:${place.region}::/account`,
        "BackplaneAssumeRoleSession",
    );
}
