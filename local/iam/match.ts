/** Whether text matches a pattern in which `*` stands for any characters and `?` for one. Linear in practice: it never goes back past the last `*`. */
export function matches(pattern: string, text: string): boolean {
    if (pattern === "*") return true;
    let [p, t, star, resume] = [0, 0, -1, 0];
    while (t < text.length) {
        const wanted = pattern[p];
        if (wanted === "*") {
            star = p++;
            resume = t;
        } else if (wanted === "?" || (wanted !== undefined && literal(wanted) === text[t])) {
            p++;
            t++;
        } else if (star >= 0) {
            p = star + 1;
            t = ++resume;
        } else return false;
    }
    while (pattern[p] === "*") p++;
    return p === pattern.length;
}

/** Where `${*}`, `${?}` and `${$}` in a policy mean the characters themselves, these stand for them while a pattern is matched. */
export const LITERALS: Readonly<Record<string, string>> = { "*": "\uE000", "?": "\uE001", $: "$" };

function literal(character: string): string {
    if (character === "\uE000") return "*";
    return character === "\uE001" ? "?" : character;
}

/** Whether an ARN matches a pattern, part by part: a `*` never reaches over a colon, except in the last part. */
export function matchesArn(pattern: string, arn: string): boolean {
    if (pattern === "*") return true;
    const [wanted, given] = [arnParts(pattern), arnParts(arn)];
    return wanted.length === given.length && wanted.every((part, i) => matches(part, given[i] as string));
}

function arnParts(arn: string): readonly string[] {
    const parts = arn.split(":");
    return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}
