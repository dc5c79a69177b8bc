import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { BESIDE, toPath } from "./keys";
import { DEFAULT_CONTENT_TYPE } from "./model";

/** What S3 keeps of an object beside its bytes. */
export interface ObjectInfo {
    /** Without its quotes. */
    readonly etag: string;
    /** The headers that a GET answers with: `content-type`, `x-amz-meta-…`. */
    readonly headers: Readonly<Record<string, string>>;
    /** The checksum that came with the object, such as `x-amz-checksum-crc32`, by its header. */
    readonly checksum?: Readonly<Record<string, string>>;
}

/** An object as it is on disk. */
export interface StoredObject extends ObjectInfo {
    /** Absolute path of its file. */
    readonly path: string;
    /** Bytes. */
    readonly size: number;
    /** Milliseconds since 1970. */
    readonly modified: number;
}

/** Objects as files: the bytes at `<root>/<bucket>/<key>`, the rest in `<root>/.meta`. It knows nothing of callers or HTTP. */
export interface Store {
    /** Absolute path of the file that holds, or would hold, an object. */
    file(bucket: string, key: string): string;
    /** Absolute path of a bucket's folder. */
    folder(bucket: string): string;
    /** Lets `use` make a file or folder on the same file system and move it where it belongs. If it fails, or is killed, nothing stays. */
    withTemporary<T>(use: (path: string) => T | Promise<T>): Promise<T>;
    stat(bucket: string, key: string): StoredObject | undefined;
    /** An object with its open file, which keeps its bytes when another object takes its place. The caller closes it. */
    open(bucket: string, key: string): { readonly object: StoredObject; readonly fd: number } | undefined;
    /**
     * Puts a temporary file in the object's place, at once and whole. `precondition` sees the object that is there, and throws to refuse;
     * nothing comes between it and the change.
     */
    commit(
        temporary: string,
        bucket: string,
        key: string,
        info: ObjectInfo,
        precondition?: (current: StoredObject | undefined) => void,
    ): StoredObject;
    remove(bucket: string, key: string): void;
    /** Makes the bucket's folder. */
    makeBucket(bucket: string): void;
    /** When the bucket's folder was made. */
    created(bucket: string): Date;
    /** Removes a bucket with everything in it. */
    removeBucket(bucket: string): void;
}

/** What a meta file says of the object whose file has that size and time: of the one that is there, or of the one about to come. */
interface Meta extends ObjectInfo {
    readonly size: number;
    readonly modified: number;
}

/**
 * Opens the store in a folder. `now` gives the time of changes, in milliseconds.
 *
 * The calls are synchronous: they are short, and what happens between two of them needs no lock.
 */
export function openStore(root: string, now: () => number): Store {
    const temporaries = path.join(root, ".tmp");
    fs.rmSync(temporaries, { recursive: true, force: true });
    fs.mkdirSync(temporaries, { recursive: true });
    let made = 0;

    const folder = (bucket: string) => path.join(root, bucket);
    const plainFile = (bucket: string, key: string) => `${folder(bucket)}/${toPath(key)}`;
    const metaFile = (bucket: string, key: string) => `${root}/.meta/${bucket}/${toPath(key)}^m`;
    const temporary = () => path.join(temporaries, String(++made));

    const locate = (bucket: string, key: string): { path: string; stats: fs.Stats } | undefined => {
        const plain = plainFile(bucket, key);
        for (const candidate of [plain, plain + BESIDE]) {
            const stats = statOf(candidate);
            if (stats?.isFile()) return { path: candidate, stats };
        }
        return undefined;
    };
    const describe = (bucket: string, key: string, file: string, stats: fs.Stats): StoredObject => {
        const size = stats.size;
        const modified = Math.round(stats.mtimeMs);
        const metas = readMetas(metaFile(bucket, key));
        const meta = metas.find((each) => each.size === size && each.modified === modified);
        const { etag, headers, checksum } = meta ?? withoutMeta(stats);
        return { path: file, size, modified, etag, headers, ...(checksum && { checksum }) };
    };
    const stat = (bucket: string, key: string) => {
        const found = locate(bucket, key);
        return found && describe(bucket, key, found.path, found.stats);
    };

    return {
        folder,
        stat,
        async withTemporary(use) {
            const file = temporary();
            try {
                return await use(file);
            } catch (error) {
                fs.rmSync(file, { recursive: true, force: true });
                throw error;
            }
        },
        file(bucket, key) {
            const plain = plainFile(bucket, key);
            return statOf(plain + BESIDE) ? plain + BESIDE : plain;
        },
        open(bucket, key) {
            const found = locate(bucket, key);
            if (!found) return undefined;
            const fd = fs.openSync(found.path, "r");
            return { fd, object: describe(bucket, key, found.path, fs.fstatSync(fd)) };
        },
        commit(temporaryFile, bucket, key, info, precondition) {
            const current = stat(bucket, key);
            precondition?.(current);
            // A new time for each change tells the old object from the new one, should a kill come between the two renames below.
            const modified = Math.max(Math.round(now()), (current?.modified ?? 0) + 1);
            fs.utimesSync(temporaryFile, modified / 1000, modified / 1000);
            const { size } = fs.statSync(temporaryFile);
            const metas: Meta[] = [{ ...info, size, modified }];
            if (current) metas.push(metaOf(current));
            const metaTemporary = temporary();
            fs.writeFileSync(metaTemporary, JSON.stringify(metas));
            move(metaTemporary, metaFile(bucket, key));
            const file = move(temporaryFile, current?.path ?? plainFile(bucket, key));
            return { ...info, path: file, size, modified };
        },
        remove(bucket, key) {
            const found = locate(bucket, key);
            if (found) fs.rmSync(found.path, { force: true });
            fs.rmSync(metaFile(bucket, key), { force: true });
        },
        makeBucket: (bucket) => void fs.mkdirSync(folder(bucket), { recursive: true }),
        created: (bucket) => statOf(folder(bucket))?.birthtime ?? new Date(now()),
        removeBucket(bucket) {
            fs.rmSync(folder(bucket), { recursive: true, force: true });
            fs.rmSync(path.join(root, ".meta", bucket), { recursive: true, force: true });
        },
    };
}

/** Renames a file to where it belongs, making room, and tells where that is: beside a folder that has the name already. */
function move(from: string, to: string): string {
    try {
        fs.renameSync(from, to);
        return to;
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EISDIR") return move(from, to + BESIDE);
        if ((code !== "ENOENT" && code !== "ENOTDIR") || statOf(path.dirname(to))?.isDirectory()) throw error;
        makeFolder(path.dirname(to));
        return move(from, to);
    }
}

/** Makes a folder and those above it; an object's file that has one of their names moves beside it. */
function makeFolder(folder: string): void {
    try {
        fs.mkdirSync(folder, { recursive: true });
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== "ENOTDIR" && code !== "EEXIST") throw error;
        let file = folder;
        while (!statOf(file)?.isFile()) file = path.dirname(file);
        fs.renameSync(file, file + BESIDE);
        makeFolder(folder);
    }
}

function statOf(file: string): fs.Stats | undefined {
    try {
        return fs.statSync(file, { throwIfNoEntry: false });
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
        throw error;
    }
}

function readMetas(file: string): readonly Meta[] {
    try {
        return JSON.parse(fs.readFileSync(file, "utf8")) as Meta[];
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
        throw error;
    }
}

function metaOf({ path: _, ...meta }: StoredObject): Meta {
    return meta;
}

/**
 * What is said of a file that was written past S3, as DuckDB does. Its ETag changes when the file does; the dash tells clients,
 * as with a multipart upload, that it is no MD5 of the content.
 */
function withoutMeta({ ino, size, mtimeMs }: fs.Stats): ObjectInfo {
    const etag = createHash("md5").update(`${ino} ${size} ${mtimeMs}`).digest("hex");
    return { etag: `${etag}-1`, headers: { "content-type": DEFAULT_CONTENT_TYPE } };
}
