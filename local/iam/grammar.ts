import { isOperator } from "./conditions";
import { documentOf, list, policyText } from "./policy";

/** What kind of policy a document is: what a role may do, who may take a role, or who may use a resource. */
export type PolicyKind = "identity" | "trust" | "resource";

/** Most characters of a policy, white space apart. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const POLICY_SIZE = { inline: 10_240, managed: 6_144, trust: 2_048 } as const;

const ELEMENTS = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/**
 * What AWS would refuse in a policy: AWS's sentence (its code is MalformedPolicyDocument), none when all is well. `property` is the name of
 * the input that holds it. Actions that do not exist are accepted, as AWS does; see {@link unknownActions}.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function policyProblems(document: unknown, kind: PolicyKind, property = "policy"): readonly string[] {
    if (document === undefined) return [];
    let parsed: unknown;
    try {
        parsed = documentOf(document);
    } catch (error) {
        return [`"${property}" contains an invalid JSON policy: ${(error as Error).message}`];
    }
    if (!isObject(parsed)) return [`"${property}" contains an invalid JSON policy: not a JSON object`];
    const problem = documentProblem(parsed, kind);
    return problem ? [`MalformedPolicyDocument: ${problem}`] : [];
}

/** The sentence for a policy that is too long, none when it is not. */
export function sizeProblems(document: unknown, limit: number): readonly string[] {
    const size = policyText(document ?? "").replace(/\s/g, "").length;
    return size > limit
        ? [`LimitExceeded: Cannot exceed quota for PolicySize: ${limit} (the policy has ${size} characters)`]
        : [];
}

function documentProblem(document: Record<string, unknown>, kind: PolicyKind): string | undefined {
    const { Version = "2008-10-17", Statement } = document;
    if (Version !== "2012-10-17" && Version !== "2008-10-17")
        return "The policy is not in the valid JSON format: Version must be 2012-10-17 or 2008-10-17.";
    if (kind === "identity" && Version !== "2012-10-17")
        return "Policy document must be version 2012-10-17 or greater.";
    const unknown = Object.keys(document).find((key) => !["Version", "Id", "Statement"].includes(key));
    const statements = list(Statement);
    if (unknown || statements.length === 0 || !statements.every(isObject)) return "Syntax errors in policy.";
    const sids = statements.flatMap((each) => list((each as Record<string, unknown>).Sid));
    if (new Set(sids).size < sids.length) return "Statement IDs (SID) in a single policy must be unique.";
    for (const statement of statements) {
        const problem = statementProblem(statement as Record<string, unknown>, kind);
        if (problem) return problem;
    }
    return undefined;
}

function statementProblem(given: Record<string, unknown>, kind: PolicyKind): string | undefined {
    const one = (a: string, b: string) => Number(given[a] !== undefined) + Number(given[b] !== undefined);
    if (Object.keys(given).some((key) => !ELEMENTS.includes(key))) return "Syntax errors in policy.";
    if (given.Effect !== "Allow" && given.Effect !== "Deny") return "Syntax errors in policy.";
    if (one("Action", "NotAction") !== 1 || !areTexts(given.Action ?? given.NotAction))
        return "Policy statement must contain actions.";
    if (kind === "trust") {
        if (one("Resource", "NotResource") > 0) return "Has prohibited field Resource";
    } else if (one("Resource", "NotResource") !== 1 || !areTexts(given.Resource ?? given.NotResource))
        return "Policy statement must contain resources.";
    if (kind === "identity" && one("Principal", "NotPrincipal") > 0)
        return "Policy document should not specify a principal.";
    if (kind !== "identity" && one("Principal", "NotPrincipal") !== 1) return "Missing required field Principal";
    return (
        actionProblem(given.Action ?? given.NotAction) ??
        resourceProblem(given.Resource ?? given.NotResource) ??
        principalProblem(given.Principal ?? given.NotPrincipal) ??
        conditionProblem(given.Condition)
    );
}

function actionProblem(actions: unknown): string | undefined {
    for (const action of list(actions) as string[]) {
        if (action === "*") continue;
        const [vendor = "", name, ...rest] = action.split(":");
        if (name === undefined) return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
        if (rest.length > 0) return "Actions/Condition can contain only one colon.";
        if (!/^[A-Za-z0-9-]+$/.test(vendor)) return `Vendor ${vendor} is not valid`;
        if (!/^[A-Za-z0-9*?]+$/.test(name)) return "The policy failed legacy parsing rules";
    }
    return undefined;
}

function resourceProblem(resources: unknown): string | undefined {
    for (const resource of list(resources) as string[]) {
        if (resource === "*") continue;
        if (!resource.startsWith("arn:") && !resource.startsWith("${") && !/^[*?]/.test(resource))
            return `Resource ${resource} must be in ARN format or "*".`;
        if (resource.startsWith("arn:") && resource.split(":").length < 6 && !resource.includes("*"))
            return "The policy failed legacy parsing rules";
    }
    return undefined;
}

const PRINCIPALS = ["AWS", "Service", "Federated", "CanonicalUser"];

function principalProblem(principal: unknown): string | undefined {
    if (principal === undefined || principal === "*") return undefined;
    if (!isObject(principal) || Object.keys(principal).length === 0) return "Invalid principal in policy";
    for (const [kind, ids] of Object.entries(principal)) {
        if (!PRINCIPALS.includes(kind) || !areTexts(ids))
            return `Invalid principal in policy: ${JSON.stringify({ [kind]: ids })}`;
        const wrong = (list(ids) as string[]).find(
            (id) => kind === "AWS" && !/^(\*|\d{12}|arn:aws:(iam|sts)::\d{12}:.+|A[A-Z0-9]{15,})$/.test(id),
        );
        if (wrong !== undefined) return `Invalid principal in policy: "AWS":"${wrong}"`;
        const service = (list(ids) as string[]).find(
            (id) => kind === "Service" && !/^[a-z0-9.-]+\.amazonaws\.com$/.test(id),
        );
        if (service !== undefined) return `Invalid principal in policy: "SERVICE":"${service}"`;
    }
    return undefined;
}

function conditionProblem(condition: unknown): string | undefined {
    if (condition === undefined) return undefined;
    if (!isObject(condition)) return "Syntax errors in policy.";
    for (const [operator, keys] of Object.entries(condition)) {
        if (!isOperator(operator)) return `Invalid Condition type : ${operator}.`;
        if (!isObject(keys)) return "Syntax errors in policy.";
        for (const [key, values] of Object.entries(keys)) {
            if (!key.includes(":")) return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
            if (!list(values).every((value) => ["string", "number", "boolean"].includes(typeof value)))
                return "Syntax errors in policy.";
        }
    }
    return undefined;
}

function areTexts(given: unknown): boolean {
    const all = list(given);
    return all.length > 0 && all.every((text) => typeof text === "string");
}

function isObject(given: unknown): given is Record<string, unknown> {
    return typeof given === "object" && given !== null && !Array.isArray(given);
}
