import * as fs from "node:fs";
import * as path from "node:path";

/**
 * What the real provider accepts for a resource type, read from the schema of the Terraform AWS provider 6.47, which @pulumi/aws 7 bridges.
 * A path such as `icebergConfiguration.s3Configuration.bucketArn` leaves out list indexes.
 */
export interface Rules {
    /** Every top-level input. */
    readonly properties: readonly string[];
    /** Paths that must be set wherever the block that holds them is. */
    readonly required: readonly string[];
    /** Paths whose change replaces the resource; a path covers what is below it. */
    readonly replaces: readonly string[];
    /** Paths that may not be set together. */
    readonly conflicts?: Readonly<Record<string, readonly string[]>>;
    /** Paths that must be set, too, when the first is. */
    readonly requiredWith?: Readonly<Record<string, readonly string[]>>;
    /** Groups of which exactly one path is set. */
    readonly exactlyOne?: readonly (readonly string[])[];
    /** Groups of which at least one path is set. */
    readonly atLeastOne?: readonly (readonly string[])[];
    /** Fewest items of a list, where it is given. */
    readonly minItems?: Readonly<Record<string, number>>;
    /** Most items of a list. */
    readonly maxItems?: Readonly<Record<string, number>>;
    /** Values that the provider fills in. */
    readonly defaults?: Readonly<Record<string, unknown>>;
}

let table: Readonly<Record<string, Rules>> | undefined;

/** The rules of a resource type, or undefined for a type that nobody here uses. */
export function rulesOf(type: string): Rules | undefined {
    table ??= JSON.parse(fs.readFileSync(path.join(__dirname, "aws-resources.json"), "utf8")) as Record<string, Rules>;
    return table[type];
}
