import { isServiceError } from "../errors";
import type { Caller, Services } from "../services";
import type { MappingConfig } from "./config";
import { PERMISSIONS } from "./source";

/** A function with the role that it runs as. */
export interface FunctionIdentity {
    readonly roleArn: string;
    readonly caller: Caller;
}

interface FunctionInputs {
    readonly name: string;
    readonly role: string;
}

/** Who a mapping reads its stream as, or a sentence that tells why it may not. */
export function identify(
    { iam, resources }: Pick<Services, "iam" | "resources">,
    config: MappingConfig,
): FunctionIdentity | string {
    const name = functionNameOf(config.functionArn);
    const found = resources
        .all<FunctionInputs>("aws:lambda/function:Function")
        .find(({ inputs }) => inputs.name === name);
    if (!found) return `The function does not exist: ${config.functionArn}`;
    const { role } = found.inputs;
    try {
        const caller = iam.assume(role, "lambda.amazonaws.com", config.functionArn, name);
        return missing(iam, caller, config) ?? { roleArn: role, caller };
    } catch (error) {
        if (isServiceError(error)) return "The role defined for the function cannot be assumed by Lambda.";
        throw error;
    }
}

/** The name in a function's ARN, or in a part of one. */
export function functionNameOf(reference: string): string {
    return reference.replace(/^(arn:aws:lambda:[^:]*:)?(\d{12}:)?(function:)?/, "").split(":")[0] as string;
}

/** What the role lacks, in the words in which AWS refuses to make the mapping. */
function missing(iam: Services["iam"], caller: Caller, config: MappingConfig): string | undefined {
    const { kind, sourceArn, destinationArn } = config;
    const may = (action: string, resource: string) => {
        try {
            iam.authorize(caller, action, resource);
            return true;
        } catch (error) {
            if (isServiceError(error)) return false;
            throw error;
        }
    };
    if (!PERMISSIONS[kind].every((actions) => actions.some((action) => may(action, sourceArn))))
        return kind === "kinesis"
            ? `Cannot access stream ${sourceArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListShards Actions on your stream in IAM.`
            : `Cannot access stream ${sourceArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM.`;
    if (destinationArn && !may("sqs:SendMessage", destinationArn))
        return "The provided execution role does not have permissions to call SendMessage on SQS";
    return undefined;
}
