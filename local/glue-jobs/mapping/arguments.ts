import { type HiveType, parseHiveType } from "../../firehose/hive-type";

/** What the script `functions/lake_job.py` does for one column, as its argument `--mapping` says it. */
export interface ColumnMapping {
    readonly sources: readonly string[];
    readonly target: string;
    readonly type: string;
    readonly pii: "keep" | "mask" | "hash";
    readonly required: boolean;
}

/** The script's argument `--mapping`. */
export interface Mapping {
    readonly columns: readonly ColumnMapping[];
    readonly eventId: string;
    readonly eventTime: string;
    readonly years: readonly [first: number, last: number];
}

/** A folder in a bucket. */
export interface Folder {
    readonly bucket: string;
    /** Empty, or with a slash at its end. */
    readonly prefix: string;
}

/** The arguments of the script, read. */
export interface LakeJobArguments {
    readonly mapping: Mapping;
    readonly types: readonly HiveType[];
    readonly source: Folder;
    readonly target: Folder;
    readonly errors: Folder;
    readonly lookbackDays: number;
    readonly secretId: string;
}

const NAMES = ["--mapping", "--source", "--target", "--errors", "--lookback_days", "--secret_id"] as const;

/** Reads a run's arguments; throws what the script would end with. */
export function lakeJobArguments(given: Readonly<Record<string, string>>): LakeJobArguments {
    const missing = NAMES.filter((name) => !given[name]);
    if (missing.length > 0) throw new Error(`The script needs the arguments ${missing.join(", ")}.`);
    const [mapping, source, target, errors, lookback, secretId] = NAMES.map((name) => given[name] as string);
    const lookbackDays = Number(lookback);
    if (!Number.isInteger(lookbackDays) || lookbackDays < 0)
        throw new Error(`"--lookback_days" must be a number of days, not "${lookback}".`);
    const read = mappingIn(mapping);
    return {
        mapping: read,
        types: read.columns.map(typeOf),
        source: folderIn("--source", source),
        target: folderIn("--target", target),
        errors: folderIn("--errors", errors),
        lookbackDays,
        secretId,
    };
}

function mappingIn(text: string): Mapping {
    let mapping: Mapping;
    try {
        mapping = JSON.parse(text) as Mapping;
    } catch {
        throw new Error('"--mapping" must be JSON.');
    }
    for (const role of ["eventId", "eventTime"] as const)
        if (!mapping.columns?.some(({ target }) => target === mapping[role]))
            throw new Error(`"--mapping" names no column for "${role}".`);
    return mapping;
}

function typeOf({ target, type }: ColumnMapping): HiveType {
    const parsed = parseHiveType(type);
    if (parsed) return parsed;
    throw new Error(`"--mapping" gives the column "${target}" the unknown type "${type}".`);
}

function folderIn(name: string, location: string): Folder {
    const [, bucket, prefix = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(location) ?? [];
    if (!bucket) throw new Error(`"${name}" must be a folder in a bucket, s3://bucket/folder/, not "${location}".`);
    return { bucket, prefix: prefix && `${prefix.replace(/\/+$/, "")}/` };
}
