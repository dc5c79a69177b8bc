import { serviceError } from "../errors";
import type { Services } from "../services";
import { configurationOf, type FunctionConfiguration, type FunctionResource } from "./configuration";

/** A function that is called, and the ARN that it was called by: with the qualifier, if the caller used one. */
export interface Addressed {
    readonly resource: FunctionResource;
    readonly configuration: FunctionConfiguration;
    readonly arn: string;
}

/** `name`, `<account>:function:name` or an ARN, each with or without a qualifier. */
const REFERENCE =
    /^(?:arn:aws:lambda:([a-z0-9-]+):(\d{12}):function:|(\d{12}):function:)?([a-zA-Z0-9_-]+)(?::([a-zA-Z0-9$_-]+))?$/;

/** Finds a function by its name or ARN. Throws ResourceNotFoundException. */
export function find(
    { place, resources }: Pick<Services, "place" | "resources">,
    reference: string,
    qualifierApart?: string,
): Addressed {
    const match = REFERENCE.exec(reference);
    if (!match) throw invalid(reference);
    const [, region = place.region, account = match[3] ?? place.account, , name = ""] = match;
    const qualifier = qualifierApart ?? match[5];
    const bare = `arn:aws:lambda:${region}:${account}:function:${name}`;
    const arn = qualifier === undefined ? bare : `${bare}:${qualifier}`;
    const resource = resources.get("aws:lambda/function:Function", name) as FunctionResource | undefined;
    // There are no versions and aliases here: whatever is called is the newest.
    const isKnown = resource?.outputs.arn === bare && (qualifier === undefined || qualifier === "$LATEST");
    if (!resource || !isKnown) throw serviceError("ResourceNotFoundException", `Function not found: ${arn}`, 404);
    return { resource, configuration: configurationOf(resource), arn };
}

function invalid(reference: string) {
    const message = `1 validation error detected: Value '${reference}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?`;
    return serviceError("ValidationException", message);
}
