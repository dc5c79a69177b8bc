import { execFileSync } from "node:child_process";

/** A process and all that it has started, whichever groups they are in: Pulumi's language host starts the program in one of its own. */
export function processTree(pid: number): readonly number[] {
    const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
    const all = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
    const below = (parent: number): number[] =>
        all.flatMap(([child, of]) => (of === parent ? [child, ...below(child)] : []));
    return [pid, ...below(pid)];
}

/** Ends processes as a power cut would. A program whose engine is gone goes on forever, and takes gigabytes. */
export function killAll(pids: readonly number[]): void {
    for (const pid of pids) {
        try {
            process.kill(pid, "SIGKILL");
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
        }
    }
}
