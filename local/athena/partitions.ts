import { type DuckSession, identifier, literal } from "../duck";
import type { TableInputs } from "../glue/catalog";
import { openPartitions } from "../glue/partitions";
import { parseS3Url } from "../iceberg/table-files";
import type { Caller, Services } from "../services";
import { equalValues, implied } from "./filter";
import { type Reading, selectWhere, type TypedColumn } from "./plan";
import { type ProjectedKey, projectionOf } from "./projection";
import { queryError } from "./reasons";
import { objectsBelow } from "./tables";

/** A file of a table. */
export interface TableFile {
    /** Its path on disk. */
    readonly path: string;
    readonly size: number;
    /** Values of its partition, as the folders spell them. */
    readonly values: readonly string[];
}

type FileServices = Pick<Services, "clock" | "iam" | "place" | "s3">;

interface Folder {
    readonly location: string;
    readonly values: readonly string[];
}

/** Folders that are listed one by one. More of them are found by listing the folder that holds them all. */
const FEW = 48;

/** The files of a table that a query has to read: those of the partitions that its conditions leave over. */
export async function filesOf(
    services: FileServices,
    session: DuckSession,
    caller: Caller,
    table: TableInputs,
    keys: readonly TypedColumn[],
    reading: Reading,
): Promise<readonly TableFile[]> {
    if (!reading.isRead) return [];
    const location = table.storageDescriptor?.location ?? "";
    if (keys.length === 0) return await listed(services, caller, { location, values: [] });
    const folders = await foldersOf(services, session, table, keys, reading);
    const below = `${location.replace(/\/+$/, "")}/`;
    for (const folder of folders) {
        // A partition may lie anywhere; who may read the table's folder need not be let in there.
        if (!folder.location.startsWith(below))
            services.iam.authorize(caller, "s3:GetObject", objectsBelow(folder.location));
    }
    if (folders.length <= FEW) {
        const all = await Promise.all(folders.map((folder) => listed(services, caller, folder)));
        return all.flat();
    }
    return await listedTogether(services, caller, folders);
}

/** The partitions' folders, worked out or registered, that may hold rows that the query needs. */
async function foldersOf(
    { clock, place }: FileServices,
    session: DuckSession,
    table: TableInputs,
    keys: readonly TypedColumn[],
    reading: Reading,
): Promise<readonly Folder[]> {
    const names = new Set(keys.map(({ name }) => name));
    const condition = reading.condition && implied(reading.condition, (name) => (names.has(name) ? name : undefined));
    const projection = projectionOf(table, clock.now());
    if (!projection) {
        const known = openPartitions(place).of(table.databaseName, table.name);
        const values = keys.map((_, at) => `unnest(${textList(known.map((each) => each.values[at]))}) AS v${at}`);
        const source = `SELECT unnest(range(${known.length})) AS at, ${values.join(", ")}`;
        const left = await leftOver(session, source, keys, condition);
        return left.map(({ at }) => known[Number(at)]);
    }
    const lists = projection.keys.map((key, at) => injected(key, keys[at].name, condition));
    const product = lists.map((list, at) => `(SELECT unnest(${textList(list)}) AS v${at})`).join(", ");
    const left = await leftOver(session, `SELECT * FROM ${product}`, keys, condition);
    return left.map((row) => {
        const values = keys.map((_, at) => String(row[`v${at}`]));
        return { values, location: projection.location(values) };
    });
}

function injected(key: ProjectedKey, name: string, condition: Reading["condition"]): readonly string[] {
    if (key !== "injected") return key;
    const values = equalValues(condition, name);
    if (values) return values;
    throw queryError(
        "CONSTRAINT_VIOLATION",
        `For the injected projected partition column ${name}, the WHERE clause must contain only static equality conditions, and at least one such condition must be present.`,
    );
}

/** What Hive writes for a value that is NULL. */
export const NULL_FOLDER = "__HIVE_DEFAULT_PARTITION__";

/** SQL of a partition's value as its column has it. */
export function valueSql(text: string, type: string): string {
    return `TRY_CAST(nullif(${text}, ${literal(NULL_FOLDER)}) AS ${type})`;
}

/** The partitions that a condition leaves over. One that cannot be judged leaves all of them: the query itself will tell what is wrong. */
async function leftOver(
    session: DuckSession,
    source: string,
    keys: readonly TypedColumn[],
    condition: Reading["condition"],
): Promise<readonly Record<string, unknown>[]> {
    const typed = keys.map(({ name, type }, at) => `${valueSql(`v${at}`, type)} AS ${identifier(name)}`);
    const all = `SELECT *, ${typed.join(", ")} FROM (${source})`;
    if (!condition) return await session.query(all);
    await session.query(`CREATE OR REPLACE TEMP VIEW __partitions AS ${all}`);
    const where = await selectWhere(session, "__partitions", condition);
    return await session.query(where).catch(() => session.query(all));
}

function textList(texts: readonly string[]): string {
    return `[${texts.map(literal).join(", ")}]::VARCHAR[]`;
}

async function listed({ s3 }: FileServices, caller: Caller, { location, values }: Folder): Promise<TableFile[]> {
    const { bucket, key } = parseS3Url(location);
    const objects = await s3.listObjects(caller, bucket, folderKey(key));
    return objects.filter(isData).map((object) => ({ path: s3.file(bucket, object.key), size: object.size, values }));
}

/** Lists what the folders have in common, and tells the objects apart by their folders. */
async function listedTogether(
    services: FileServices,
    caller: Caller,
    folders: readonly Folder[],
): Promise<TableFile[]> {
    const files: TableFile[] = [];
    const byBucket = Map.groupBy(
        folders.map((folder) => ({ ...parseS3Url(folder.location), folder })),
        ({ bucket }) => bucket,
    );
    for (const [bucket, all] of byBucket) {
        const byKey = new Map(all.map(({ key, folder }) => [folderKey(key), folder]));
        const objects = await services.s3.listObjects(caller, bucket, commonPrefix([...byKey.keys()]));
        for (const object of objects.filter(isData)) {
            for (let end = object.key.lastIndexOf("/"); end > 0; end = object.key.lastIndexOf("/", end - 1)) {
                const folder = byKey.get(object.key.slice(0, end + 1));
                if (!folder) continue;
                files.push({ path: services.s3.file(bucket, object.key), size: object.size, values: folder.values });
            }
        }
    }
    return files;
}

function commonPrefix(keys: readonly string[]): string {
    let prefix = keys[0];
    for (const key of keys) while (!key.startsWith(prefix)) prefix = prefix.slice(0, -1);
    return prefix.slice(0, prefix.lastIndexOf("/") + 1);
}

function folderKey(key: string): string {
    return key === "" || key.endsWith("/") ? key : `${key}/`;
}

/** Hive sees no object whose name begins with a dot or an underscore. */
function isData({ key, size }: { readonly key: string; readonly size: number }): boolean {
    return size > 0 && !/(^|\/)[._][^/]*$/.test(key);
}
