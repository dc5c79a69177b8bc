import type { DataFile } from "./manifest";

/** What a commit adds to a table and takes from it. */
export interface Changes {
    readonly added: readonly DataFile[];
    readonly removed: readonly DataFile[];
}

type Summary = Readonly<Record<string, string>>;

/** Names of the counts in a summary: everything else is a writer's own. https://iceberg.apache.org/spec/#optional-snapshot-summary-fields */
const COUNTS = /^(operation|(added|deleted|removed|total)-.+|changed-partition-count|manifests-.+|entries-processed)$/;

const isData = (file: DataFile) => file.content === 0;
const isDeletes = (file: DataFile) => file.content === 1;
const rows = (files: readonly DataFile[]) => files.reduce((sum, file) => sum + file.record_count, 0);
const bytes = (files: readonly DataFile[]) => files.reduce((sum, file) => sum + file.file_size_in_bytes, 0);

/**
 * The summary of a snapshot: what changed, the totals, and the writer's own properties. Those of earlier snapshots are carried on, so that each
 * writer finds its own however many others have committed since, and after its snapshots have expired.
 */
export function summaryOf(operation: string, changes: Changes, previous: Summary, own: Summary): Summary {
    const carried = Object.entries(previous).filter(([name]) => !COUNTS.test(name));
    return { operation, ...counts(changes), ...totals(changes, previous), ...Object.fromEntries(carried), ...own };
}

function counts({ added, removed }: Changes): Summary {
    const partitions = new Set(
        [...added, ...removed].map((file) => JSON.stringify(Object.entries(file.partition), text)),
    );
    const values: readonly (readonly [string, number])[] = [
        ["added-data-files", added.filter(isData).length],
        ["added-records", rows(added.filter(isData))],
        ["added-files-size", bytes(added)],
        ["added-delete-files", added.filter(isDeletes).length],
        ["added-position-delete-files", added.filter(isDeletes).length],
        ["added-position-deletes", rows(added.filter(isDeletes))],
        ["deleted-data-files", removed.filter(isData).length],
        ["deleted-records", rows(removed.filter(isData))],
        ["removed-files-size", bytes(removed)],
        ["removed-delete-files", removed.filter(isDeletes).length],
        ["removed-position-delete-files", removed.filter(isDeletes).length],
        ["removed-position-deletes", rows(removed.filter(isDeletes))],
    ];
    return {
        ...Object.fromEntries(values.filter(([, value]) => value > 0).map(([name, value]) => [name, String(value)])),
        "changed-partition-count": String(partitions.size),
    };
}

/** Big integers are no JSON. */
function text(_key: string, value: unknown): unknown {
    return typeof value === "bigint" ? String(value) : value;
}

function totals({ added, removed }: Changes, previous: Summary): Summary {
    const total = (name: string, measure: (files: readonly DataFile[]) => number) =>
        [name, String(Number(previous[name] ?? 0) + measure(added) - measure(removed))] as const;
    return Object.fromEntries([
        total("total-records", (files) => rows(files.filter(isData))),
        total("total-files-size", bytes),
        total("total-data-files", (files) => files.filter(isData).length),
        total("total-delete-files", (files) => files.filter(isDeletes).length),
        total("total-position-deletes", (files) => rows(files.filter(isDeletes))),
        total("total-equality-deletes", () => 0),
    ]);
}
