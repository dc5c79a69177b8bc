/** Whether an ARN fits a pattern in which `*` is any text and `?` any character. */
export function matchesArn(pattern: string, arn: string): boolean {
    const source = pattern
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".");
    return new RegExp(`^${source}$`, "s").test(arn);
}
