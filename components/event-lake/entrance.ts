import type { Entrance, EntranceOutputs } from "../blocks/entrance";
import { details } from "./dataset";
import { queries } from "./queries";

/** Payments go in by EventBridge's PutEvents; the job makes rows of them once they are in the bucket. */
export const entrance: Entrance = {
    dataset: details,
    door: "bus",
    // EventBridge takes nothing but an object for a detail. What is wrong within it is for the job to find.
    badKinds: ["missing column", "null column", "wrong type"],
    delivery: ({ stream }) => stream ?? "",
    process: ({ job = "", crawler, logs }) => ({ job, crawler, log: logs?.job ?? "" }),
    found: ({ table }) => ({ sql: `SELECT COUNT(*) AS payments FROM "${table}"` }),
    commands: (outputs, event) => {
        const { bus, source, detailType, functions, job, roles } = outputs;
        const entry = { EventBusName: bus, Source: source, DetailType: detailType, Detail: event };
        return [
            `aws events put-events --entries '${JSON.stringify([entry])}'`,
            `aws lambda invoke --function-name ${functions?.simulator} --cli-binary-format raw-in-base64-out --payload '{"count":1000}' /dev/stdout`,
            `aws glue start-job-run --job-name ${job}`,
            ask(outputs, outputs.workgroup),
            ...(roles?.analyst ? [`${takeRole(roles.analyst)} ${ask(outputs, outputs.workgroups?.analyst)}`] : []),
        ];
    },
};

function ask({ database, table }: EntranceOutputs, workgroup: string | undefined): string {
    const sql = queries["spend-per-country"]?.sql.replace(` ${table} `, ` "${database}"."${table}" `);
    return `aws athena start-query-execution --work-group ${workgroup} --query-string '${sql}'`;
}

/** Runs what comes behind it as that role. */
function takeRole(arn: string): string {
    const pairs = [
        ["AWS_ACCESS_KEY_ID", "AccessKeyId"],
        ["AWS_SECRET_ACCESS_KEY", "SecretAccessKey"],
        ["AWS_SESSION_TOKEN", "SessionToken"],
    ].map(([name, key]) => `join(\`=\`,[\`${name}\`,${key}])`);
    return `env $(aws sts assume-role --role-arn ${arn} --role-session-name analyst --output text --query 'Credentials.[${pairs.join(",")}]')`;
}
