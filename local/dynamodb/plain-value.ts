/** The place behind something that is not plain. */
export const OTHER = -1;

/** How deep maps and lists may stand in each other: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_DEPTH = 32;

/** A number as DynamoDB itself writes it, of at most 38 digits: nothing about it is wrong, and nothing is to be changed. */
const NUMBER = /"(?:0|-?[1-9]\d{0,37}|-?(?:0|[1-9]\d{0,18})\.\d{0,18}[1-9])"/y;
const CONSTANT = /BOOL": ?(?:true|false)|NULL": ?true/y;
/** What may stand behind a backslash. */
const ESCAPED = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;

const [QUOTE, BACKSLASH, SPACE, COLON, COMMA] = [0x22, 0x5c, 0x20, 0x3a, 0x2c];
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const [S, N, M, L] = [0x53, 0x4e, 0x4d, 0x4c];

/**
 * The place behind an attribute of an item in DynamoDB's JSON, `"name":{"S":"text"}`, that begins at a place. {@link OTHER} where there is none, or it
 * is of binary values or a set, or something about it is what DynamoDB would refuse, or write otherwise. No object is made for it.
 */
export function endOfAttribute(body: string, at: number, depth = 0): number {
    // dynalite would take it for the object's prototype, and lose it.
    if (body.startsWith('"__proto__"', at)) return OTHER;
    const end = endOfText(body, at, false);
    return end === at + 2 ? OTHER : endOfValue(body, behindColon(body, end), depth);
}

function endOfValue(body: string, at: number, depth: number): number {
    if (body.charCodeAt(at) !== OPEN || body.charCodeAt(at + 1) !== QUOTE) return OTHER;
    return behind(body, endOfHeld(body, at + 2, depth), CLOSE);
}

/** Behind `S":"text"`, for every type. */
function endOfHeld(body: string, at: number, depth: number): number {
    if (body.charCodeAt(at + 1) !== QUOTE) return endOfMatch(CONSTANT, body, at);
    const held = behindColon(body, at + 2);
    switch (body.charCodeAt(at)) {
        case S:
            return endOfText(body, held);
        case N:
            return endOfMatch(NUMBER, body, held);
        case M:
            return endOfMembers(body, behind(body, held, OPEN), CLOSE, endOfAttribute, depth + 1);
        case L:
            return endOfMembers(body, behind(body, held, OPEN_LIST), CLOSE_LIST, endOfValue, depth + 1);
        default:
            return OTHER;
    }
}

/** Behind the bracket that ends a map or a list, from the place behind the one that begins it. */
function endOfMembers(body: string, begin: number, close: number, endOf: typeof endOfValue, depth: number): number {
    if (begin === OTHER || depth > MAX_DEPTH) return OTHER;
    if (body.charCodeAt(begin) === close) return begin + 1;
    for (let at = begin; ; at = spaced(body, at + 1)) {
        at = endOf(body, at, depth);
        if (body.charCodeAt(at) === close) return at + 1;
        if (body.charCodeAt(at) !== COMMA) return OTHER;
    }
}

/** Behind a text in quotation marks. */
function endOfText(body: string, begin: number, mayEscape = true): number {
    if (body.charCodeAt(begin) !== QUOTE) return OTHER;
    for (let at = begin + 1; ; at++) {
        const code = body.charCodeAt(at);
        if (code === QUOTE) return at + 1;
        // Also where the text ends, with no code at all.
        if (!(code >= SPACE)) return OTHER;
        if (code !== BACKSLASH) continue;
        const end = mayEscape ? endOfMatch(ESCAPED, body, at + 1) : OTHER;
        if (end === OTHER) return OTHER;
        at = end - 1;
    }
}

function endOfMatch(pattern: RegExp, body: string, at: number): number {
    pattern.lastIndex = at;
    return at !== OTHER && pattern.test(body) ? pattern.lastIndex : OTHER;
}

function behindColon(body: string, at: number): number {
    const end = behind(body, at, COLON);
    return end === OTHER ? OTHER : spaced(body, end);
}

function behind(body: string, at: number, code: number): number {
    return body.charCodeAt(at) === code ? at + 1 : OTHER;
}

/** Behind the space that Python's SDK writes after each colon and comma, where there is one. */
function spaced(body: string, at: number): number {
    return body.charCodeAt(at) === SPACE ? at + 1 : at;
}
