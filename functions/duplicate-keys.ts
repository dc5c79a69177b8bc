const QUOTE = 34;
const COLON = 58;

/**
 * Whether any object in a JSON text has a key twice. `value` is the text parsed, which holds only the last of the two: that one is checked,
 * while whoever reads the text next may take the first.
 */
export function hasDuplicateKeys(text: string, value: object): boolean {
    return !isShortest(text, value) && keysOf(text) !== keysIn(value);
}

/** Whether a text, but for a newline at its end, is the shortest that gives a flat object of strings. Then no key had room to come twice. */
function isShortest(text: string, value: object): boolean {
    let length = text.endsWith("\n") ? 2 : 1;
    for (const key in value) {
        const inner = (value as Record<string, unknown>)[key];
        // Quotes of key and value, a colon, and a comma or the closing brace.
        if (typeof inner === "string") length += key.length + inner.length + 6;
        else if (inner === null) length += key.length + 8;
        else return false;
    }
    return length === text.length;
}

/** How many keys a JSON text has: as many as colons outside of strings. */
function keysOf(text: string): number {
    let keys = 0;
    for (let at = 0; at < text.length; at++) {
        const unit = text.charCodeAt(at);
        if (unit === COLON) keys++;
        else if (unit === QUOTE) at = endOfString(text, at);
    }
    return keys;
}

function endOfString(text: string, start: number): number {
    let end = text.indexOf('"', start + 1);
    while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
    return end;
}

function isEscaped(text: string, at: number): boolean {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === "\\") backslashes++;
    return backslashes % 2 === 1;
}

/** How many keys all objects in a value have. Without recursion, since JSON may be nested as deeply as it is long. */
function keysIn(value: object): number {
    let keys = 0;
    const open: unknown[] = [value];
    while (open.length > 0) {
        const next = open.pop() as object;
        const inner = Object.values(next);
        if (!Array.isArray(next)) keys += inner.length;
        for (const child of inner) if (typeof child === "object" && child !== null) open.push(child);
    }
    return keys;
}
