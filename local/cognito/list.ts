import { invalidParameter } from "./config";
import type { User } from "./users";

/** What ListUsers is asked for. */
export interface UserFilter {
    readonly Filter?: string;
    readonly Limit?: number;
    readonly PaginationToken?: string;
    readonly AttributesToGet?: readonly string[];
}

/** Most users of a page. https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html */
const PAGE = 60;

/** Attributes that may be filtered by. https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html */
const FILTERABLE =
    /^(username|email|phone_number|name|given_name|family_name|preferred_username|cognito:user_status|status|sub)$/;

/** A page of users, and where the next one begins. */
export function listed(
    users: readonly User[],
    { Filter, Limit = PAGE, PaginationToken }: UserFilter,
): { readonly users: readonly User[]; readonly next: string | undefined } {
    const matching = Filter ? users.filter(matcher(Filter)) : users;
    const from = PaginationToken === undefined ? 0 : Number(PaginationToken);
    if (!Number.isInteger(from) || from < 0) throw invalidParameter("Invalid pagination token.");
    const to = from + (Limit || PAGE);
    return { users: matching.slice(from, to), next: to < matching.length ? String(to) : undefined };
}

/** `attribute = "text"`, or `^=` for how a value begins. */
function matcher(filter: string): (user: User) => boolean {
    const [, name = "", operator, text = ""] = /^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/.exec(filter) ?? [];
    if (!operator || !FILTERABLE.test(name))
        throw invalidParameter("One or more of the parameters is invalid: filter.");
    const wanted = text.replace(/\\(.)/g, "$1");
    return (user) => {
        const value = attributeOf(user, name);
        return operator === "=" ? value === wanted : (value?.startsWith(wanted) ?? false);
    };
}

function attributeOf({ username, sub, status, enabled, attributes }: User, name: string): string | undefined {
    const own: Readonly<Record<string, string>> = {
        username,
        sub,
        "cognito:user_status": status,
        status: enabled ? "Enabled" : "Disabled",
    };
    return own[name] ?? attributes[name];
}
