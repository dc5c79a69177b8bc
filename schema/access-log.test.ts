import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { accessLogFormat, SAFE_VARIABLES } from "./access-log";
import { type Column, defineDataset } from "./dataset";

const requestId = { name: "request_id", type: "string", from: "$context.requestId" } as const;

function dataset(...columns: readonly Column[]) {
    return defineDataset({ name: "access_log", columns });
}

describe("accessLogFormat", () => {
    it("is one line of JSON with every value in quotes, and a line feed", () => {
        const log = dataset(
            requestId,
            { name: "tenant", type: "string", from: "$context.authorizer.claims['sub']" },
            { name: "status", type: "string", from: "$context.status" },
        );
        assert.equal(
            accessLogFormat(log),
            `{"request_id":"$context.requestId","tenant":"$context.authorizer.claims['sub']","status":"$context.status"}\n`,
        );
    });

    it("stays valid JSON whatever is missing and whatever the variables hold", () => {
        const columns = SAFE_VARIABLES.map((from, i) => ({ name: `c${i}`, type: "string", from }) as const);
        const format = accessLogFormat(dataset(...columns));
        const value = fc.oneof(fc.constant("-"), fc.nat().map(String), fc.stringMatching(/^[\w.:/[\] +{}-]{0,20}$/));
        fc.assert(
            fc.property(fc.array(value, { minLength: columns.length, maxLength: columns.length }), (values) => {
                const line = values.reduce(
                    (text, resolved, i) => text.replace(`"${SAFE_VARIABLES[i]}"`, () => `"${resolved}"`),
                    format,
                );
                assert.equal(line.indexOf("\n"), line.length - 1);
                assert.deepStrictEqual(Object.values(JSON.parse(line)), values);
            }),
            { seed: 7 },
        );
    });

    const REFUSED: readonly (readonly [what: string, columns: readonly Column[], sentence: string])[] = [
        [
            "a column that comes from nowhere",
            [requestId, { name: "status", type: "string" }],
            'Dataset "access_log" writes the column "status" to an access log, so it needs a from such as "$context.requestId".',
        ],
        [
            "a number, which may be missing",
            [requestId, { name: "status", type: "int", from: "$context.status" }],
            'Dataset "access_log" writes the column "status" to an access log, so it must be a string: a value that is missing is written as "-".',
        ],
        ...[
            "$context.identity.userAgent",
            "$context.path",
            "$context.error.message",
            "$context.authorizer.claims['cognito:username']",
        ].map(
            (from) =>
                [
                    `what a client can fill with quotes: ${from}`,
                    [requestId, { name: "c", type: "string", from }],
                    `Dataset "access_log" writes the column "c" from "${from}", which may hold quotes that API Gateway does not escape. Safe are: ${SAFE_VARIABLES.join(", ")}.`,
                ] as const,
        ),
        [
            "a log without the request id",
            [{ name: "status", type: "string", from: "$context.status" }],
            'Dataset "access_log" has no column from "$context.requestId", without which API Gateway takes no access log.',
        ],
    ];
    for (const [what, columns, message] of REFUSED) {
        it(`refuses ${what}`, () => {
            assert.throws(() => accessLogFormat(dataset(...columns)), { message });
        });
    }

    it("takes the extended request id instead", () => {
        const log = dataset({ name: "id", type: "string", from: "$context.extendedRequestId" });
        assert.equal(accessLogFormat(log), '{"id":"$context.extendedRequestId"}\n');
    });
});
