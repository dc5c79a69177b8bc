import { serviceError } from "../errors";

/** Most things on a page, and how many there are unless the request says otherwise. */
const MOST = 100;

/** The things on the page that a request asks for, and the token of the next page where there is one. */
export function paged<T>(
    all: readonly T[],
    {
        Limit: limit = MOST,
        NextToken: token,
    }: { readonly Limit?: number | undefined; readonly NextToken?: string | undefined },
): { readonly items: readonly T[]; readonly more: { readonly NextToken?: string } } {
    const from = token === undefined ? 0 : Number(Buffer.from(token, "base64url").toString());
    if (!Number.isSafeInteger(from) || from < 0)
        throw serviceError("ValidationException", "Parameter nextToken is not valid.");
    if (limit < 1 || limit > MOST)
        throw serviceError(
            "ValidationException",
            `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value ${limit < 1 ? "greater than or equal to 1" : `less than or equal to ${MOST}`}`,
        );
    const to = from + limit;
    const more = to < all.length ? { NextToken: Buffer.from(String(to)).toString("base64url") } : {};
    return { items: all.slice(from, to), more };
}
