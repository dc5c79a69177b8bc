import * as fs from "node:fs";
import * as path from "node:path";
import { isAlive } from "./is-alive";

/**
 * Takes a data folder for this process, and gives the function that lets it go. Throws when another process that is alive has it: two
 * runtimes over the same buffers would deliver everything twice. A lock that a killed process left behind is taken over.
 */
export function lockFolder(folder: string): () => void {
    const file = path.join(folder, "lock");
    const holder = fs.existsSync(file) ? Number(fs.readFileSync(file, "utf8")) : 0;
    if (holder && holder !== process.pid && isAlive(holder)) {
        throw new Error(
            `${folder} is in use by the process ${holder}. Stop it first, or choose another folder with --data.`,
        );
    }
    fs.writeFileSync(file, String(process.pid));
    return () => fs.rmSync(file, { force: true });
}
