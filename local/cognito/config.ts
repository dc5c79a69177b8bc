import { serviceError } from "../errors";
import type { Properties, Resource } from "../resources";
import type { Place } from "../services";

/** Pulumi's type of a user pool. */
export const POOL_TYPE = "aws:cognito/userPool:UserPool";

/** Pulumi's type of an app client. */
export const CLIENT_TYPE = "aws:cognito/userPoolClient:UserPoolClient";

/** What passwords of a pool must have. */
export interface PasswordPolicy {
    readonly minimumLength: number;
    readonly requireLowercase: boolean;
    readonly requireUppercase: boolean;
    readonly requireNumbers: boolean;
    readonly requireSymbols: boolean;
    readonly temporaryPasswordValidityDays: number;
}

/** An attribute that a pool adds to the standard ones, or one of these that it requires. */
export interface SchemaInput {
    readonly name: string;
    readonly attributeDataType: string;
    readonly developerOnlyAttribute?: boolean;
    readonly mutable?: boolean;
    readonly required?: boolean;
    readonly numberAttributeConstraints?: { readonly minValue?: string; readonly maxValue?: string };
    readonly stringAttributeConstraints?: { readonly minLength?: string; readonly maxLength?: string };
}

/** The inputs of a user pool, as far as the service reads them. */
export interface PoolInputs extends Properties {
    readonly name?: string;
    readonly adminCreateUserConfig?: { readonly allowAdminCreateUserOnly?: boolean };
    readonly aliasAttributes?: readonly string[];
    readonly autoVerifiedAttributes?: readonly string[];
    readonly deletionProtection?: string;
    readonly passwordPolicy?: Partial<PasswordPolicy>;
    readonly schemas?: readonly SchemaInput[];
    readonly tags?: Readonly<Record<string, string>>;
    readonly usernameAttributes?: readonly string[];
    readonly usernameConfiguration?: { readonly caseSensitive?: boolean };
}

/** What the binding adds to a pool. */
export interface PoolOutputs extends Properties {
    readonly arn: string;
    readonly creationDate: string;
    readonly lastModifiedDate: string;
}

/** A user pool in the table of resources. */
export type PoolResource = Resource<PoolInputs, PoolOutputs>;

/** Kinds of tokens. */
export type TokenKind = "accessToken" | "idToken" | "refreshToken";

/** The inputs of an app client, as far as the service reads them. */
export interface ClientInputs extends Properties {
    readonly name?: string;
    readonly userPoolId: string;
    readonly accessTokenValidity?: number;
    readonly authSessionValidity?: number;
    readonly enableTokenRevocation?: boolean;
    readonly explicitAuthFlows?: readonly string[];
    readonly idTokenValidity?: number;
    readonly preventUserExistenceErrors?: string;
    readonly readAttributes?: readonly string[];
    readonly refreshTokenValidity?: number;
    readonly tokenValidityUnits?: Partial<Record<TokenKind, string>>;
    readonly writeAttributes?: readonly string[];
}

/** What the binding adds to an app client. */
export interface ClientOutputs extends Properties {
    /** Empty when the client has none. */
    readonly clientSecret: string;
    readonly creationDate: string;
    readonly lastModifiedDate: string;
}

/** An app client in the table of resources. */
export type ClientResource = Resource<ClientInputs, ClientOutputs>;

/** ARN of a user pool. */
export function poolArn({ region, account }: Pick<Place, "region" | "account">, id: string): string {
    return `arn:aws:cognito-idp:${region}:${account}:userpool/${id}`;
}

/** Who issues the tokens of a pool, as they name him. */
export function issuerOf(poolId: string): string {
    return `https://cognito-idp.${poolId.split("_")[0]}.amazonaws.com/${poolId}`;
}

/** What a pool demands of passwords: AWS's defaults where the program says nothing, no classes of characters where it says something else. */
export function passwordPolicyOf({ passwordPolicy }: PoolInputs): PasswordPolicy {
    const classes = passwordPolicy === undefined;
    return {
        minimumLength: passwordPolicy?.minimumLength ?? 8,
        requireLowercase: passwordPolicy?.requireLowercase ?? classes,
        requireUppercase: passwordPolicy?.requireUppercase ?? classes,
        requireNumbers: passwordPolicy?.requireNumbers ?? classes,
        requireSymbols: passwordPolicy?.requireSymbols ?? classes,
        temporaryPasswordValidityDays: passwordPolicy?.temporaryPasswordValidityDays || 7,
    };
}

const UNITS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html */
const VALIDITY: Readonly<
    Record<TokenKind, { readonly seconds: number; readonly unit: string; readonly from: number; readonly to: number }>
> = {
    accessToken: { seconds: 3600, unit: "hours", from: 300, to: 86_400 },
    idToken: { seconds: 3600, unit: "hours", from: 300, to: 86_400 },
    refreshToken: { seconds: 30 * 86_400, unit: "days", from: 3600, to: 3650 * 86_400 },
};

/** How long tokens of a client are good for, in seconds. */
export function validityOf(client: ClientInputs, kind: TokenKind): number {
    const { seconds, unit } = VALIDITY[kind];
    const given = client[`${kind}Validity`];
    return given ? given * (UNITS[client.tokenValidityUnits?.[kind] ?? unit] ?? Number.NaN) : seconds;
}

/** Whether AWS would let tokens of a client live that long. */
export function isValidValidity(client: ClientInputs, kind: TokenKind): boolean {
    const seconds = validityOf(client, kind);
    return seconds >= VALIDITY[kind].from && seconds <= VALIDITY[kind].to;
}

/** The flows of a client that names none. */
const USUAL_FLOWS = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"];

/** The flows that a client lets in. */
export function flowsOf({ explicitAuthFlows }: ClientInputs): readonly string[] {
    return explicitAuthFlows && explicitAuthFlows.length > 0 ? explicitAuthFlows : USUAL_FLOWS;
}

/** Makes Cognito's InvalidParameterException. */
export function invalidParameter(message: string): Error {
    return serviceError("InvalidParameterException", message);
}

/** Makes Cognito's NotAuthorizedException. */
export function notAuthorized(message: string): Error {
    return serviceError("NotAuthorizedException", message);
}
