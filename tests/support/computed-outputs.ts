import type * as pulumi from "@pulumi/pulumi";

/** Account of every mocked resource. */
export const ACCOUNT = "123456789012";
/** Region of every mocked resource. */
export const REGION = "us-east-1";
/** What a physical name has behind the logical one. */
export const SUFFIX = "1a2b3c4";

type Properties = Readonly<Record<string, string>>;

/** What a deployment adds to a resource: id, physical name and ARN, like those of AWS. */
export function computedOutputs({ type, name, inputs }: pulumi.runtime.MockResourceArgs) {
    const given = inputs as Properties;
    const physical = given.name ?? given.bucket ?? `${name}-${SUFFIX}`;
    const computed = OUTPUTS[type]?.(physical, given) ?? {};
    return { id: computed.id ?? physical, state: { name: physical, ...inputs, ...computed } };
}

function arn(service: string, resource: string): string {
    return `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
}

const POOL_ID = `${REGION}_pool00001`;
const KEY_ID = "01234567-89ab-cdef-0123-456789abcdef";

const OUTPUTS: Readonly<Record<string, (name: string, inputs: Properties) => Properties>> = {
    "aws:apigateway/apiKey:ApiKey": () => ({ id: "key0000001" }),
    "aws:apigateway/restApi:RestApi": () => ({ id: "api0000001", executionArn: arn("execute-api", "api0000001") }),
    "aws:apigateway/stage:Stage": (_, { restApi, stageName }) => ({
        invokeUrl: `https://${restApi}.execute-api.${REGION}.amazonaws.com/${stageName}`,
    }),
    "aws:athena/workgroup:Workgroup": (name) => ({ arn: arn("athena", `workgroup/${name}`) }),
    "aws:cloudwatch/eventBus:EventBus": (name) => ({ arn: arn("events", `event-bus/${name}`) }),
    "aws:cloudwatch/eventRule:EventRule": (name, { eventBusName }) => ({
        arn: arn("events", `rule/${eventBusName ? `${eventBusName}/` : ""}${name}`),
    }),
    "aws:cloudwatch/logGroup:LogGroup": (name) => ({ arn: arn("logs", `log-group:${name}`) }),
    "aws:cloudwatch/logStream:LogStream": (name, { logGroupName }) => ({
        arn: arn("logs", `log-group:${logGroupName}:log-stream:${name}`),
    }),
    "aws:cognito/userPool:UserPool": () => ({ id: POOL_ID, arn: arn("cognito-idp", `userpool/${POOL_ID}`) }),
    "aws:cognito/userPoolClient:UserPoolClient": () => ({ id: "client000000000000000000001" }),
    "aws:dynamodb/table:Table": (name) => ({ arn: arn("dynamodb", `table/${name}`) }),
    "aws:glue/catalogDatabase:CatalogDatabase": (name) => ({ arn: arn("glue", `database/${name}`) }),
    "aws:glue/catalogTable:CatalogTable": (name, { databaseName }) => ({
        arn: arn("glue", `table/${databaseName}/${name}`),
    }),
    "aws:iam/role:Role": (name) => ({ arn: `arn:aws:iam::${ACCOUNT}:role/${name}` }),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": (name) => ({
        arn: arn("firehose", `deliverystream/${name}`),
    }),
    "aws:kinesis/stream:Stream": (name) => ({ arn: arn("kinesis", `stream/${name}`) }),
    "aws:kms/key:Key": () => ({ id: KEY_ID, keyId: KEY_ID, arn: arn("kms", `key/${KEY_ID}`) }),
    "aws:lambda/function:Function": (name) => ({ arn: arn("lambda", `function:${name}`) }),
    "aws:s3/bucket:Bucket": (name) => ({ arn: `arn:aws:s3:::${name}`, bucket: name }),
    "aws:secretsmanager/secret:Secret": (name) => ({ arn: arn("secretsmanager", `secret:${name}-AbCdEf`) }),
    "aws:sns/topic:Topic": (name) => ({ id: arn("sns", name), arn: arn("sns", name) }),
    "aws:sqs/queue:Queue": (name) => {
        const url = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`;
        return { id: url, url, arn: arn("sqs", name) };
    },
};
