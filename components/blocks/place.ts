import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Where a resource is made. */
export interface Place {
    readonly account: pulumi.Output<string>;
    readonly region: pulumi.Output<string>;
    /** `aws`, or the partition of China or of GovCloud. */
    readonly partition: pulumi.Output<string>;
    /** The ARN of something here: `arn("firehose", "deliverystream/x")`. */
    arn(service: string, resource: pulumi.Input<string>): pulumi.Output<string>;
}

/** The account and region that a component's provider works in. */
export function placeOf(parent: pulumi.Resource): Place {
    const account = aws.getCallerIdentityOutput({}, { parent }).accountId;
    const region = aws.getRegionOutput({}, { parent }).region;
    const partition = aws.getPartitionOutput({}, { parent }).partition;
    return {
        account,
        region,
        partition,
        arn: (service, resource) => pulumi.interpolate`arn:${partition}:${service}:${region}:${account}:${resource}`,
    };
}
