import * as assert from "node:assert/strict";
import { pageEvents } from "../../components/web-analytics/dataset";
import { openApi } from "../../components/web-analytics/openapi";
import { importApi } from "../../local/apigateway/import";
import { apiModel } from "../../schema/json-schema";

type Inputs = Parameters<typeof openApi>[0];

const INPUTS: Inputs = {
    title: "web-api",
    stream: "web-stream-1a2b3c4",
    region: "us-east-1",
    partition: "aws",
    roleArn: "arn:aws:iam::123456789012:role/web-api-role",
    auth: "iam",
    origins: [],
    model: apiModel(pageEvents),
};

interface Operation {
    readonly security?: unknown;
    readonly "x-amazon-apigateway-integration": {
        readonly type: string;
        readonly requestTemplates: Readonly<Record<string, string>>;
        readonly responses: Readonly<
            Record<string, { readonly statusCode: string; readonly responseParameters: unknown }>
        >;
    };
}

interface Document {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly securitySchemes?: unknown };
    readonly "x-amazon-apigateway-gateway-responses": Readonly<Record<string, Record<string, unknown>>>;
}

/** The document as API Gateway reads it. */
function document(inputs: Partial<Inputs> = {}): Document {
    return JSON.parse(JSON.stringify(openApi({ ...INPUTS, ...inputs })));
}

/** Every operation but the preflights. */
function operations({ paths }: Document): readonly Operation[] {
    return Object.values(paths).flatMap((item) => ["get", "put", "post"].flatMap((method) => item[method] ?? []));
}

describe("The API of web-analytics", () => {
    it("has these paths, and the stream's name in them", () => {
        const methods = Object.entries(document().paths).map(([path, item]) => [
            path,
            Object.keys(item).filter((key) => key !== "parameters"),
        ]);
        assert.deepEqual(methods, [
            ["/streams", ["get"]],
            ["/streams/web-stream-1a2b3c4", ["get"]],
            ["/streams/web-stream-1a2b3c4/record", ["put", "post"]],
            ["/streams/web-stream-1a2b3c4/records", ["put", "post"]],
            ["/streams/{stream-name}", ["get"]],
            ["/streams/{stream-name}/record", ["put", "post"]],
            ["/streams/{stream-name}/records", ["put", "post"]],
        ]);
    });

    for (const auth of ["iam", "api-key", "none"] as const) {
        for (const origins of [[], ["https://a.example"], ["https://a.example", "https://b.example"], ["*"]]) {
            it(`is one that API Gateway imports, with auth ${auth} and origins ${origins.join(", ") || "none"}`, () => {
                const { routes } = importApi(JSON.stringify(document({ auth, origins })), "us-east-1");
                assert.equal(routes.length, 7);
            });
        }
    }

    it("answers other streams 404 by itself, whatever their name", () => {
        for (const [path, item] of Object.entries(document().paths)) {
            if (!path.includes("{stream-name}")) continue;
            const { parameters: _, ...methods } = item;
            for (const operation of Object.values(methods)) {
                const integration = operation["x-amazon-apigateway-integration"];
                assert.equal(integration.type, "mock");
                assert.equal(integration.responses.default.statusCode, "404");
            }
        }
    });

    it("lets nothing of a request but its body into a template", () => {
        for (const operation of operations(document())) {
            const template = operation["x-amazon-apigateway-integration"].requestTemplates["application/json"];
            assert.doesNotMatch(template, /\$input\.params|\$context|\$stageVariables/);
        }
    });

    for (const [auth, security] of [
        ["iam", [{ sigv4: [] }]],
        ["api-key", [{ apiKey: [] }]],
        ["none", undefined],
    ] as const) {
        it(`asks for the same on every path with auth ${auth}, also where a stream is unknown`, () => {
            for (const operation of operations(document({ auth }))) assert.deepEqual(operation.security, security);
        });
    }

    it("uses only keywords in its models that API Gateway honours on import", () => {
        const keywords = new Set<string>();
        const collect = (schema: Record<string, unknown>) => {
            for (const [keyword, value] of Object.entries(schema)) {
                keywords.add(keyword);
                if (keyword === "properties") for (const inner of Object.values(value as object)) collect(inner);
                if (keyword === "items") collect(value as Record<string, unknown>);
            }
        };
        for (const model of Object.values(document().components.schemas)) collect(model as Record<string, unknown>);
        assert.deepEqual([...keywords].sort(), [
            "description",
            "enum",
            "items",
            "pattern",
            "properties",
            "required",
            "type",
        ]);
    });

    it("tells the problems of a body that its model refuses", () => {
        const { statusCode, responseTemplates } = document()["x-amazon-apigateway-gateway-responses"].BAD_REQUEST_BODY;
        assert.equal(statusCode, "400");
        assert.deepEqual(responseTemplates, {
            "application/json":
                '{"message":$context.error.messageString,"problems":"$context.error.validationErrorString"}',
        });
    });

    it("answers 503 when the stream cannot be reached or its role not be used", () => {
        const responses = document()["x-amazon-apigateway-gateway-responses"];
        for (const type of ["INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "API_CONFIGURATION_ERROR"]) {
            assert.equal(responses[type].statusCode, "503");
        }
    });

    describe("for web pages", () => {
        it("says nothing when no origin is configured", () => {
            assert.doesNotMatch(JSON.stringify(document()), /Access-Control/);
        });

        it("names the one origin on real answers, errors and preflights alike", () => {
            const { paths, ...rest } = document({ origins: ["https://a.example"] });
            const expected = { "method.response.header.Access-Control-Allow-Origin": "'https://a.example'" };
            for (const item of Object.values(paths)) {
                const { parameters: _, ...methods } = item;
                for (const operation of Object.values(methods)) {
                    for (const { responseParameters } of Object.values(
                        operation["x-amazon-apigateway-integration"].responses,
                    )) {
                        assert.deepEqual(responseParameters, { ...(responseParameters as object), ...expected });
                    }
                }
            }
            for (const { responseParameters } of Object.values(rest["x-amazon-apigateway-gateway-responses"])) {
                assert.deepEqual(responseParameters, {
                    "gatewayresponse.header.Access-Control-Allow-Origin": "'https://a.example'",
                });
            }
        });

        it("offers each path's own methods without asking for credentials", () => {
            const options = (path: string) => document({ origins: ["https://a.example"] }).paths[path].options;
            const methods = (path: string) =>
                (
                    options(path)["x-amazon-apigateway-integration"].responses.default.responseParameters as Record<
                        string,
                        string
                    >
                )["method.response.header.Access-Control-Allow-Methods"];
            assert.equal(methods("/streams"), "'GET,OPTIONS'");
            assert.equal(methods("/streams/web-stream-1a2b3c4/records"), "'PUT,POST,OPTIONS'");
            assert.equal(options("/streams").security, undefined);
        });
    });
});
