/** Letters of Java's DateTimeFormatter that {@link formatJavaDate} knows. */
const LETTERS = "yuYMLdDHhKkmsSaEecwWQq";

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const DAY_MS = 86_400_000;

/**
 * Formats an instant as Java's DateTimeFormatter does with the locale en_US: `YYYY` is the year of the week, which is another one than
 * `yyyy` around New Year. Fractions of a second are zero, as in Firehose's own prefixes. Throws for a pattern that Java refuses.
 * https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html
 */
export function formatJavaDate(pattern: string, ms: number, timeZone = "UTC"): string {
    const problem = javaDateProblem(pattern);
    if (problem) throw new Error(problem);
    const local = new Date(ms + offsetOf(ms, timeZone));
    return tokensOf(pattern)
        .map((token) => (typeof token === "string" ? token : field(token.letter, token.count, local)))
        .join("");
}

/** What is wrong with a date pattern, or undefined. */
export function javaDateProblem(pattern: string): string | undefined {
    if (((pattern.match(/'/g) ?? []).length & 1) === 1)
        return `The pattern "${pattern}" has a quote that does not end.`;
    for (const token of tokensOf(pattern)) {
        if (typeof token === "string" || LETTERS.includes(token.letter)) continue;
        return `The pattern letter "${token.letter}" in "${pattern}" is not supported by the local runtime.`;
    }
    return undefined;
}

type Token = string | { readonly letter: string; readonly count: number };

function tokensOf(pattern: string): Token[] {
    // A quoted text (two quotes stand for one), a run of one letter, the brackets of an optional part, or any other character.
    const parts = pattern.match(/'(?:[^']|'')*'|([A-Za-z])\1*|[\s\S]/g) ?? [];
    return parts.map((part) => {
        if (part === "[" || part === "]") return "";
        if (part === "''") return "'";
        if (part.startsWith("'")) return part.slice(1, -1).replaceAll("''", "'");
        if (/[A-Za-z]/.test(part)) return { letter: part.charAt(0), count: part.length };
        return part;
    });
}

function field(letter: string, count: number, date: Date): string {
    const hour = date.getUTCHours();
    switch (letter) {
        case "y":
        case "u":
            return year(date.getUTCFullYear(), count);
        case "Y":
            return year(saturdayOf(date).getUTCFullYear(), count);
        case "M":
        case "L":
            return named(MONTHS[date.getUTCMonth()] as string, date.getUTCMonth() + 1, count);
        case "d":
            return number(date.getUTCDate(), count);
        case "D":
            return number(dayOfYear(date), count);
        case "H":
            return number(hour, count);
        case "h":
            return number(hour % 12 || 12, count);
        case "K":
            return number(hour % 12, count);
        case "k":
            return number(hour || 24, count);
        case "m":
            return number(date.getUTCMinutes(), count);
        case "s":
            return number(date.getUTCSeconds(), count);
        case "S":
            return "0".repeat(count);
        case "a":
            return hour < 12 ? "AM" : "PM";
        case "E":
            return named(DAYS[date.getUTCDay()] as string, 0, Math.max(count, 3));
        case "e":
        case "c":
            return named(DAYS[date.getUTCDay()] as string, date.getUTCDay() + 1, count);
        case "w":
            return number(Math.ceil(dayOfYear(saturdayOf(date)) / 7), count);
        case "W":
            return number(Math.ceil((date.getUTCDate() + 6 - date.getUTCDay()) / 7), count);
        default:
            return quarter(Math.floor(date.getUTCMonth() / 3) + 1, count);
    }
}

function number(value: number, count: number): string {
    return String(value).padStart(count, "0");
}

function year(value: number, count: number): string {
    return count === 2 ? number(value % 100, 2) : number(value, count);
}

/** Three letters give the short name, four the whole one, five its first letter. */
function named(name: string, value: number, count: number): string {
    if (count < 3) return number(value, count);
    if (count === 3) return name.slice(0, 3);
    return count === 4 ? name : name.charAt(0);
}

function quarter(value: number, count: number): string {
    if (count < 3) return number(value, count);
    if (count === 3) return `Q${value}`;
    return count === 4 ? `${["1st", "2nd", "3rd", "4th"][value - 1]} quarter` : String(value);
}

/** Weeks end on a Saturday and belong to the year in which they end, as in the locale en_US. */
function saturdayOf(date: Date): Date {
    return new Date(date.getTime() + (6 - date.getUTCDay()) * DAY_MS);
}

function dayOfYear(date: Date): number {
    return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
}

function offsetOf(ms: number, timeZone: string): number {
    if (timeZone === "UTC") return 0;
    const format = new Intl.DateTimeFormat("en-US", {
        timeZone,
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
    });
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}
