import { type ChildProcess, fork } from "node:child_process";
import * as path from "node:path";
import type { Properties } from "../resources";
import type { Answered, Asked, Ended, Evaluate, Registered } from "./messages";

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
    register(type: string, name: string, inputs: Properties, protect: boolean): Promise<Registered>;
    invoke(token: string, args: Properties): Properties;
}

/** Evaluates programs, one at a time, in a process that is kept from one to the next: the second time takes a fraction of the first. */
export interface Evaluator {
    /** Gives the program's stack outputs. Rejects with the program's own sentence when it fails. */
    evaluate(program: Program, engine: Engine): Promise<Properties>;
    close(): void;
}

/** Evaluates a program once. */
export async function evaluate(program: Program, engine: Engine): Promise<Properties> {
    const evaluator = createEvaluator(program.folder);
    try {
        return await evaluator.evaluate(program, engine);
    } finally {
        evaluator.close();
    }
}

/** Makes an {@link Evaluator} for the programs of a folder. Its process starts at once, and another one when a program fails. */
export function createEvaluator(folder: string): Evaluator {
    let child = processFor(folder);
    let isClosed = false;
    return {
        close() {
            isClosed = true;
            child.kill("SIGKILL");
        },
        async evaluate(program, engine) {
            try {
                return await evaluated(child, program, engine);
            } catch (error) {
                // What a failed program has left open would fail the next one.
                child.kill("SIGKILL");
                if (!isClosed) child = processFor(folder);
                throw error;
            }
        },
    };
}

/** Module that makes evaluating a program several times faster when it is loaded before Pulumi's SDK. */
export const PRELOAD = path.join(__dirname, "preload.cjs");

function processFor(folder: string): ChildProcess {
    return fork(path.join(__dirname, "child.ts"), [], {
        cwd: folder,
        execArgv: ["--require", PRELOAD, "--require", require.resolve("ts-node/register")],
        env: { ...process.env, NODE_COMPILE_CACHE: path.join(folder, "node_modules", ".cache", "node-compile") },
    });
}

function evaluated(child: ChildProcess, program: Program, engine: Engine): Promise<Properties> {
    const { project, stack, entry, config } = program;
    return new Promise((resolve, reject) => {
        const end = (settle: () => void) => {
            child.removeAllListeners();
            settle();
        };
        child.on("error", (error) => end(() => reject(error)));
        child.on("exit", (code, signal) =>
            end(() => reject(new Error(`The program's process ended early (${signal ?? code}).`))),
        );
        child.on("message", async (message: Asked | Ended) => {
            if ("outputs" in message) end(() => resolve(message.outputs));
            else if ("failed" in message) end(() => reject(new Error(message.failed)));
            else {
                const answered = await answer(engine, message);
                if (child.connected) child.send(answered);
            }
        });
        child.send({ project, stack, entry, config } satisfies Evaluate);
    });
}

async function answer(engine: Engine, { number, question }: Asked): Promise<Answered> {
    try {
        const value =
            question.call === "register"
                ? await engine.register(question.type, question.name, question.inputs, question.protect)
                : engine.invoke(question.token, question.args);
        return { number, value: value as Properties };
    } catch (error) {
        return { number, error: error instanceof Error ? error.message : String(error) };
    }
}
