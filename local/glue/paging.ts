import { serviceError } from "../errors";

/** A page of a list, and the token for the next. Throws InvalidInputException for a token that is none of ours. */
export function pageOf<T>(
    all: readonly T[],
    request: { readonly NextToken?: string; readonly MaxResults?: number },
    most = 100,
) {
    const from = request.NextToken ? Number(Buffer.from(request.NextToken, "base64url").toString()) : 0;
    if (!Number.isSafeInteger(from) || from < 0) throw serviceError("InvalidInputException", "Invalid NextToken.");
    const to = from + Math.min(request.MaxResults ?? most, most);
    const next = to < all.length ? { NextToken: Buffer.from(String(to)).toString("base64url") } : {};
    return { items: all.slice(from, to), next };
}
