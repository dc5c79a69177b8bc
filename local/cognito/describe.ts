import type { Caller, Services } from "../services";
import { attributeName } from "./attributes";
import {
    CLIENT_TYPE,
    type ClientInputs,
    type ClientOutputs,
    type ClientResource,
    flowsOf,
    invalidParameter,
    POOL_TYPE,
    type PoolInputs,
    type PoolOutputs,
    passwordPolicyOf,
} from "./config";
import type { Pools } from "./pools";

/** What the operations that describe need. */
export interface DescribeServices {
    readonly services: Pick<Services, "iam" | "resources">;
    readonly pools: Pools;
}

interface PageRequest {
    readonly MaxResults?: number;
    readonly NextToken?: string;
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPool.html */
export const describeUserPool =
    ({ pools }: DescribeServices) =>
    (input: { readonly UserPoolId: string }, caller: Caller) => {
        const { id, inputs, resource, users } = pools.enter(caller, "DescribeUserPool", input.UserPoolId);
        const { minimumLength, temporaryPasswordValidityDays, ...classes } = passwordPolicyOf(inputs);
        return {
            UserPool: {
                Id: id,
                Name: inputs.name,
                Arn: resource.outputs.arn,
                Policies: {
                    PasswordPolicy: {
                        MinimumLength: minimumLength,
                        RequireUppercase: classes.requireUppercase,
                        RequireLowercase: classes.requireLowercase,
                        RequireNumbers: classes.requireNumbers,
                        RequireSymbols: classes.requireSymbols,
                        TemporaryPasswordValidityDays: temporaryPasswordValidityDays,
                    },
                },
                DeletionProtection: inputs.deletionProtection ?? "INACTIVE",
                LambdaConfig: {},
                ...datesOf(resource.outputs),
                SchemaAttributes: (inputs.schemas ?? []).map((schema) => ({
                    Name: attributeName(schema),
                    AttributeDataType: schema.attributeDataType,
                    Mutable: schema.mutable ?? true,
                    Required: schema.required ?? false,
                })),
                AutoVerifiedAttributes: inputs.autoVerifiedAttributes,
                AliasAttributes: inputs.aliasAttributes,
                UsernameAttributes: inputs.usernameAttributes,
                MfaConfiguration: "OFF",
                EstimatedNumberOfUsers: users.all().length,
                UserPoolTags: inputs.tags,
                AdminCreateUserConfig: {
                    AllowAdminCreateUserOnly: inputs.adminCreateUserConfig?.allowAdminCreateUserOnly ?? false,
                },
            },
        };
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPoolClient.html */
export const describeUserPoolClient =
    ({ pools }: DescribeServices) =>
    (input: { readonly UserPoolId: string; readonly ClientId: string }, caller: Caller) => {
        const pool = pools.enter(caller, "DescribeUserPoolClient", input.UserPoolId);
        return { UserPoolClient: clientType(pools.clientOf(pool, input.ClientId)) };
    };

function clientType({ id, inputs, outputs }: ClientResource) {
    const { accessToken, idToken, refreshToken } = inputs.tokenValidityUnits ?? {};
    return {
        UserPoolId: inputs.userPoolId,
        ClientName: inputs.name,
        ClientId: id,
        ...(outputs.clientSecret && { ClientSecret: outputs.clientSecret }),
        ...datesOf(outputs),
        RefreshTokenValidity: inputs.refreshTokenValidity ?? 30,
        AccessTokenValidity: inputs.accessTokenValidity,
        IdTokenValidity: inputs.idTokenValidity,
        TokenValidityUnits: { AccessToken: accessToken, IdToken: idToken, RefreshToken: refreshToken },
        ReadAttributes: inputs.readAttributes,
        WriteAttributes: inputs.writeAttributes,
        ExplicitAuthFlows: flowsOf(inputs),
        PreventUserExistenceErrors: inputs.preventUserExistenceErrors,
        EnableTokenRevocation: inputs.enableTokenRevocation ?? true,
        AuthSessionValidity: inputs.authSessionValidity ?? 3,
    };
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserPools.html */
export const listUserPools =
    ({ services: { iam, resources } }: DescribeServices) =>
    (input: PageRequest, caller: Caller) => {
        iam.authorize(caller, "cognito-idp:ListUserPools", "*");
        const all = resources.all<PoolInputs, PoolOutputs>(POOL_TYPE).map(({ id, inputs, outputs }) => ({
            Id: id,
            Name: inputs.name,
            LambdaConfig: {},
            ...datesOf(outputs),
        }));
        const { items, next } = page(all, input);
        return { UserPools: items, ...next };
    };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserPoolClients.html */
export const listUserPoolClients =
    ({ services: { resources }, pools }: DescribeServices) =>
    (input: PageRequest & { readonly UserPoolId: string }, caller: Caller) => {
        const pool = pools.enter(caller, "ListUserPoolClients", input.UserPoolId);
        const all = resources
            .all<ClientInputs, ClientOutputs>(CLIENT_TYPE)
            .filter(({ inputs }) => inputs.userPoolId === pool.id)
            .map(({ id, inputs }) => ({ ClientId: id, UserPoolId: pool.id, ClientName: inputs.name }));
        const { items, next } = page(all, input);
        return { UserPoolClients: items, ...next };
    };

function page<T>(all: readonly T[], { MaxResults = 60, NextToken = "0" }: PageRequest) {
    if (!/^\d+$/.test(NextToken)) throw invalidParameter("Invalid pagination token.");
    const to = Number(NextToken) + MaxResults;
    return { items: all.slice(Number(NextToken), to), next: to < all.length ? { NextToken: String(to) } : {} };
}

function datesOf({ creationDate, lastModifiedDate }: Pick<PoolOutputs, "creationDate" | "lastModifiedDate">) {
    return { CreationDate: new Date(creationDate), LastModifiedDate: new Date(lastModifiedDate) };
}
