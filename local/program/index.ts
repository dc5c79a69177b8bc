import { fork } from "node:child_process";
import * as path from "node:path";
import type { Properties } from "../resources";
import type { Answered, Asked, Ended, Registered } from "./messages";

/** A program and the config of one of its stacks. */
export interface Program {
    /** Folder of Pulumi.yaml. */
    readonly folder: string;
    /** The file that Pulumi would run. */
    readonly entry: string;
    readonly project: string;
    readonly stack: string;
    /** Config values by full key, objects as JSON text, as Pulumi hands them to a program. */
    readonly config: Readonly<Record<string, string>>;
}

/** Answers what a program asks while it is evaluated. */
export interface Engine {
    register(type: string, name: string, inputs: Properties): Promise<Registered>;
    invoke(token: string, args: Properties): Properties;
}

/** Evaluates a program in a process of its own and gives its stack outputs. Rejects with the program's own sentence when it fails. */
export function evaluate(program: Program, engine: Engine): Promise<Properties> {
    const child = fork(path.join(__dirname, "child.ts"), [program.project, program.stack, program.entry], {
        cwd: program.folder,
        execArgv: ["--require", require.resolve("ts-node/register")],
        env: {
            ...process.env,
            PULUMI_CONFIG: JSON.stringify(program.config),
            TS_NODE_TRANSPILE_ONLY: "true",
            NODE_COMPILE_CACHE: path.join(program.folder, "node_modules", ".cache", "node-compile"),
        },
    });
    return new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("exit", (code, signal) => reject(new Error(`The program's process ended early (${signal ?? code}).`)));
        child.on("message", async (message: Asked | Ended) => {
            if ("outputs" in message) resolve(message.outputs);
            else if ("failed" in message) reject(new Error(message.failed));
            else child.send(await answer(engine, message));
        });
    });
}

async function answer(engine: Engine, { number, question }: Asked): Promise<Answered> {
    try {
        const value =
            question.call === "register"
                ? await engine.register(question.type, question.name, question.inputs)
                : engine.invoke(question.token, question.args);
        return { number, value: value as Properties };
    } catch (error) {
        return { number, error: error instanceof Error ? error.message : String(error) };
    }
}
