import type { Mapping } from "./mapping";
import type { ModelValidator } from "./model-validator";
import type { Template } from "./velocity/compile";

/** A REST API as imported: what a deployment holds. */
export interface Api {
    readonly routes: readonly Route[];
    readonly gatewayResponses: ReadonlyMap<string, GatewayResponse>;
}

/** A resource of the API, with its methods. */
export interface Route {
    /** As in the document, such as `/streams/{name}`. */
    readonly path: string;
    /** AWS's id of the resource: six letters and digits. */
    readonly resourceId: string;
    readonly segments: readonly Segment[];
    /** By HTTP method in capitals, or `ANY`. */
    readonly methods: ReadonlyMap<string, Method>;
}

/** One part of a path: a word, `{name}`, or `{name+}` which takes the rest. */
export type Segment = { readonly literal: string } | { readonly parameter: string; readonly greedy: boolean };

/** Where a parameter of a request is. */
export type Location = "path" | "querystring" | "header";

/** A method of a resource. */
export interface Method {
    readonly authorization: "NONE" | "AWS_IAM" | TokenAuthorizer;
    readonly apiKeyRequired: boolean;
    /** Parameters that must be there, when the validator checks parameters. */
    readonly required: readonly { readonly location: Location; readonly name: string }[];
    /** Models by content type, when the validator checks bodies. */
    readonly models: ReadonlyMap<string, ModelValidator>;
    readonly integration: Integration;
    /** Names of the headers that each status may have, in lower case. */
    readonly responses: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Lets in whoever has a token of a user pool. https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html */
export interface TokenAuthorizer {
    /** ARNs of the user pools. */
    readonly poolArns: readonly string[];
    /** Name of the header that holds the token, in lower case. */
    readonly header: string;
    /** What the audience of an ID token must match. */
    readonly audience: RegExp | undefined;
    /** Scopes of which an access token must have one; where there are none, an ID token is wanted. */
    readonly scopes: readonly string[];
}

/** What a method calls. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html */
export interface Integration {
    readonly backend: Backend;
    readonly passthrough: "WHEN_NO_MATCH" | "WHEN_NO_TEMPLATES" | "NEVER";
    readonly timeoutMillis: number;
    readonly requestTemplates: ReadonlyMap<string, Template>;
    readonly requestParameters: readonly Mapping[];
    readonly responses: readonly IntegrationResponse[];
}

/** The other side of an integration. `credentials` is the ARN of the role that API Gateway uses. */
export type Backend =
    | { readonly type: "mock" }
    | { readonly type: "action"; readonly service: string; readonly action: string; readonly credentials: string }
    | {
          readonly type: "lambda";
          readonly proxy: boolean;
          readonly functionArn: string;
          readonly credentials: string | undefined;
      };

/** How an answer of the backend becomes an answer of the method. */
export interface IntegrationResponse {
    /** Matches the whole backend status, or the whole error message of a function; undefined for `default`. */
    readonly pattern: RegExp | undefined;
    readonly statusCode: string;
    readonly templates: ReadonlyMap<string, Template>;
    readonly parameters: readonly Mapping[];
}

/** A customized answer that API Gateway gives by itself. */
export interface GatewayResponse {
    readonly statusCode: number | undefined;
    /** Values of headers: `'text'`, `method.request.…`, `context.…` or `stageVariables.…`. */
    readonly headers: readonly Mapping[];
    readonly templates: ReadonlyMap<string, string>;
}
