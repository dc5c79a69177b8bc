import { isServiceError, type ServiceError, serviceError } from "../errors";
import type { Firehose } from "../firehose";
import type { LocalLambda } from "../lambda";
import type { Caller, Services } from "../services";
import type { Sqs } from "../sqs";
import type { Rule, Target } from "./config";
import type { BusEvent } from "./event";
import { inputOf } from "./transform";

/** The service in whose name targets are called. */
export const PRINCIPAL = "events.amazonaws.com";

/** What deliveries call. */
export type DeliverServices = Pick<Services, "iam" | "place"> & {
    readonly lambda: Pick<LocalLambda, "invoke" | "permits">;
    readonly firehose: Pick<Firehose, "put">;
    readonly sqs: Pick<Sqs, "send">;
    /** Puts an event that a rule sends on into another bus. */
    forward(busArn: string, event: BusEvent): Promise<void>;
};

/** Why a target did not take an event. */
export interface Failure {
    /** In the words of a dead letter's ERROR_CODE. */
    readonly code: string;
    readonly message: string;
    /** Whether another attempt may succeed. */
    readonly isPassing: boolean;
}

/** Brings an event to a target; gives why it could not. */
export async function deliver(
    services: DeliverServices,
    rule: Rule,
    target: Target,
    event: BusEvent,
): Promise<Failure | undefined> {
    try {
        const send = SENDERS[serviceOf(target.arn)];
        if (!send) throw serviceError("InvalidParameterValue", `Nothing is delivered to ${target.arn}.`);
        await send(services, rule, target, event);
        return undefined;
    } catch (error) {
        if (!isServiceError(error)) throw error;
        return failureOf(error);
    }
}

/** The part of an ARN that names the service. */
export function serviceOf(arn: string): string {
    return arn.split(":")[2] ?? "";
}

type Sender = (services: DeliverServices, rule: Rule, target: Target, event: BusEvent) => unknown;

/** The kinds of targets by the service in their ARN. */
export const SENDERS: Readonly<Record<string, Sender>> = {
    firehose: (services, rule, target, event) =>
        services.firehose.put(roleOf(services, rule, target), target.arn, Buffer.from(inputOf(target, rule, event))),

    lambda({ iam, lambda }, rule, target, event) {
        if (!lambda.permits(target.arn, PRINCIPAL, rule.arn)) throw denied("lambda:InvokeFunction", target.arn);
        return lambda.invoke(iam.root, target.arn, inputOf(target, rule, event), "Event");
    },

    sqs(services, rule, target, event) {
        const caller = target.roleArn === undefined ? { arn: PRINCIPAL } : roleOf(services, rule, target);
        services.sqs.send(caller, target.arn, inputOf(target, rule, event), {
            context: { "aws:SourceArn": rule.arn, "aws:SourceAccount": services.place.account },
        });
    },

    events(services, rule, target, event) {
        services.iam.authorize(roleOf(services, rule, target), "events:PutEvents", target.arn);
        if (event.isForwarded)
            throw serviceError(
                "InvalidParameterValue",
                "An event that came from another event bus is not sent on to a third one.",
            );
        return services.forward(target.arn, event);
    },
};

function roleOf({ iam }: DeliverServices, rule: Rule, { roleArn = "" }: Target): Caller {
    try {
        return iam.assume(roleArn, PRINCIPAL, rule.arn, rule.name);
    } catch (error) {
        if (!isServiceError(error)) throw error;
        throw serviceError("FailedToAssumeRole", error.message);
    }
}

function denied(action: string, arn: string): ServiceError {
    return serviceError(
        "AccessDeniedException",
        `User: ${PRINCIPAL} is not authorized to perform: ${action} on resource: ${arn} because no resource-based policy allows the ${action} action`,
    );
}

/** Codes of a dead letter by the target's error: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
const CODES: readonly (readonly [RegExp, string])[] = [
    [/^AccessDenied/, "NO_PERMISSIONS"],
    [/^(ResourceNotFound|QueueDoesNotExist)/, "NO_RESOURCE"],
    [/^(Invalid|Validation|RequestTooLarge|MissingParameter)/, "INVALID_PARAMETER"],
    [/^(TooManyRequests|ServiceUnavailable)/, "THROTTLING"],
    [/^FailedToAssumeRole/, "FAILED_TO_ASSUME_ROLE"],
];

/** Only throttling and what goes wrong within the target may pass: https://repost.aws/knowledge-center/eventbridge-resolve-failedinvocation-errors */
function failureOf({ code, message, status }: ServiceError): Failure {
    const known = CODES.find(([names]) => names.test(code));
    return { code: known?.[1] ?? "ERROR_FROM_TARGET", message, isPassing: status >= 500 || status === 429 };
}
