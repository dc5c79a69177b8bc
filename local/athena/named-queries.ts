import type {
    BatchGetNamedQueryInput,
    BatchGetNamedQueryOutput,
    GetNamedQueryInput,
    GetNamedQueryOutput,
    ListNamedQueriesInput,
    ListNamedQueriesOutput,
    NamedQuery,
} from "@aws-sdk/client-athena";
import { serviceError } from "../errors";
import type { Resource } from "../resources";
import type { Caller, Services } from "../services";
import { paged } from "./paging";
import { findWorkgroup, NAMED_QUERY_TYPE, type NamedQueryInputs, workgroupArn } from "./workgroups";

type QueryServices = Pick<Services, "iam" | "place" | "resources">;
type QueryResource = Resource<NamedQueryInputs>;

const workgroupOf = ({ inputs }: QueryResource) => inputs.workgroup ?? "primary";

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_ListNamedQueries.html */
export const listNamedQueries =
    (services: QueryServices) =>
    (request: ListNamedQueriesInput, caller: Caller): ListNamedQueriesOutput => {
        const workgroup = request.WorkGroup ?? "primary";
        services.iam.authorize(caller, "athena:ListNamedQueries", workgroupArn(services, workgroup));
        findWorkgroup(services, workgroup);
        const ids = all(services)
            .filter((query) => workgroupOf(query) === workgroup)
            .map(({ id }) => id);
        const { items, next } = paged(ids, request, 50);
        return { NamedQueryIds: items, ...next };
    };

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_GetNamedQuery.html */
export const getNamedQuery =
    (services: QueryServices) =>
    (request: GetNamedQueryInput, caller: Caller): GetNamedQueryOutput => {
        const found = all(services).find(({ id }) => id === request.NamedQueryId);
        if (!found) throw serviceError("InvalidRequestException", `NamedQuery ${request.NamedQueryId} was not found`);
        services.iam.authorize(caller, "athena:GetNamedQuery", workgroupArn(services, workgroupOf(found)));
        return { NamedQuery: describe(found) };
    };

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_BatchGetNamedQuery.html */
export const batchGetNamedQuery =
    (services: QueryServices) =>
    (request: BatchGetNamedQueryInput, caller: Caller): BatchGetNamedQueryOutput => {
        const found: NamedQuery[] = [];
        const missing: string[] = [];
        for (const wanted of request.NamedQueryIds ?? []) {
            const query = all(services).find(({ id }) => id === wanted);
            if (!query) missing.push(wanted);
            else {
                services.iam.authorize(caller, "athena:BatchGetNamedQuery", workgroupArn(services, workgroupOf(query)));
                found.push(describe(query));
            }
        }
        return {
            NamedQueries: found,
            UnprocessedNamedQueryIds: missing.map((id) => ({
                NamedQueryId: id,
                ErrorCode: "INVALID_INPUT",
                ErrorMessage: `NamedQuery ${id} was not found`,
            })),
        };
    };

function all({ resources }: QueryServices): readonly QueryResource[] {
    return resources.all<NamedQueryInputs>(NAMED_QUERY_TYPE);
}

function describe(query: QueryResource): NamedQuery {
    const { name, database, query: sql, description } = query.inputs;
    return {
        NamedQueryId: query.id,
        Name: name,
        Database: database,
        QueryString: sql,
        WorkGroup: workgroupOf(query),
        ...(description && { Description: description }),
    };
}
