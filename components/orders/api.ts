import * as pulumi from "@pulumi/pulumi";
import { access } from "../blocks/api-problems";
import type { DataStream } from "../blocks/data-stream";
import { type Place, placeOf } from "../blocks/place";
import { RestApi } from "../blocks/rest-api";
import { ServiceRole } from "../blocks/role";
import type { OrdersArgs } from ".";
import { openApi } from "./openapi";

/** Makes the API that puts orders into a stream, without a function between: role -> API. */
export function createApi(
    name: string,
    { stream, write }: DataStream,
    args: OrdersArgs,
    child: { readonly parent: pulumi.Resource },
): RestApi {
    const { region, partition }: Place = placeOf(child.parent);
    // API Gateway does not say for whom it uses an integration's role, so a condition on that would keep it out:
    // https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/pull/479
    const { role, policy } = new ServiceRole(
        `${name}-role`,
        { service: "apigateway.amazonaws.com", allow: write },
        child,
    );
    const body = pulumi
        .all([stream.name, role.arn, region, partition])
        .apply(([streamName, roleArn, regionName, partitionName]) =>
            JSON.stringify(
                openApi({
                    title: name,
                    stream: streamName,
                    region: regionName,
                    partition: partitionName,
                    roleArn,
                    auth: args.auth.mode,
                    origins: args.cors?.origins ?? [],
                }),
            ),
        );
    return new RestApi(
        name,
        { description: "Takes orders.", body, ...access(args.auth), transform: args.transform },
        { ...child, dependsOn: policy },
    );
}
