/** Longest file name that common file systems take, in bytes, less the two that {@link BESIDE} or a meta file's mark adds. */
const MAX_NAME = 253;

/** Longest part of a split name, in bytes. */
const MAX_PIECE = 240;

/** Ends the name of an object's file that stands beside a folder of the same name: `a` and `a/b` may both be keys. */
export const BESIDE = "^=";

/** Ends the name of a folder that holds the rest of a name too long for the file system. */
const CONTINUED = "^-";

/** The name of an empty segment, as in `a//b` and `a/`. */
const EMPTY = "^_";

/**
 * The path of a key below its bucket's folder. Ordinary keys are their own paths, Hive's folders (`day=2026-11-20/`, `at=12%3A00/`) included.
 * Encoded as `^XX` are only what a path or a glob would understand differently: control characters, `* ? [ ] \`, `.` and `..`, and `^` itself.
 */
export function toPath(key: string): string {
    return key.split("/").map(toName).join("/");
}

/** The segment of a key that a file or folder name stands for, without its marks. */
export function fromName(name: string): string {
    const bare = name.endsWith(BESIDE) || name.endsWith(CONTINUED) ? name.slice(0, -2) : name;
    if (bare === EMPTY) return "";
    return bare.replace(/\^([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Whether a folder holds the rest of a split name, not the segments below. */
export function isContinued(folder: string): boolean {
    return folder.endsWith(CONTINUED);
}

/** Orders keys as S3 lists them: by their bytes in UTF-8. */
export function compareKeys(a: string, b: string): number {
    const shorter = Math.min(a.length, b.length);
    for (let at = 0; at < shorter; at++) {
        const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
        if (x !== y) return rank(x) - rank(y);
    }
    return a.length - b.length;
}

/** Where a UTF-16 unit stands among UTF-8 bytes: the surrogates stand for code points above all others. */
function rank(unit: number): number {
    if (unit < 0xd800) return unit;
    return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function toName(segment: string): string {
    if (segment === "") return EMPTY;
    if (segment === "." || segment === "..") return "^2E".repeat(segment.length);
    const name = segment.replace(/[\^*?[\]\\\p{Cc}]/gu, (character) => {
        return `^${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
    });
    // A UTF-16 unit is at most three bytes, so most names need no count.
    return name.length * 3 > MAX_NAME && Buffer.byteLength(name) > MAX_NAME ? split(name) : name;
}

function split(name: string): string {
    const pieces: string[] = [];
    let piece = "";
    for (const [character] of name.matchAll(/\^[0-9A-F]{2}|./gsu)) {
        if (Buffer.byteLength(piece + character) > MAX_PIECE) {
            pieces.push(piece);
            piece = "";
        }
        piece += character;
    }
    return [...pieces.map((full) => full + CONTINUED), piece].join("/");
}
