import type { Entrance } from "../blocks/entrance";
import { stringRequests, usage } from "./dataset";
import { PATH } from "./openapi";

/** Requests go in by GET /random/strings, in the name of users. Each answer is metered, 400 and 429 too, so each is taken for an event. */
export const entrance: Entrance = {
    dataset: stringRequests,
    door: {
        batch: 1,
        isMetered: true,
        request: (_outputs, [document = "{}"]) => ({ method: "GET", path: `${PATH}?${queryOf(document)}`, body: "" }),
        outcomes: (_status, _body, count) => Array.from({ length: count }, () => "accepted" as const),
    },
    // What is wrong with a query can only be its values.
    badKinds: ["wrong type", "value not allowed"],
    delivery: ({ stream }) => stream ?? "",
    process: ({ functions }) => ({
        function: functions?.merge ?? "",
        payload: {},
        outcome: () => ({ failed: 0, dropped: 0 }),
    }),
    found: () => ({ sql: `SELECT COUNT(*) AS requests FROM ${usage.name}` }),
    commands: ({ url, userPoolId, userPoolClientId, functions, workgroup, database }, event) => [
        `export EMAIL=you@example.com PASSWORD='Correct-horse-7-battery'`,
        `aws cognito-idp sign-up --client-id ${userPoolClientId} --username $EMAIL --password $PASSWORD`,
        `aws cognito-idp admin-confirm-sign-up --user-pool-id ${userPoolId} --username $EMAIL`,
        `TOKEN=$(aws cognito-idp initiate-auth --client-id ${userPoolClientId} --auth-flow USER_PASSWORD_AUTH --auth-parameters USERNAME=$EMAIL,PASSWORD=$PASSWORD --query AuthenticationResult.IdToken --output text)`,
        `curl -H "Authorization: $TOKEN" '${url}${PATH}?len=7'`,
        `curl -H "Authorization: $TOKEN" '${url}${PATH}?${queryOf(event)}'`,
        `aws lambda invoke --function-name ${functions?.merge} /dev/stdout`,
        `aws athena start-query-execution --work-group ${workgroup} --query-execution-context Database=${database} --query-string 'SELECT tenant, count(*) AS requests FROM ${usage.name} GROUP BY tenant'`,
    ],
};

/** The parameters of a request, from a document of them. */
function queryOf(document: string): string {
    const parameters = Object.entries(JSON.parse(document) as Record<string, unknown>);
    const given = parameters.filter(([, value]) => value !== null && value !== undefined);
    return new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
}
