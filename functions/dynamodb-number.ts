/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number */
const DIGITS = 38;
const LARGEST_EXPONENT = 125;
const SMALLEST_EXPONENT = -130;

const PARTS = /^(-?)0*(\d*?)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/**
 * The one way to write a number of JSON among all that mean the same: `-11e-1` for -1.1 as for -1.10. Undefined for a number that DynamoDB
 * cannot hold: one of more than 38 significant digits, or outside of 1e-130 to 9.99…e125.
 */
export function normalNumber(text: string): string | undefined {
    const [, sign = "", whole = "", fraction = "", exponent = "0"] = PARTS.exec(text) ?? [];
    const digits = `${whole}${fraction}`.replace(/^0+/, "");
    const significant = digits.replace(/0+$/, "");
    if (significant === "") return "0";
    // Of the first digit: the second of 123.4e5 is 7.
    const magnitude = Number(exponent) + digits.length - 1 - fraction.length;
    if (significant.length > DIGITS || magnitude > LARGEST_EXPONENT || magnitude < SMALLEST_EXPONENT) return undefined;
    return `${sign}${significant}e${magnitude - significant.length + 1}`;
}
