const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

/**
 * Whether any object in a JSON text has a key twice. `value` is the text parsed, in which only the last of the two is left: it is the one
 * that was checked, while another reader may well take the first.
 */
export function hasDuplicateKeys(text: string, value: object): boolean {
    return !isShortest(text, value) && countColons(text.replace(STRING, "")) !== countKeys(value);
}

/** Whether a text, but for a newline at its end, is the shortest that gives a flat object of strings. Then no key had room to come twice. */
function isShortest(text: string, value: object): boolean {
    let length = text.endsWith("\n") ? 2 : 1;
    for (const key in value) {
        const inner = (value as Record<string, unknown>)[key];
        // Quotes of key and value, colon, and a comma or the closing brace.
        if (typeof inner === "string") length += key.length + inner.length + 6;
        else if (inner === null) length += key.length + 8;
        else return false;
    }
    return length === text.length;
}

/** Outside of strings, each colon of a JSON text follows a key. */
function countColons(structure: string): number {
    return structure.split(":").length - 1;
}

function countKeys(value: unknown): number {
    let count = 0;
    const open = [value];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
        if (typeof next !== "object" || next === null) continue;
        const inner = Object.values(next);
        if (!Array.isArray(next)) count += inner.length;
        for (const child of inner) if (typeof child === "object") open.push(child);
    }
    return count;
}
