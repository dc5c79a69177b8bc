/**
 * A text with JSON values between commas in its middle, `before` and `after` around them. It is put together in one piece: V8 would copy a text of
 * several when it goes to another thread, and events have megabytes.
 */
export function jsonArray(before: string, values: readonly string[], after: string): string {
    if (values.length === 0) return before + after;
    const pieces = [...values];
    pieces[0] = before + pieces[0];
    pieces[pieces.length - 1] += after;
    return pieces.join(",");
}
