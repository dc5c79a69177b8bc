import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { usageError } from "./fail";
import type { PipelineOutputs, RunningStack } from "./stack";

/** The stack and the pipeline's outputs as one of the pipeline's roles has them: with its credentials, and its workgroup. */
export async function asRole(
    stack: RunningStack,
    outputs: PipelineOutputs,
    role: string,
): Promise<{ readonly stack: RunningStack; readonly outputs: PipelineOutputs }> {
    const { roles = {}, workgroups = {} } = outputs;
    const arn = roles[role];
    if (arn === undefined) {
        const names = Object.keys(roles).join(", ");
        throw usageError(
            names
                ? `The pipeline has no role "${role}". Its roles are: ${names}.`
                : "The pipeline has no roles. Those that have some have them where the stack says lakeFormation: grant.",
        );
    }
    const sts = new STSClient(stack.client);
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: role }));
    sts.destroy();
    const credentials = {
        accessKeyId: Credentials?.AccessKeyId ?? "",
        secretAccessKey: Credentials?.SecretAccessKey ?? "",
        sessionToken: Credentials?.SessionToken,
    };
    return {
        stack: { ...stack, client: { ...stack.client, credentials } },
        outputs: { ...outputs, workgroup: workgroups[role] },
    };
}
