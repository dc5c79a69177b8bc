import * as assert from "node:assert/strict";
import type { Json, ServiceApiInputs } from "../../components/blocks/api-document";
import * as orders from "../../components/orders/openapi";
import { pageEvents } from "../../components/web-analytics/dataset";
import * as webAnalytics from "../../components/web-analytics/openapi";
import { importApi } from "../../local/apigateway/import";
import { apiModel, type JsonSchema } from "../../schema/json-schema";

const INPUTS: ServiceApiInputs = {
    title: "web-api",
    region: "us-east-1",
    partition: "aws",
    roleArn: "arn:aws:iam::123456789012:role/web-api-role",
    auth: "iam",
    origins: [],
};

/** The documents of all kinds of pipelines that have an API. */
const APIS = {
    "web-analytics": (inputs) =>
        webAnalytics.openApi({ ...inputs, stream: "web-stream-1a2b3c4", model: apiModel(pageEvents) }),
    orders: (inputs) => orders.openApi({ ...inputs, stream: "shop-stream-1a2b3c4" }),
} satisfies Readonly<Record<string, (inputs: ServiceApiInputs) => Json>>;

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

/** The document of a kind as API Gateway reads it. */
function documentOf(kind: keyof typeof APIS, inputs: Partial<ServiceApiInputs> = {}): Document {
    return JSON.parse(JSON.stringify(APIS[kind]({ ...INPUTS, ...inputs })));
}

/** Every operation but the preflights. */
function operations({ paths }: Document): readonly Operation[] {
    return Object.values(paths).flatMap((item) => ["get", "put", "post"].flatMap((method) => item[method] ?? []));
}

for (const kind of Object.keys(APIS) as (keyof typeof APIS)[]) {
    describe(`The API of ${kind}`, () => {
        const document = (inputs?: Partial<ServiceApiInputs>) => documentOf(kind, inputs);

        for (const auth of ["iam", "api-key", "none"] as const) {
            for (const origins of [[], ["https://a.example"], ["https://a.example", "https://b.example"], ["*"]]) {
                it(`is one that API Gateway imports, with auth ${auth} and origins ${origins.join(", ") || "none"}`, () => {
                    const api = document({ auth, origins });
                    const { routes } = importApi(JSON.stringify(api), "us-east-1");
                    assert.equal(routes.length, Object.keys(api.paths).length);
                });
            }
        }

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
            it(`asks for the same on every path with auth ${auth}`, () => {
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
            const honoured = ["description", "enum", "items", "pattern", "properties", "required", "type"];
            assert.deepEqual(
                [...keywords].filter((keyword) => !honoured.includes(keyword)),
                [],
            );
        });

        it("tells the problems of a body that its model refuses", () => {
            const { statusCode, responseTemplates } =
                document()["x-amazon-apigateway-gateway-responses"].BAD_REQUEST_BODY;
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
                const { paths } = document({ origins: ["https://a.example"] });
                for (const [path, { options, parameters: _, ...methods }] of Object.entries(paths)) {
                    const { responseParameters } = options["x-amazon-apigateway-integration"].responses.default;
                    const offered = [...Object.keys(methods), "options"]
                        .map((method) => method.toUpperCase())
                        .join(",");
                    const name = "method.response.header.Access-Control-Allow-Methods";
                    assert.equal((responseParameters as Record<string, string>)[name], `'${offered}'`, path);
                    assert.equal(options.security, undefined, path);
                }
            });
        });
    });
}

describe("The API of web-analytics", () => {
    const document = () => documentOf("web-analytics");

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
});

describe("The API of orders", () => {
    const { paths, components } = documentOf("orders");
    const { Order, Orders } = components.schemas as Readonly<Record<string, JsonSchema>>;

    it("takes an order, and a batch of them", () => {
        const methods = Object.entries(paths).map(([path, item]) => [path, Object.keys(item)]);
        assert.deepEqual(methods, [
            ["/orders", ["post"]],
            ["/orders/batch", ["post"]],
        ]);
    });

    it("asks for every part of an order but the one that comes under two names, and knows both of them", () => {
        const names = Object.keys(Order.properties as object);
        const required = ["customer_id", "order_id", "order_date", "status", "shipping_address", "product_details"];
        assert.deepEqual(Order.required, required);
        assert.deepEqual(
            names.filter((name) => !required.includes(name)),
            ["purchase_details", "purchaise_details"],
        );
        const { purchase_details, purchaise_details } = Order.properties as Record<string, unknown>;
        assert.deepEqual(purchaise_details, purchase_details);
    });

    it("asks of a batch only that there is a list, since one wrong order must not cost the others", () => {
        assert.deepEqual(Orders, {
            type: "object",
            required: ["orders"],
            properties: { orders: { type: "array", items: {} } },
        });
    });
});
