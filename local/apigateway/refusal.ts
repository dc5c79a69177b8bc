/** A request that cannot be processed because of what the client sent. It is answered with 400, never with 5xx. */
export interface Refusal extends Error {
    readonly refusal: true;
}

/** Makes a {@link Refusal}; the reason becomes `$context.error.validationErrorString`. */
export function refusal(reason: string): Refusal {
    return Object.assign(new Error(reason), { name: "Refusal", refusal: true as const });
}

/** Whether an error is the client's doing: a {@link Refusal}, or a document nested so deeply that walking it exhausts the stack. */
export function isRefusal(error: unknown): error is Error {
    return error instanceof RangeError || (error instanceof Error && "refusal" in error);
}

/** Throws a {@link Refusal} for text that UTF-8 cannot hold (half a surrogate pair): AWS would store `?` in its place. */
export function wellFormed(text: string): string {
    if (!text.isWellFormed()) throw refusal("Unpaired surrogate in a string");
    return text;
}
