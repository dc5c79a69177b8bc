/** A policy document, parsed. */
export interface Policy {
    readonly statements: readonly Statement[];
}

/** One statement, its one-or-many fields all made lists. */
export interface Statement {
    readonly allows: boolean;
    readonly actions: readonly string[];
    /** Whether `actions` are the ones left out (`NotAction`). */
    readonly notActions: boolean;
    readonly resources: readonly string[];
    /** Whether `resources` are the ones left out (`NotResource`). */
    readonly notResources: boolean;
    /** Undefined in a policy of a role, which speaks of that role. */
    readonly principals: readonly Principal[] | undefined;
    /** Whether `principals` are the ones left out (`NotPrincipal`). */
    readonly notPrincipals: boolean;
    readonly conditions: readonly Condition[];
}

/** Whom a statement speaks of: `{ kind: "Service", id: "firehose.amazonaws.com" }`, or `{ kind: "AWS", id: "*" }`. */
export interface Principal {
    readonly kind: string;
    readonly id: string;
}

/** One line of a condition block: `StringEquals`, `aws:SourceAccount`, the values of which one must match. */
export interface Condition {
    readonly operator: string;
    readonly key: string;
    readonly values: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/** A policy from text or from a document, which must have passed {@link policyProblems} before. */
export function parsePolicy(document: unknown): Policy {
    const { Statement } = documentOf(document);
    return { statements: (list(Statement) as Json[]).map(statement) };
}

/** The document behind text, or the document itself: Pulumi takes both. Throws when the text is not JSON. */
export function documentOf(document: unknown): Json {
    return (typeof document === "string" ? JSON.parse(document) : document) as Json;
}

/** The text of a document, as AWS keeps it. */
export function policyText(document: unknown): string {
    return typeof document === "string" ? document : JSON.stringify(document);
}

function statement(given: Json): Statement {
    return {
        allows: given.Effect === "Allow",
        actions: strings(given.Action ?? given.NotAction),
        notActions: given.NotAction !== undefined,
        resources: strings(given.Resource ?? given.NotResource ?? "*"),
        notResources: given.NotResource !== undefined,
        principals: principals(given.Principal ?? given.NotPrincipal),
        notPrincipals: given.NotPrincipal !== undefined,
        conditions: conditions((given.Condition ?? {}) as Json),
    };
}

function principals(given: unknown): readonly Principal[] | undefined {
    if (given === undefined) return undefined;
    if (typeof given === "string") return [{ kind: "AWS", id: given }];
    return Object.entries(given as Json).flatMap(([kind, ids]) => strings(ids).map((id) => ({ kind, id })));
}

function conditions(given: Json): readonly Condition[] {
    return Object.entries(given).flatMap(([operator, keys]) =>
        Object.entries(keys as Json).map(([key, values]) => ({
            operator,
            key: key.toLowerCase(),
            values: strings(values),
        })),
    );
}

/** What may be one or a list, as a list. */
export function list(given: unknown): readonly unknown[] {
    return given === undefined ? [] : Array.isArray(given) ? given : [given];
}

/** Numbers and booleans in a condition mean their text. */
function strings(given: unknown): readonly string[] {
    return list(given).map(String);
}
