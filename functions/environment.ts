/** Reads a variable that the function was deployed with. Throws when it is missing, which ends the container before it takes a record. */
export function environment(name: string): string {
    const value = process.env[name];
    if (value === undefined || value === "") throw new Error(`The environment variable ${name} is not set.`);
    return value;
}
