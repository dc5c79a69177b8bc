import type * as pulumi from "@pulumi/pulumi";

/** Gives every resource that takes tags these tags; a resource's own come first. */
export function tagged(tags: Readonly<Record<string, string>>): pulumi.ResourceTransformation {
    return ({ props, opts }) => {
        // Of AWS's resources exactly those that take tags have an output of all the tags they end up with.
        if (!("tagsAll" in props)) return undefined;
        return { props: { ...props, tags: { ...tags, ...props.tags } }, opts };
    };
}
