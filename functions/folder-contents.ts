import type * as S3 from "@aws-sdk/client-s3";
import type { AthenaQueries } from "./athena-queries";
import { inParallel } from "./in-parallel";
import type { FolderContents, Sources } from "./merge-hours";
import { contentsStatement, type MergeTables } from "./merge-statements";
import { folderOfHour, type Hour, hourOfParts, nameOfHour } from "./utc-hours";

/** Objects that are read or written at once. */
const CONCURRENCY = 16;

/** Folders that one query is asked about: each takes 70 of the 262,144 bytes that Athena takes. */
const FOLDERS = 500;

/** Where {@link folderContents} keeps what it has learned. */
export interface ContentsPlace {
    readonly bucket: string;
    readonly prefix: string;
}

/**
 * Makes the function that tells what folders of raw lines hold. What a query has told of a folder is kept under the folder's fingerprint, so
 * that each is asked about once for each state that it is in. A folder may get more between its listing and the query: it then has another
 * fingerprint, and is asked about again.
 */
export function folderContents(
    sdk: typeof S3,
    client: S3.S3Client,
    { bucket, prefix }: ContentsPlace,
    queries: AthenaQueries,
    tables: MergeTables,
) {
    return async (folders: Sources): Promise<ReadonlyMap<Hour, FolderContents>> => {
        const hours = [...folders.keys()];
        const kept = await inParallel(CONCURRENCY, hours, (hour) => read(keyOf(hour, folders)));
        const known = new Map(hours.flatMap((hour, at) => (kept[at] ? [[hour, kept[at]] as const] : [])));
        const unknown = hours.filter((hour) => !known.has(hour));
        for (let from = 0; from < unknown.length; from += FOLDERS) {
            const asked = unknown.slice(from, from + FOLDERS);
            const found = contentsOf(asked, await queries.rows(contentsStatement(tables, asked)));
            await inParallel(CONCURRENCY, asked, (hour) => write(keyOf(hour, folders), found.get(hour)));
            for (const [hour, contents] of found) known.set(hour, contents);
        }
        return known;
    };

    function keyOf(hour: Hour, folders: Sources): string {
        return `${prefix}${nameOfHour(hour)}/${folders.get(hour)}.json`;
    }

    async function read(key: string): Promise<FolderContents | undefined> {
        try {
            const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }));
            return JSON.parse((await Body?.transformToString()) ?? "") as FolderContents;
        } catch (error) {
            if ((error as Error).name === "NoSuchKey") return undefined;
            throw error;
        }
    }

    async function write(key: string, contents: FolderContents | undefined): Promise<void> {
        await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: JSON.stringify(contents) }));
    }
}

/** What the rows of {@link contentsStatement} say of the folders that it was asked about. */
function contentsOf(asked: readonly Hour[], rows: readonly (readonly string[])[]): ReadonlyMap<Hour, FolderContents> {
    const contents = new Map(asked.map((hour) => [hour, { hours: [] as Hour[], malformed: 0 }]));
    for (const [year, month, day, of, happened, lines] of rows) {
        const folder = contents.get(hourOfParts([Number(year), Number(month), Number(day), Number(of)]));
        if (!folder) throw new Error("Athena told of a folder that it was not asked about.");
        if (happened) folder.hours.push(Number(happened));
        else folder.malformed += Number(lines);
    }
    const [empty] = [...contents].filter(([, { hours, malformed }]) => hours.length === 0 && malformed === 0);
    if (empty) throw unreadable(empty[0]);
    return contents;
}

/** To go on would be to meter nobody. */
function unreadable(hour: Hour): Error {
    return new Error(
        `There are objects in the folder ${folderOfHour(hour)}, and Athena reads no line from it. Does the table have partitions for its year?`,
    );
}
