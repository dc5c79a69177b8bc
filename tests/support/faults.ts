import { seededFaults } from "../../local/dynamodb";
import type { Faults } from "../../local/faults";
import { seeded } from "./soak";

/** Faults as plain data, for a runtime in another process. */
export interface FaultPlan {
    readonly seed: number;
    /** The part of DynamoDB's requests that is refused, and of the items of its batches that is left out. */
    readonly throttled?: { readonly refused: number; readonly unprocessed: number };
    /** The functions whose environments are killed, by a part of their names: in a part of the calls, and in each that has a text in its event. */
    readonly killed?: { readonly function: string; readonly rate?: number; readonly text?: string };
}

/** Longest life of an environment that is killed at random, in milliseconds: some die before they begin, some after they are done. */
const LIFETIME_MS = 100;

/** Makes the faults of a plan: at random, and the same decisions for the same seed. */
export function faultsOf({ seed, throttled, killed }: FaultPlan): Faults {
    const random = seeded(seed);
    return {
        ...(throttled && { dynamodb: seededFaults(seed, throttled) }),
        ...(killed && {
            lambda: {
                killed(name, payload) {
                    if (!name.includes(killed.function)) return undefined;
                    if (killed.text !== undefined && payload.includes(killed.text)) return 0;
                    return random() < (killed.rate ?? 0) ? Math.floor(random() * LIFETIME_MS) : undefined;
                },
            },
        }),
    };
}
