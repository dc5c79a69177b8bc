import type { Services } from "../services";
import { type AccessLogServices, writeAccessLog, writeLogGroup } from "./access-log";
import type { Answer } from "./exchange";
import type { Arrival } from "./execute";
import { settingsOf } from "./stages";

/** Metrics and logs of requests. */
export interface Journal {
    /** Counts a request, and is done once the stage's access log has its line. `latency` is in milliseconds. It never rejects. */
    record(arrival: Arrival, answer: Answer, latency: number): Promise<void>;
    /** Tells why a request failed, when that is not the client's doing. */
    explain(arrival: Arrival, reason: string): void;
}

type JournalServices = AccessLogServices & Pick<Services, "metrics">;

/** Makes a {@link Journal}. What cannot be written is said to `log`; it never fails a request. */
export function createJournal(services: JournalServices, log: (line: string) => void): Journal {
    return {
        async record(arrival, answer, latency) {
            countRequest(services, arrival, answer, latency);
            const { accessLogSettings } = arrival.stage.resource.inputs;
            if (!accessLogSettings) return;
            try {
                await writeAccessLog(services, accessLogSettings, arrival.target, logged(arrival, answer, latency));
            } catch (error) {
                log(
                    `The access log ${accessLogSettings.destinationArn} has no line for the request ${arrival.context.requestId}: ${messageOf(error)}`,
                );
            }
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
            if (!exists || !level || level === "OFF") return;
            try {
                writeLogGroup(services, group, target, line);
            } catch (error) {
                log(`The log group ${group} was not written: ${messageOf(error)}`);
            }
        },
    };
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

/** The context of a request as its line of the access log shows it. */
function logged({ context }: Arrival, { status, body }: Answer, latency: number): object {
    return { ...context, status, responseLength: Buffer.byteLength(body), responseLatency: latency };
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
