import { isServiceError } from "../errors";
import type { Services } from "../services";
import type { Sqs } from "../sqs";
import type { Rule, Target } from "./config";
import { type Failure, PRINCIPAL } from "./deliver";

/** Which limit ended the retries. */
export type Exhausted = "MaximumRetryAttempts" | "MaximumEventAgeInSeconds";

/** What became of the attempts to deliver an event. */
export interface GivenUp {
    readonly failure: Failure;
    readonly retries: number;
    /** None where another attempt would not have helped. */
    readonly exhausted: Exhausted | undefined;
}

/** Sends an event that is given up to the target's dead-letter queue, and tells whether the queue took it. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
export function bury(
    { sqs, place }: Pick<Services, "place"> & { readonly sqs: Pick<Sqs, "send"> },
    queueArn: string,
    rule: Rule,
    target: Target,
    text: string,
    { failure, retries, exhausted }: GivenUp,
): boolean {
    const attributes = {
        RULE_ARN: rule.arn,
        TARGET_ARN: target.arn,
        ERROR_CODE: failure.code,
        ERROR_MESSAGE: failure.message,
        ...(exhausted && { EXHAUSTED_RETRY_CONDITION: exhausted }),
        RETRY_ATTEMPTS: String(retries),
    };
    try {
        sqs.send({ arn: PRINCIPAL }, queueArn, text, {
            context: { "aws:SourceArn": rule.arn, "aws:SourceAccount": place.account },
            attributes: Object.fromEntries(
                Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
            ),
        });
        return true;
    } catch (error) {
        if (!isServiceError(error)) throw error;
        return false;
    }
}
