import * as fs from "node:fs";

/**
 * Whether a process runs. One that was killed and that its parent has not asked about yet, which a container without an init may never do, runs
 * no more.
 */
export function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
    } catch (error) {
        // EPERM: it is there, but somebody else's.
        return (error as NodeJS.ErrnoException).code === "EPERM";
    }
    return stateOf(pid) !== "Z";
}

/** The letter of a process's state where Linux tells it: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function stateOf(pid: number): string | undefined {
    try {
        const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
        // The name before it is in brackets, and may hold some itself.
        return stat.slice(stat.lastIndexOf(")") + 2)[0];
    } catch {
        // Another system, or it has gone just now.
        return undefined;
    }
}
