import { createHash } from "node:crypto";
import type { Caller, Services } from "../services";
import { along } from "./mapping";
import { text } from "./velocity/values";

/** Where the lines of an access log go, and what of. */
export interface AccessLogSettings {
    readonly destinationArn: string;
    readonly format: string;
}

/** What writing an access log needs. */
export type AccessLogServices = Pick<Services, "clock" | "iam" | "logs" | "gateway" | "resources" | "place">;

/** How the name of a Firehose stream begins that takes access logs. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-logging-to-kinesis.html */
export const FIREHOSE_PREFIX = "amazon-apigateway-";

/** What AWS would refuse in the settings of an access log: a sentence each. */
export function accessLogProblems({ destinationArn = "", format = "" }: Partial<AccessLogSettings>): readonly string[] {
    const stream = streamOf(destinationArn);
    return [
        ...(stream === undefined || stream.startsWith(FIREHOSE_PREFIX)
            ? []
            : [
                  `Invalid access log destination ${destinationArn}: the name of your Firehose stream must be ${FIREHOSE_PREFIX}{your-stream-name}`,
              ]),
        ...(/\$context\.(requestId|extendedRequestId)\b/.test(format) && !format.trimEnd().includes("\n")
            ? []
            : [
                  "Access Log format must be single line, new line character is allowed only at end of the format and must contain $context.requestId or $context.extendedRequestId",
              ]),
    ];
}

/** The name of the Firehose stream with this ARN, or undefined when it is the ARN of something else. */
export function streamOf(arn: string): string | undefined {
    return /^arn:aws[\w-]*:firehose:[^:]*:[^:]*:deliverystream\/(.*)$/.exec(arn)?.[1];
}

/**
 * A line of an access log: `$context` variables by their values, as they are (https://github.com/DataBiosphere/azul/issues/4348), and `-` for
 * what is missing. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
export function accessLogLine(format: string, context: object): string {
    return format.replace(/\$context((?:\.[\w-]+|\['[^']*'\]|\["[^"]*"\])+)/g, (_all, path: string) => {
        const steps = path.matchAll(/\.([\w-]+)|\['([^']*)'\]|\["([^"]*)"\]/g);
        const value = along(
            context,
            [...steps].map(([, ...names]) => names.find((name) => name !== undefined) ?? ""),
        );
        if (value === undefined || value === null || value === "" || typeof value === "object") return "-";
        return text(value);
    });
}

/** Hands the line of a request to the stream or group that it is for. Rejects when it is not taken. */
export async function writeAccessLog(
    services: AccessLogServices,
    { destinationArn, format }: AccessLogSettings,
    source: { readonly apiId: string; readonly stage: string },
    context: object,
): Promise<void> {
    const line = accessLogLine(format, context);
    const stream = streamOf(destinationArn);
    if (stream === undefined)
        return writeLogGroup(services, destinationArn.split(":")[6] ?? "", source, line.trimEnd());
    return putRecord(services, stream, line);
}

/** How often a busy stream is asked, and how long after each time: half a minute in all. */
const TRIES = 120;
const PAUSE_MS = 250;

/**
 * Puts a line into a Firehose stream, and is done once the stream has it on disk: what is metered by it must not be lost. API Gateway does so
 * by a role of its own, whose policy is AWS's and lets it into any stream of that prefix, so here it is the account's root.
 */
async function putRecord({ gateway, iam, clock }: AccessLogServices, stream: string, line: string): Promise<void> {
    const body = JSON.stringify({
        DeliveryStreamName: stream,
        Record: { Data: Buffer.from(line).toString("base64") },
    });
    for (let tries = 1; ; tries++) {
        const answer = await gateway.call(iam.root, "firehose", "PutRecord", body);
        if (answer.status === 200) return;
        if (answer.status < 500 || answer.status === 501 || tries === TRIES) throw new Error(answer.body);
        await clock.sleep(PAUSE_MS);
    }
}

/** Writes to a log group, as the role of the account's settings, which AWS demands before a stage may log. */
export function writeLogGroup(
    services: AccessLogServices,
    group: string,
    { apiId, stage }: { readonly apiId: string; readonly stage: string },
    line: string,
): void {
    const stream = createHash("md5").update(`${apiId}/${stage}`).digest("hex");
    services.logs.putLogEvents(loggingRole(services), group, stream, [line]);
}

function loggingRole({ iam, resources, place }: AccessLogServices): Caller {
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
