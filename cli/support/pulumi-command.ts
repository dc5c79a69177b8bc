/** Flags of every Pulumi command that take a value. https://www.pulumi.com/docs/iac/cli/commands/pulumi/ */
const GLOBAL_FLAGS = ["--color", "--cwd", "-C", "--memprofilerate", "--profiling", "--tracing", "--verbose", "-v"];
const STACK_FLAGS = ["--stack", "-s"];

/** Flags after which the debug messages of a program are seen, short ones among others too: `-yd`. */
const DEBUG_FLAGS = /^(?:--debug|--verbose|-[a-z]*[dv])/;

/** Commands that evaluate the program, call the provider or ask AWS, by each of their names. */
const DEPLOYING: Readonly<Record<string, "changes" | "looks">> = {
    up: "changes",
    update: "changes",
    refresh: "changes",
    destroy: "changes",
    down: "changes",
    dn: "changes",
    import: "changes",
    watch: "changes",
    logs: "looks",
    preview: "looks",
    pre: "looks",
};

/** What a Pulumi command line says that matters before it is run. */
export interface PulumiCommand {
    /** Its first word: `up`, `config`. */
    readonly word: string;
    /** Name of the stack that it gives. */
    readonly stack?: string;
    /** Whether it needs the local AWS, and whether it changes what runs. */
    readonly deploys?: "changes" | "looks";
    /** Whether it says where the project is. */
    readonly elsewhere: boolean;
    /** Whether it shows debug messages of the program. */
    readonly debugs: boolean;
}

/** Reads the arguments of the Pulumi CLI. */
export function readPulumiCommand(args: readonly string[]): PulumiCommand {
    let [word, stack]: [string, string | undefined] = ["", undefined];
    let [elsewhere, debugs] = [false, false];
    for (let i = 0; i < args.length && args[i] !== "--"; i++) {
        const arg = args[i] ?? "";
        const [flag = "", value] = arg.startsWith("--")
            ? arg.split(/=(.*)/s)
            : [arg.slice(0, 2), arg.slice(2) || undefined];
        if (!STACK_FLAGS.includes(flag)) debugs ||= DEBUG_FLAGS.test(arg);
        if (!arg.startsWith("-")) word ||= arg;
        else if (STACK_FLAGS.includes(flag)) stack = value ?? args[++i];
        else if (GLOBAL_FLAGS.includes(flag)) {
            elsewhere ||= flag === "-C" || flag === "--cwd";
            if (value === undefined) i++;
        }
    }
    return { word, stack: stack?.split("/").pop(), deploys: DEPLOYING[word], elsewhere, debugs };
}
