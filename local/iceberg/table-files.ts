import * as fs from "node:fs";
import * as path from "node:path";
import type { S3 } from "../services";
import type { TableMetadata } from "./metadata";

/** The files of one table: `s3://bucket/prefix` and what lies below it, as files on disk. */
export interface TableFiles {
    /** `s3://bucket/prefix`, without a slash at the end. */
    readonly location: string;
    /** Path of the file behind a URL below the location. */
    file(url: string): string;
    /** Writes a file whole, or not at all, and gives its size. */
    write(url: string, content: Buffer | string): number;
    /** Makes the folder that a file will lie in. */
    makeFolder(url: string): void;
    /** Number of the current version, or undefined when there is no table. */
    version(): number | undefined;
    /** URL of a version's metadata. */
    metadataUrl(version: number): string;
    /** The metadata of a version. */
    metadata(version: number): TableMetadata;
    /** Makes a version the current one: the step that commits. */
    point(version: number): void;
    /** Ends the table: the files stay, as they do on AWS when a table is dropped, but nothing points to them. */
    unpoint(): void;
    /** URLs of every data file, manifest and metadata file in the table's folders. */
    list(): readonly string[];
    /** Removes a file, if it is there. */
    remove(url: string): void;
}

/** Bucket and key of an `s3://` URL. */
export function parseS3Url(url: string): { readonly bucket: string; readonly key: string } {
    const [, bucket, key = ""] = /^s3[an]?:\/\/([^/]+)(?:\/(.*))?$/.exec(url) ?? [];
    if (!bucket) throw new Error(`"${url}" is not a URL of the form s3://bucket/key.`);
    return { bucket, key };
}

/** What the names of our own files end in: nothing else in the folders is ever removed. */
const OURS = /\.(parquet|avro|metadata\.json|tmp)$/;

/** Opens the files of the table at a location. Nothing is read yet. */
export function tableFiles(s3: Pick<S3, "file">, location: string): TableFiles {
    const { bucket, key } = parseS3Url(location);
    const file = (url: string) => s3.file(bucket, parseS3Url(url).key);
    const inTable = (name: string) => `${location}/${name}`;
    const pointer = () => s3.file(bucket, `${key}/metadata/version-hint.text`);
    const metadataUrl = (version: number) => inTable(`metadata/v${version}.metadata.json`);
    const folder = (url: string) => path.dirname(file(url));
    return {
        location,
        file,
        metadataUrl,
        write: (url, content) => {
            fs.mkdirSync(folder(url), { recursive: true });
            writeWhole(file(url), content);
            return Buffer.byteLength(content);
        },
        makeFolder: (url) => void fs.mkdirSync(folder(url), { recursive: true }),
        version() {
            const text = readIfThere(pointer());
            return text === undefined ? undefined : Number(text);
        },
        metadata: (version) => JSON.parse(fs.readFileSync(file(metadataUrl(version)), "utf8")) as TableMetadata,
        point: (version) => {
            fs.mkdirSync(path.dirname(pointer()), { recursive: true });
            writeWhole(pointer(), String(version));
        },
        unpoint: () => fs.rmSync(pointer(), { force: true }),
        list: () =>
            ["data", "metadata"].flatMap((part) =>
                below(folder(inTable(`${part}/x`))).map((name) => inTable(`${part}/${name}`)),
            ),
        remove: (url) => fs.rmSync(file(url), { force: true }),
    };
}

function writeWhole(file: string, content: Buffer | string): void {
    const temporary = `${file}.tmp`;
    fs.writeFileSync(temporary, content);
    fs.renameSync(temporary, file);
}

function readIfThere(file: string): string | undefined {
    try {
        return fs.readFileSync(file, "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
    }
}

/** Names of our files below a folder, with slashes. */
function below(folder: string): readonly string[] {
    if (!fs.existsSync(folder)) return [];
    return fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && OURS.test(entry.name))
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"));
}
