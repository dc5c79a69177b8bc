import Table = require("cli-table3");

/** A table for people: a header, then rows; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
    const isNumeric = header.map((_, i) => rows.length > 0 && rows.every((row) => /^-?[\d,.]*$/.test(String(row[i]))));
    const drawn = new Table({
        head: [...header],
        colAligns: isNumeric.map((numeric) => (numeric ? "right" : "left")),
        style: { head: [], border: [], compact: true },
    });
    drawn.push(...rows.map((row) => row.map(String)));
    return drawn.toString();
}
