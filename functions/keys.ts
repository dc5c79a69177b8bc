const QUOTE = 34;
const COLON = 58;

/**
 * What is wrong with the keys of a JSON text, if anything. `value` is the text parsed.
 * A key that comes twice in one object is refused: the value holds only the last one, which is checked, while the next reader may take the
 * first. So is a key with a backslash in it: once Node 24 has seen such a key, it can read it into others that are written with an escape.
 * https://github.com/nodejs/node/issues/63785
 */
export function keyProblem(text: string, value: object): string | undefined {
    if (isShortest(text, value)) return undefined;
    const keys = keysOf(value);
    if (keys.some((key) => key.includes("\\"))) return "a key has a backslash in it";
    return keys.length === countKeys(text) ? undefined : "a key comes twice in one object";
}

/** Whether a text, but for a newline at its end, is the shortest that gives a flat object of strings: no key twice, and no escape. */
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

/** The keys of all objects in a value. Without recursion, since JSON may be nested as deeply as it is long. */
function keysOf(value: object): readonly string[] {
    const keys: string[] = [];
    const open: object[] = [value];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
        const isArray = Array.isArray(next);
        for (const [key, inner] of Object.entries(next)) {
            if (!isArray) keys.push(key);
            if (typeof inner === "object" && inner !== null) open.push(inner);
        }
    }
    return keys;
}

/** How many keys a JSON text has: as many as colons outside of strings. */
function countKeys(text: string): number {
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
