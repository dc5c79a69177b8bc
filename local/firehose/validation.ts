import { type ServiceError, serviceError } from "../errors";

/** Makes AWS's error for values that break the constraints of a request. */
export function validationError(problems: readonly string[]): ServiceError {
    const found = problems.length === 1 ? "1 validation error" : `${problems.length} validation errors`;
    return serviceError("ValidationException", `${found} detected: ${problems.join("; ")}`);
}

/** Throws unless there is no problem. */
export function refuse(problems: readonly string[]): void {
    if (problems.length > 0) throw validationError(problems);
}

/** The problem of a member that breaks a constraint. The value is left out where AWS does not repeat it. What is missing, the wire refuses. */
export function constraint(member: string, value: string | undefined, rule: string): string {
    return `${value === undefined ? "Value" : `Value '${value}'`} at '${member}' failed to satisfy constraint: Member must ${rule}`;
}

/** What is wrong with the name of a stream. */
export function nameConstraints(name: string): string[] {
    const member = "deliveryStreamName";
    if (name.length < 1) return [constraint(member, name, "have length greater than or equal to 1")];
    if (name.length > 64) return [constraint(member, name, "have length less than or equal to 64")];
    if (/^[a-zA-Z0-9_.-]+$/.test(name)) return [];
    return [constraint(member, name, "satisfy regular expression pattern: [a-zA-Z0-9_.-]+")];
}

/** What is wrong with a limit. */
export function limitConstraints(limit: number | undefined, most: number): string[] {
    if (limit === undefined) return [];
    if (limit < 1) return [constraint("limit", String(limit), "have value greater than or equal to 1")];
    if (limit > most) return [constraint("limit", String(limit), `have value less than or equal to ${most}`)];
    return [];
}
