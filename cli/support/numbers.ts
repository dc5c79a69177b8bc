import { InvalidArgumentError } from "commander";

/** Reads a whole number in a range, for commander. The error names the value and the range. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
    return (text) => {
        const value = Number(text);
        if (/^\d+$/.test(text) && value >= least && value <= most) return value;
        const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
        throw new InvalidArgumentError(`It must be a whole number ${range}.`);
    };
}

/** A number with thousands separated: `12,345`. */
export function grouped(value: number): string {
    return value.toLocaleString("en-US");
}
