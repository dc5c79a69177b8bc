import { serviceError } from "../errors";

/** A part of a list, and the token for the next part. Throws InvalidRequestException for a token that is none of ours. */
export function paged<T>(
    all: readonly T[],
    request: { readonly NextToken?: string; readonly MaxResults?: number },
    most: number,
): { readonly items: T[]; readonly next: { readonly NextToken?: string } } {
    const from = offsetOf(request.NextToken) ?? 0;
    const to = from + Math.min(request.MaxResults ?? most, most);
    return { items: all.slice(from, to), next: to < all.length ? { NextToken: tokenOf(to) } : {} };
}

/** The token that stands for an offset. */
export function tokenOf(offset: number): string {
    return Buffer.from(`at:${offset}`).toString("base64url");
}

/** The offset that a token stands for, or undefined without a token. */
export function offsetOf(token: string | undefined): number | undefined {
    if (token === undefined) return undefined;
    const [, digits] = /^at:(\d{1,15})$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
    if (digits) return Number(digits);
    throw serviceError("InvalidRequestException", "The NextToken is not valid");
}
