import { readJson, writeJson } from "../firehose/files";
import type { Rule, RuleInputs } from "./config";

/** Whether a rule works, in AWS's words. */
export type RuleState = "ENABLED" | "DISABLED" | "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

/** The states that rules were put into by EnableRule and DisableRule, on disk. They last until the program changes the rule. */
export interface RuleStates {
    of(rule: Pick<Rule, "arn" | "inputs">): RuleState;
    isEnabled(rule: Pick<Rule, "arn" | "inputs">): boolean;
    set(rule: Pick<Rule, "arn" | "inputs">, state: RuleState): void;
    forget(ruleArn: string): void;
}

interface Kept {
    readonly state: RuleState;
    /** The inputs that the rule had then. */
    readonly inputs: string;
}

/** Opens the {@link RuleStates} kept in a file. */
export function openRuleStates(file: string): RuleStates {
    const kept = new Map(Object.entries(readJson<Record<string, Kept>>(file) ?? {}));
    const write = () => writeJson(file, Object.fromEntries(kept));
    const of: RuleStates["of"] = ({ arn, inputs }) => {
        const known = kept.get(arn);
        return known?.inputs === JSON.stringify(inputs) ? known.state : declaredState(inputs);
    };
    return {
        of,
        isEnabled: (rule) => of(rule) !== "DISABLED",
        set({ arn, inputs }, state) {
            kept.set(arn, { state, inputs: JSON.stringify(inputs) });
            write();
        },
        forget(arn) {
            if (kept.delete(arn)) write();
        },
    };
}

/** The state that a program gives its rule. */
export function declaredState({ state, isEnabled }: Pick<RuleInputs, "state" | "isEnabled">): RuleState {
    if (state !== undefined) return state as RuleState;
    return isEnabled === false ? "DISABLED" : "ENABLED";
}
