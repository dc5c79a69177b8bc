import * as fs from "node:fs";
import { readJson, writeJson } from "../firehose/files";

/** Whether a trigger starts anything. https://docs.aws.amazon.com/glue/latest/webapi/API_Trigger.html */
export type TriggerState = "CREATED" | "ACTIVATED" | "DEACTIVATED";

/** What a trigger outside of workflows waits for and has seen since it last fired, as `JOB name STATE`. */
interface Kept {
    readonly state: TriggerState;
    readonly seen?: readonly string[];
}

/** The states of triggers, on disk. */
export interface TriggerStates {
    of(name: string): TriggerState;
    set(name: string, state: TriggerState): void;
    seen(name: string): readonly string[];
    see(name: string, seen: readonly string[]): void;
    forget(name: string): void;
}

/** Opens the {@link TriggerStates} in a file. `changed` is called when one is set. */
export function openTriggerStates(file: string, changed: () => void): TriggerStates {
    const all = () => readJson<Record<string, Kept>>(file) ?? {};
    const kept = (name: string): Kept => all()[name] ?? { state: "CREATED" };
    return {
        of: (name) => kept(name).state,
        set(name, state) {
            writeJson(file, { ...all(), [name]: { ...kept(name), state } });
            changed();
        },
        seen: (name) => kept(name).seen ?? [],
        see: (name, seen) => writeJson(file, { ...all(), [name]: { ...kept(name), seen } }),
        forget(name) {
            const { [name]: _forgotten, ...others } = all();
            if (Object.keys(others).length > 0) writeJson(file, others);
            else fs.rmSync(file, { force: true });
        },
    };
}
