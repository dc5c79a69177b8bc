const QUOTE = 34;
const COLON = 58;

/**
 * Whether a JSON text, but for a newline at its end, is as short as one with its value can be. Then it has no blank, no escape and no key
 * twice, and every number is the one that JavaScript holds. `value` is the text parsed. False also for what takes longer to be sure of, for more
 * than 32 levels, and for names that not everybody can hold: the empty one, and `__proto__`.
 */
export function isPlain(text: string, value: object): boolean {
    return isAsShortAs(text, shortest(value, 0));
}

/** Whether a JSON text, but for a newline at its end, has the length of the shortest one with its value; never when that is NaN. */
export function isAsShortAs(text: string, length: number): boolean {
    return length === (text.endsWith("\n") ? text.length - 1 : text.length);
}

/** Levels below a value that {@link shortest} looks into. */
const DEPTH = 32;

/** The length of the shortest text with a value, or NaN where that is not sure. */
function shortest(value: unknown, depth: number): number {
    if (typeof value === "string") return value.length + 2;
    if (typeof value === "number") return shortestNumber(value, String(value));
    if (typeof value === "boolean") return value ? 4 : 5;
    if (value === null) return 4;
    if (depth > DEPTH) return Number.NaN;
    // Brackets, but one of them stands for the comma that the last element does not have.
    let length = 1;
    if (Array.isArray(value)) {
        for (const element of value) length += 1 + shortest(element, depth + 1);
    } else {
        // Quotes of the key, a colon and a comma.
        for (const key in value) {
            if (key === "" || key === "__proto__") return Number.NaN;
            const inner: unknown = value[key as never];
            length += 4 + key.length + (typeof inner === "string" ? inner.length + 2 : shortest(inner, depth + 1));
        }
    }
    return length === 1 ? 2 : length;
}

/**
 * The length of a number as JavaScript writes it. NaN for one that an exponent could make shorter, such as 1000, and for one of more than 15
 * characters, which may have more digits than JavaScript holds.
 */
export function shortestNumber(value: number, { length }: string): number {
    const size = Math.abs(value);
    const isPlain = value === 0 || (size >= 0.01 && size < 1e15 && value % 1000 !== 0);
    return isPlain && length <= 15 ? length : Number.NaN;
}

/**
 * What is wrong with the keys of a JSON text that {@link isPlain} says nothing of, if anything. `value` is the text parsed.
 * A key that comes twice in one object is refused: the value holds only the last one, which is checked, while the next reader may take the
 * first. So is a key with a backslash in it: once Node 24 has seen such a key, it can read it into others that are written with an escape.
 * https://github.com/nodejs/node/issues/63785
 */
export function keyProblem(text: string, value: object): string | undefined {
    const keys = keysOf(value);
    if (keys.some((key) => key.includes("\\"))) return "a key has a backslash in it";
    return keys.length === countKeys(text) ? undefined : "a key comes twice in one object";
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
