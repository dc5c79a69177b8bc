import { type ApiInputs, apiDocument, invoke, type Json, operation } from "../blocks/api-document";
import { stringRequests } from "./dataset";

/** What {@link openApi} makes a document from. */
export interface OpenApiInputs extends Omit<ApiInputs, "auth" | "behind"> {
    /** ARN of the pool whose users the API lets in. */
    readonly userPoolArn: string;
    /** ARN of the function that answers. */
    readonly functionArn: string;
}

/** Path of the one resource. */
export const PATH = "/random/strings";

/** The whole API. What parameters may be is the function's to say, since API Gateway has no word for it that users could read. */
export function openApi({ functionArn, ...given }: OpenApiInputs): Json {
    const inputs: ApiInputs = { ...given, auth: "cognito", behind: "function" };
    const parameters = stringRequests.columns.map(({ name, doc }) => ({
        name,
        in: "query",
        description: doc,
        required: false,
        schema: { type: "string" },
    }));
    return apiDocument(
        inputs,
        { [PATH]: { get: { ...operation(inputs, invoke(inputs, functionArn)), parameters } } },
        {},
    );
}
