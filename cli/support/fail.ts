import type { Command } from "commander";

/** A mistake of the person at the terminal: printed as a sentence, without a stack trace. */
export function usageError(message: string): Error {
    return Object.assign(new Error(message), { name: "UsageError" });
}

/** Makes a command's own usage errors end it as {@link usageError} does: with exit code 2. Help ends it with 0. */
export function exitCodes<C extends Pick<Command, "exitOverride">>(command: C): C {
    command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
    return command;
}

/**
 * Runs a command to its end. A failure is printed as its sentence on standard error, with the stack trace only when `DEBUG` is set;
 * the exit code is 2 for a usage error and 1 for every other.
 */
export function run(command: () => Promise<number | undefined>): void {
    command().then(
        (code) => process.exit(code ?? 0),
        (error: unknown) => {
            const failure = error instanceof Error ? error : new Error(String(error));
            process.stderr.write(`${process.env.DEBUG ? failure.stack : `Error: ${failure.message}`}\n`);
            process.exit(failure.name === "UsageError" ? 2 : 1);
        },
    );
}
