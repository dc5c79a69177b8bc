import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { serviceError } from "../errors";
import { MIN_PART } from "./model";
import type { Store } from "./store";

/** A multipart upload that has been begun. */
export interface Upload {
    readonly id: string;
    readonly bucket: string;
    readonly key: string;
    readonly headers: Readonly<Record<string, string>>;
    /** Milliseconds since 1970. */
    readonly initiated: number;
}

/** A part of an upload, as it is on disk. */
export interface Part {
    readonly number: number;
    readonly etag: string;
    readonly size: number;
    /** Milliseconds since 1970. */
    readonly modified: number;
    readonly path: string;
}

/** A part as the one who completes an upload names it. */
export interface NamedPart {
    readonly PartNumber?: number;
    readonly ETag?: string;
}

/** Multipart uploads as folders: `upload.json`, and a file `<number>-<etag>` for each part. */
export interface Uploads {
    create(upload: Upload): Promise<void>;
    /** Throws NoSuchUpload when the object has no upload of that id. */
    get(bucket: string, key: string, id: string): Upload;
    /** The uploads of a bucket, by key and then by age. */
    of(bucket: string): readonly Upload[];
    /** Puts a part in its place, and out the one that had its number. */
    addPart(upload: Upload, number: number, etag: string, file: string): void;
    parts(upload: Upload): readonly Part[];
    /** Writes the named parts, one after the other, to `file`; gives the ETag of the whole. */
    join(upload: Upload, named: readonly NamedPart[], file: string): Promise<string>;
    remove(upload: Upload): void;
    removeBucket(bucket: string): void;
}

/** Opens the uploads kept in a folder. `withTemporary` makes room on the same file system for what is not finished. */
export function openUploads(root: string, withTemporary: Store["withTemporary"]): Uploads {
    const folderOf = (id: string) => path.join(root, id);
    const read = (id: string) => JSON.parse(fs.readFileSync(path.join(folderOf(id), "upload.json"), "utf8")) as Upload;
    const ids = () => (fs.existsSync(root) ? fs.readdirSync(root) : []);
    const remove = ({ id }: Upload) => fs.rmSync(folderOf(id), { recursive: true, force: true });
    const of = (bucket: string) => {
        const uploads = ids().map(read);
        const order = (a: Upload, b: Upload) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
        return uploads
            .filter((upload) => upload.bucket === bucket)
            .sort((a, b) => order(a, b) || a.initiated - b.initiated);
    };
    const parts = ({ id }: Upload): readonly Part[] => {
        const names = fs.readdirSync(folderOf(id)).filter((name) => name !== "upload.json");
        return names.map((name) => partOf(path.join(folderOf(id), name))).sort((a, b) => a.number - b.number);
    };
    return {
        of,
        parts,
        remove,
        create: (upload) =>
            // A folder without its description is no upload, so it comes with it, or not at all.
            withTemporary((folder) => {
                fs.mkdirSync(folder);
                fs.mkdirSync(root, { recursive: true });
                fs.writeFileSync(path.join(folder, "upload.json"), JSON.stringify(upload));
                fs.renameSync(folder, folderOf(upload.id));
            }),
        get(bucket, key, id) {
            const upload = /^[0-9a-f]+$/.test(id) && ids().includes(id) ? read(id) : undefined;
            if (upload?.bucket === bucket && upload.key === key) return upload;
            throw noSuchUpload();
        },
        addPart(upload, number, etag, file) {
            // It may have been aborted while the part came in.
            if (!ids().includes(upload.id)) throw noSuchUpload();
            const target = path.join(folderOf(upload.id), `${number}-${etag}`);
            const replaced = parts(upload).filter((part) => part.number === number && part.path !== target);
            fs.renameSync(file, target);
            for (const part of replaced) fs.rmSync(part.path, { force: true });
        },
        async join(upload, named, file) {
            const chosen = choose(parts(upload), named);
            const whole = createHash("md5");
            const target = fs.createWriteStream(file, { flags: "wx" });
            for (const part of chosen) {
                whole.update(part.etag, "hex");
                for await (const piece of fs.createReadStream(part.path, { highWaterMark: 1024 * 1024 })) {
                    if (!target.write(piece)) await new Promise<void>((resolve) => target.once("drain", resolve));
                }
            }
            await new Promise<void>((resolve, reject) => {
                target.once("error", reject);
                target.end(resolve);
            });
            return `${whole.digest("hex")}-${chosen.length}`;
        },
        removeBucket(bucket) {
            for (const upload of of(bucket)) remove(upload);
        },
    };
}

function noSuchUpload() {
    const message =
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    return serviceError("NoSuchUpload", message, 404);
}

function partOf(file: string): Part {
    const [number, etag = ""] = path.basename(file).split("-");
    const { size, mtimeMs } = fs.statSync(file);
    return { number: Number(number), etag, size, modified: Math.round(mtimeMs), path: file };
}

/** The parts that a client names, when they are all there, in order, and large enough. */
function choose(parts: readonly Part[], named: readonly NamedPart[]): readonly Part[] {
    const byNumber = new Map(parts.map((part) => [part.number, part]));
    const chosen = named.map(({ PartNumber = 0, ETag = "" }) => {
        const part = byNumber.get(PartNumber);
        if (part?.etag === ETag.replaceAll('"', "")) return part;
        const message =
            "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
        throw serviceError("InvalidPart", message);
    });
    if (chosen.some((part, at) => at > 0 && part.number <= (chosen[at - 1]?.number ?? 0))) {
        const message =
            "The list of parts was not in ascending order. The parts list must be specified in order by part number.";
        throw serviceError("InvalidPartOrder", message);
    }
    if (chosen.slice(0, -1).some((part) => part.size < MIN_PART)) {
        throw serviceError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
    }
    return chosen;
}
