import * as fs from "node:fs";
import * as path from "node:path";

/** The form of what the services keep. In 2, delivery streams, event buses and archives keep bytes where they kept lines of text in 1. */
const FORMAT = "2";

/** What a data folder has once something is kept in it. */
const KEPT = ["resources.jsonl", "firehose", "eventbridge"];

/**
 * Marks a new data folder with the form of what is kept in it. Throws when the folder has another form: what is in its logs would look like
 * what a kill has left unfinished, and would be cut off.
 */
export function requireFormat(folder: string): void {
    const file = path.join(folder, "format");
    const found = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
    if (found === FORMAT) return;
    if (found !== undefined || KEPT.some((name) => fs.existsSync(path.join(folder, name))))
        throw new Error(
            `${folder} was written by another version of the local runtime, in a form that this one does not read. Delete it, which npm start -- --reset does, or choose another folder with --data.`,
        );
    fs.writeFileSync(file, FORMAT);
}
