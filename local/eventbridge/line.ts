/** A text as a line of a log: the log counts characters as bytes, so each stands for one. */
export function bytesOf(text: string): string {
    return Buffer.from(text).toString("latin1");
}

/** The text of a line. */
export function textOf(line: string): string {
    return Buffer.from(line, "latin1").toString();
}
