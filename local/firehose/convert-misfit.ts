/** A value that does not fit its column: what the record's error object says. */
export interface Misfit extends Error {
    readonly isMisfit: true;
}

/** Makes a {@link Misfit} with a whole sentence. */
export function misfitOf(sentence: string): Misfit {
    return Object.assign(new Error(sentence), { isMisfit: true as const });
}

/** Makes a {@link Misfit} with what AWS's deserializer says of the value. */
export function misfit(detail: string): Misfit {
    return misfitOf(`Data does not match the schema. ${detail}`);
}

/** Makes the {@link Misfit} that Java's parsers of numbers tell. */
export function badInput(text: string): Misfit {
    return misfit(`For input string: ${JSON.stringify(text)}`);
}

/** Whether something thrown is a {@link Misfit}. */
export function isMisfit(error: unknown): error is Misfit {
    return error instanceof Error && "isMisfit" in error;
}

/** Thrown where a number may be more than JavaScript holds: the document is read again, exactly. */
export const INEXACT = new Error("A number may not be exact.");
