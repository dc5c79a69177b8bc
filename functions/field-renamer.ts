/** Other names that fields may come under, each with the right one. */
export type Aliases = Readonly<Record<string, string>>;

/**
 * Makes the function that gives the fields of a record, in place, their right names. It returns what is wrong when a record has a field under
 * both names, and then leaves it alone.
 */
export function fieldRenamer(aliases: Aliases): (fields: Record<string, unknown>) => string | undefined {
    const names = Object.entries(aliases).map(([alias, name]) => ({ alias, name }));
    return (fields) => {
        for (const { alias, name } of names) {
            if (fields[alias] === undefined) continue;
            if (fields[name] !== undefined) return `has both ${alias} and ${name}`;
            fields[name] = fields[alias];
            delete fields[alias];
        }
        return undefined;
    };
}
