import * as pulumi from "@pulumi/pulumi";

/**
 * A name for what SQL names and Pulumi does not: `<project>_<stack>_<name>`, with `_` for all that would have to be quoted.
 * Pulumi's own names have hyphens.
 */
export function sqlName(name: string): string {
    const words = [pulumi.getProject(), pulumi.getStack(), name].join("_");
    return words.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_");
}
