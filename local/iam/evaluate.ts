import { type Context, conditionsHold, substituted } from "./conditions";
import { matches, matchesArn } from "./match";
import type { Policy, Principal, Statement } from "./policy";

/** What is asked: may this be done to that? */
export interface Question {
    /** `firehose:PutRecordBatch`. */
    readonly action: string;
    /** An ARN, or `*`. */
    readonly resource: string;
    readonly context: Context;
    /** Who asks, under every name that a policy may call it by. */
    readonly principals: readonly Asker[];
}

/** A name of who asks. To name the account in an Allow leaves it to the account's own policies; in a Deny it means all of them. */
export interface Asker extends Principal {
    readonly isAccount?: boolean;
}

/** What some policies say: a denial wins, and silence is not leave. */
export type Verdict = "allow" | "deny" | "silent";

/** What these policies say to a question. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
export function verdict(policies: readonly Policy[], question: Question): Verdict {
    let said: Verdict = "silent";
    for (const { statements } of policies)
        for (const statement of statements) {
            if (statement.allows && said === "allow") continue;
            if (!applies(statement, question)) continue;
            if (!statement.allows) return "deny";
            said = "allow";
        }
    return said;
}

function applies(statement: Statement, { action, resource, context, principals }: Question): boolean {
    return (
        statement.actions.some((pattern) => matchesAction(pattern, action)) !== statement.notActions &&
        statement.resources.some((pattern) => matchesResource(pattern, resource, context)) !== statement.notResources &&
        speaksOf(statement, principals) &&
        conditionsHold(statement.conditions, context)
    );
}

function matchesAction(pattern: string, action: string): boolean {
    return matches(pattern.toLowerCase(), action.toLowerCase());
}

function matchesResource(pattern: string, resource: string, context: Context): boolean {
    const filled = substituted(pattern, context);
    return filled !== undefined && matchesArn(filled, resource);
}

function speaksOf({ allows, principals, notPrincipals }: Statement, asking: readonly Asker[]): boolean {
    if (principals === undefined) return true;
    const isNamed = principals.some(
        ({ kind, id }) =>
            (kind === "AWS" && id === "*") ||
            asking.some((one) => one.kind === kind && one.id === id && !(allows && one.isAccount)),
    );
    return isNamed !== notPrincipals;
}
