import { randomBytes, randomInt, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { serviceError } from "../errors";
import { invalidParameter, type PasswordPolicy } from "./config";

/** The characters that count as symbols. https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html */
const SYMBOLS = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-";

/** What a policy asks for beyond the length, and how AWS says that it is missing. */
const CLASSES = [
    ["requireUppercase", /[A-Z]/, "Password must have uppercase characters", "ABCDEFGHJKLMNPQRSTUVWXYZ"],
    ["requireLowercase", /[a-z]/, "Password must have lowercase characters", "abcdefghijkmnopqrstuvwxyz"],
    ["requireNumbers", /[0-9]/, "Password must have numeric characters", "23456789"],
    ["requireSymbols", /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]/, "Password must have symbol characters", SYMBOLS],
] as const;

/** Throws AWS's InvalidPasswordException when a password is against the policy. */
export function checkPassword(policy: PasswordPolicy, password: string): void {
    if (password.length > 256) {
        throw invalidParameter(
            "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have length less than or equal to 256",
        );
    }
    if (!/^\S.*\S$/s.test(password)) {
        throw invalidParameter(
            "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\\S]+.*[\\S]+$",
        );
    }
    const missing = CLASSES.find(([rule, pattern]) => policy[rule] && !pattern.test(password));
    const reason = password.length < policy.minimumLength ? "Password not long enough" : missing?.[2];
    if (reason) throw serviceError("InvalidPasswordException", `Password did not conform with policy: ${reason}`);
}

/** Makes a password that every policy takes. */
export function randomPassword({ minimumLength }: Pick<PasswordPolicy, "minimumLength">): string {
    const letters = CLASSES.map(([, , , characters]) => characters);
    const length = Math.max(minimumLength, 20);
    const picked = Array.from({ length }, (_, i) => {
        const from = letters[i % letters.length] as string;
        return from[randomInt(from.length)] as string;
    });
    return picked.join("");
}

/** Cost of a hash: some 10 ms, so that a file tells no password soon, and a test that signs up users is soon done. */
const COST: ScryptOptions = { N: 4096, r: 8, p: 1 };

/** What is kept of a password: salt and hash, in hex digits. */
export async function hashPassword(password: string): Promise<string> {
    const salt = randomBytes(16).toString("hex");
    return `${salt}:${(await derive(password, salt)).toString("hex")}`;
}

/** Whether a password is the one that was hashed. */
export async function isPassword(password: string, hashed: string): Promise<boolean> {
    const [salt = "", hash = ""] = hashed.split(":");
    return timingSafeEqual(await derive(password, salt), Buffer.from(hash, "hex"));
}

function derive(password: string, salt: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
        scrypt(password, salt, 32, COST, (error, key) => (error ? reject(error) : resolve(key)));
    });
}
