import type { Bindings } from "../resources";
import type { HttpRequest, HttpResponse, JsonService, Operation, Services, UserPools } from "../services";
import {
    adminCreateUser,
    adminDeleteUser,
    adminDisableUser,
    adminEnableUser,
    adminGetUser,
    adminSetUserPassword,
    adminUpdateUserAttributes,
    adminUserGlobalSignOut,
    listUsers,
} from "./admin";
import { cognitoBindings } from "./bindings";
import { createCodes } from "./codes";
import { poolArn } from "./config";
import { describeUserPool, describeUserPoolClient, listUserPoolClients, listUserPools } from "./describe";
import { discovery } from "./discovery";
import { confirmForgotPassword, forgotPassword } from "./forgot-password";
import { createKey } from "./keys";
import { createPools } from "./pools";
import { changePassword, deleteUser, getUser, globalSignOut, revokeToken } from "./session";
import { adminInitiateAuth, adminRespondToAuthChallenge, initiateAuth, respondToAuthChallenge } from "./sign-in";
import { adminConfirmSignUp, confirmSignUp, resendConfirmationCode, signUp } from "./sign-up";
import { claimedPool } from "./tokens";

/** What Cognito needs of the others. */
export type CognitoServices = Pick<Services, "clock" | "iam" | "place" | "randomHex" | "resources">;

/** Settings of {@link createCognito}. */
export interface CognitoOptions {
    /** Takes a line for each code that AWS would mail. @default nothing */
    readonly log?: (line: string) => void;
    /** Makes the key pair of a pool: for tests, which make many pools. @default a new one each time */
    readonly newKey?: typeof createKey;
}

/** Amazon Cognito: user pools with passwords, tokens that anyone can verify. */
export interface Cognito extends UserPools {
    readonly service: JsonService;
    readonly bindings: Bindings;
    /** Answers `/<pool>/.well-known/`. */
    handle(request: HttpRequest): HttpResponse;
}

/** Operations that nobody signs either, and that are not here. */
const OTHERS = (
    "AssociateSoftwareToken CompleteWebAuthnRegistration ConfirmDevice DeleteUserAttributes DeleteWebAuthnCredential " +
    "ForgetDevice GetDevice GetTokensFromRefreshToken GetUserAttributeVerificationCode GetUserAuthFactors ListDevices " +
    "ListWebAuthnCredentials SetUserMFAPreference SetUserSettings StartWebAuthnRegistration UpdateAuthEventFeedback UpdateDeviceStatus " +
    "UpdateUserAttributes VerifySoftwareToken VerifyUserAttribute"
).split(" ");

/** Makes the local {@link Cognito}. */
export function createCognito(services: CognitoServices, options: CognitoOptions = {}): Cognito {
    const { log = () => undefined, newKey = createKey } = options;
    const { place } = services;
    const pools = createPools(services);
    const needs = { services, pools, codes: createCodes(services, log) };
    /** Operations that nobody signs: a secret of their own, such as a password or a token, says who asks. */
    const open: Record<string, Operation> = {
        ChangePassword: changePassword(needs),
        ConfirmForgotPassword: confirmForgotPassword(needs),
        ConfirmSignUp: confirmSignUp(needs),
        DeleteUser: deleteUser(needs),
        ForgotPassword: forgotPassword(needs),
        GetUser: getUser(needs),
        GlobalSignOut: globalSignOut(needs),
        InitiateAuth: initiateAuth(needs),
        ResendConfirmationCode: resendConfirmationCode(needs),
        RespondToAuthChallenge: respondToAuthChallenge(needs),
        RevokeToken: revokeToken(needs),
        SignUp: signUp(needs),
    };
    const operations: Record<string, Operation> = {
        ...open,
        AdminConfirmSignUp: adminConfirmSignUp(needs),
        AdminCreateUser: adminCreateUser(needs),
        AdminDeleteUser: adminDeleteUser(needs),
        AdminDisableUser: adminDisableUser(needs),
        AdminEnableUser: adminEnableUser(needs),
        AdminGetUser: adminGetUser(needs),
        AdminInitiateAuth: adminInitiateAuth(needs),
        AdminRespondToAuthChallenge: adminRespondToAuthChallenge(needs),
        AdminSetUserPassword: adminSetUserPassword(needs),
        AdminUpdateUserAttributes: adminUpdateUserAttributes(needs),
        AdminUserGlobalSignOut: adminUserGlobalSignOut(needs),
        DescribeUserPool: describeUserPool(needs),
        DescribeUserPoolClient: describeUserPoolClient(needs),
        ListUserPoolClients: listUserPoolClients(needs),
        ListUserPools: listUserPools(needs),
        ListUsers: listUsers(needs),
    };
    return {
        service: {
            target: "AWSCognitoIdentityProviderService",
            name: "cognito-idp",
            client: "@aws-sdk/client-cognito-identity-provider",
            operations,
            unsigned: new Set([...Object.keys(open), ...OTHERS]),
        },
        bindings: cognitoBindings(services, pools, newKey),
        handle: discovery({ place, pools }),
        openToken(token, poolArns) {
            const id = claimedPool(token);
            return poolArns.includes(poolArn(place, id)) ? pools.lookUp(id)?.signer.open(token) : undefined;
        },
    };
}
