import { randomInt } from "node:crypto";
import { serviceError } from "../errors";
import type { Services } from "../services";
import type { Pool } from "./pools";
import type { User } from "./users";

/** How long a code is good for. https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html */
const CODE_MS = 24 * 3600_000;

/** Where a code goes, as answers tell it. */
export interface CodeDelivery {
    readonly Destination: string;
    readonly DeliveryMedium: "EMAIL" | "SMS";
    readonly AttributeName: string;
}

/** Gives out codes. Nothing is mailed: each is told to `log`, with the user's `sub`. */
export interface Codes {
    /** Gives a user a new code. */
    give(pool: Pool, user: User): User;
    /** Throws AWS's error unless this is the user's code. */
    check(user: User, code: string): void;
}

/** Makes {@link Codes}. */
export function createCodes({ clock }: Pick<Services, "clock">, log: (line: string) => void): Codes {
    return {
        give(pool, user) {
            const value = String(randomInt(1_000_000)).padStart(6, "0");
            log(
                `Cognito, ${pool.id}: no mail is sent here. The confirmation code of the user ${user.sub} is ${value}.`,
            );
            return { ...user, code: { value, expires: clock.now() + CODE_MS } };
        },
        check({ code }, given) {
            if (!code || code.expires < clock.now())
                throw serviceError("ExpiredCodeException", "Invalid code provided, please request a code again.");
            if (code.value !== given) {
                const sentence = "Invalid verification code provided, please try again.";
                throw serviceError("CodeMismatchException", sentence);
            }
        },
    };
}

/** Where AWS would send a code, if one of these attributes is an address of the user's: the phone number goes before the email address. */
export function deliveryTo(
    names: readonly string[],
    { email, phone_number: phone }: User["attributes"],
): CodeDelivery | undefined {
    if (phone && names.includes("phone_number")) {
        const Destination = `+${"*".repeat(Math.max(0, phone.length - 5))}${phone.slice(-4)}`;
        return { Destination, DeliveryMedium: "SMS", AttributeName: "phone_number" };
    }
    if (!email || !names.includes("email")) return undefined;
    const [local = "", domain = ""] = email.split("@");
    return { Destination: `${local[0]}***@${domain[0]}***`, DeliveryMedium: "EMAIL", AttributeName: "email" };
}
