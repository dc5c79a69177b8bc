import * as fs from "node:fs";
import * as path from "node:path";
import { compareKeys, fromName, isContinued, toPath } from "./keys";

/** Which keys to walk over. A consumer may set `skip` while it walks. */
export interface Walk {
    /** Only keys that begin with this. */
    readonly prefix: string;
    /** Only keys that come after this one. */
    readonly after?: string;
    /** Leave out keys that begin with this. */
    skip?: string;
}

/** The keys in a bucket's folder, in the order in which S3 lists them. Folders are read when the walk comes to them. */
export async function* walkKeys(folder: string, walk: Walk): AsyncGenerator<string> {
    const base = walk.prefix.slice(0, walk.prefix.lastIndexOf("/") + 1);
    const start = base === "" ? folder : path.join(folder, toPath(base.slice(0, -1)));
    yield* below(start, base, walk);
}

interface Entry {
    /** The key, or the beginning of the keys in a folder, with a slash at the end. */
    readonly key: string;
    readonly path: string;
    readonly isFolder: boolean;
}

async function* below(folder: string, base: string, walk: Walk): AsyncGenerator<string> {
    // Each folder stands at the place of the first key it can hold, so the order of the entries is the order of the keys.
    const entries = (await entriesOf(folder, base)).sort((a, b) => compareKeys(a.key, b.key));
    for (const entry of entries) {
        if (walk.skip !== undefined && entry.key.startsWith(walk.skip)) continue;
        if (entry.isFolder) {
            if (mayHold(entry.key, walk)) yield* below(entry.path, entry.key, walk);
        } else if (entry.key.startsWith(walk.prefix) && isAfter(entry.key, walk)) yield entry.key;
    }
}

function mayHold(folderKey: string, walk: Walk): boolean {
    if (!folderKey.startsWith(walk.prefix) && !walk.prefix.startsWith(folderKey)) return false;
    return isAfter(folderKey, walk) || walk.after?.startsWith(folderKey) === true;
}

function isAfter(key: string, { after }: Walk): boolean {
    return after === undefined || compareKeys(key, after) > 0;
}

async function entriesOf(folder: string, base: string): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (const file of await read(folder)) {
        const full = `${folder}/${file.name}`;
        const key = base + fromName(file.name);
        if (!file.isDirectory()) entries.push({ key, path: full, isFolder: false });
        // Names that share the beginning of a split name sort among those it holds, so its folder counts as part of this one.
        else if (isContinued(file.name)) entries.push(...(await entriesOf(full, key)));
        else entries.push({ key: `${key}/`, path: full, isFolder: true });
    }
    return entries;
}

async function read(folder: string): Promise<fs.Dirent[]> {
    try {
        return await fs.promises.readdir(folder, { withFileTypes: true });
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") return [];
        throw error;
    }
}
