import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "./transform";

/** Arguments of {@link UserPool}. */
export interface UserPoolArgs {
    /** Characters that a password has at least, with upper and lower case, digits and symbols among them. */
    readonly passwordLength: number;
    /** For how long a token lets its user in. */
    readonly tokenMinutes: number;
    /** For how long a user can get new tokens without the password. */
    readonly refreshDays: number;
    /** What becomes of sign-ins that look like an attacker's, which only the plan Plus finds. */
    readonly threatProtection: "off" | "audit" | "enforced";
    /** Whether the pool may be deleted with its users. */
    readonly disposable: boolean;
    readonly transform?: {
        readonly pool?: Transform<aws.cognito.UserPoolArgs>;
        readonly client?: Transform<aws.cognito.UserPoolClientArgs>;
    };
}

/** Users who sign up by themselves with their e-mail address, and the client by which they sign in: with a password, and no OAuth. */
export class UserPool extends pulumi.ComponentResource {
    public readonly pool: aws.cognito.UserPool;
    public readonly client: aws.cognito.UserPoolClient;

    constructor(name: string, args: UserPoolArgs, opts?: pulumi.ComponentResourceOptions) {
        super("tributary:blocks:UserPool", name, {}, opts);
        const child = { parent: this };

        this.pool = new aws.cognito.UserPool(name, transformed(args.transform?.pool, poolArgs(args)), {
            ...child,
            protect: !args.disposable,
        });
        this.client = new aws.cognito.UserPoolClient(
            `${name}-client`,
            transformed(args.transform?.client, clientArgs(this.pool, args)),
            child,
        );

        this.registerOutputs({ pool: this.pool, client: this.client });
    }
}

function poolArgs({ passwordLength, threatProtection, disposable }: UserPoolArgs): aws.cognito.UserPoolArgs {
    return {
        usernameAttributes: ["email"],
        usernameConfiguration: { caseSensitive: false },
        autoVerifiedAttributes: ["email"],
        // A new address counts once it is verified, so that nobody takes over another's.
        userAttributeUpdateSettings: { attributesRequireVerificationBeforeUpdates: ["email"] },
        accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
        adminCreateUserConfig: { allowAdminCreateUserOnly: false },
        passwordPolicy: {
            minimumLength: passwordLength,
            requireLowercase: true,
            requireUppercase: true,
            requireNumbers: true,
            requireSymbols: true,
            temporaryPasswordValidityDays: 1,
        },
        deletionProtection: disposable ? "INACTIVE" : "ACTIVE",
        ...(threatProtection !== "off" && {
            userPoolTier: "PLUS",
            userPoolAddOns: { advancedSecurityMode: threatProtection.toUpperCase() },
        }),
    };
}

/** No secret: a client that users hold cannot keep one. https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html */
function clientArgs(
    { id }: aws.cognito.UserPool,
    { tokenMinutes, refreshDays }: UserPoolArgs,
): aws.cognito.UserPoolClientArgs {
    return {
        userPoolId: id,
        generateSecret: false,
        explicitAuthFlows: [
            "ALLOW_ADMIN_USER_PASSWORD_AUTH",
            "ALLOW_REFRESH_TOKEN_AUTH",
            "ALLOW_USER_PASSWORD_AUTH",
            "ALLOW_USER_SRP_AUTH",
        ],
        // Whoever tries addresses learns of none whether it has an account.
        preventUserExistenceErrors: "ENABLED",
        enableTokenRevocation: true,
        idTokenValidity: tokenMinutes,
        accessTokenValidity: tokenMinutes,
        refreshTokenValidity: refreshDays,
        tokenValidityUnits: { idToken: "minutes", accessToken: "minutes", refreshToken: "days" },
    };
}
