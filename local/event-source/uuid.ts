/** 32 hex digits in the form of a UUID. */
export function uuidOf(hex: string): string {
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
