import type { Properties } from "../resources";

/** Asks the process to evaluate a program: its entry, and the config by full key. */
export interface Evaluate {
    readonly project: string;
    readonly stack: string;
    readonly entry: string;
    readonly config: Readonly<Record<string, string>>;
}

/** What the process that evaluates the program asks of the one that runs the services. */
export type Question =
    | {
          readonly call: "register";
          readonly type: string;
          readonly name: string;
          readonly inputs: Properties;
          readonly protect: boolean;
      }
    | { readonly call: "invoke"; readonly token: string; readonly args: Properties };

/** A question on its way, numbered so that answers may come in any order. */
export interface Asked {
    readonly number: number;
    readonly question: Question;
}

/** The answer to the question of the same number: a value, or a sentence that says why not. */
export type Answered = { readonly number: number } & ({ readonly value: Properties } | { readonly error: string });

/** How the evaluation ended. */
export type Ended = { readonly outputs: Properties } | { readonly failed: string };

/** The answer to `register`. */
export interface Registered {
    readonly id: string;
    readonly outputs: Properties;
}
