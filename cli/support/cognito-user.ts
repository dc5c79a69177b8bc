import { randomBytes } from "node:crypto";
import {
    AdminCreateUserCommand,
    AdminInitiateAuthCommand,
    AdminSetUserPasswordCommand,
    CognitoIdentityProviderClient,
} from "@aws-sdk/client-cognito-identity-provider";
import type { PipelineOutputs, RunningStack } from "./stack";

/** Gives an ID token that lets a user in, a new one before the last expires. */
export type UserToken = () => Promise<string>;

/** Seconds for which a token must be good when it is used. */
const SPARE_SECONDS = 60;

/**
 * A user of a pipeline's pool for trying it out, made when there is none of that address: no mail is sent, and the password is a new one that
 * nobody else knows. Whoever asks needs permission to administer the pool.
 */
export function cognitoUser(stack: RunningStack, outputs: PipelineOutputs, email: string): UserToken {
    const client = new CognitoIdentityProviderClient(stack.client);
    const user = { UserPoolId: outputs.userPoolId, Username: email };
    let signedIn: Promise<void> | undefined;
    let token = { text: "", until: 0 };

    async function create(): Promise<void> {
        const UserAttributes = [
            { Name: "email", Value: email },
            { Name: "email_verified", Value: "true" },
        ];
        const command = new AdminCreateUserCommand({ ...user, UserAttributes, MessageAction: "SUPPRESS" });
        await client.send(command).catch((error: Error) => {
            if (error.name !== "UsernameExistsException") throw error;
        });
    }

    async function signIn(): Promise<void> {
        // 24 random bytes as text, and one character of each class that a policy may ask for.
        const password = `${randomBytes(24).toString("base64url")}aA1!`;
        await client.send(new AdminSetUserPasswordCommand({ ...user, Password: password, Permanent: true }));
        const { AuthenticationResult } = await client.send(
            new AdminInitiateAuthCommand({
                UserPoolId: outputs.userPoolId,
                ClientId: outputs.userPoolClientId,
                AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
                AuthParameters: { USERNAME: email, PASSWORD: password },
            }),
        );
        const { IdToken = "", ExpiresIn = 0 } = AuthenticationResult ?? {};
        token = { text: IdToken, until: Date.now() + (ExpiresIn - SPARE_SECONDS) * 1000 };
    }

    return async () => {
        if (Date.now() >= token.until) {
            // All who ask meanwhile wait for the same one.
            signedIn ??= create()
                .then(signIn)
                .finally(() => {
                    signedIn = undefined;
                });
            await signedIn;
        }
        return token.text;
    };
}
