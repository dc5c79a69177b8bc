import { type Entry, STATUS } from "./manifest";
import type { Snapshot, TableMetadata } from "./metadata";
import { type ManifestEntries, readManifests } from "./snapshot";
import type { TableFiles } from "./table-files";

/** Snapshots that are kept for readers of the past. */
export const KEPT_SNAPSHOTS = 100;

/** Expiry waits until a fifth more have come, so that not every commit has to look for what became unreachable. */
const SLACK = 1.2;

/** Earlier versions of the metadata file that are kept, as Iceberg's `write.metadata.previous-versions-max` has it. */
const KEPT_VERSIONS = 20;

/** Metadata, and the files that its readers no longer need. */
export interface Expired {
    readonly metadata: TableMetadata;
    readonly garbage: readonly string[];
}

/** Leaves the oldest snapshots out when there are too many. On AWS a table's retention optimizer does it. */
export function expireSnapshots(
    files: TableFiles,
    metadata: TableMetadata,
    current: readonly ManifestEntries[],
    most: number,
): Expired {
    if (metadata.snapshots.length <= most * SLACK) return { metadata, garbage: [] };
    const kept = metadata.snapshots.slice(-most);
    const dropped = metadata.snapshots.slice(0, -most);
    const ids = new Set(kept.map((snapshot) => snapshot["snapshot-id"]));
    return {
        metadata: {
            ...metadata,
            snapshots: kept,
            "snapshot-log": metadata["snapshot-log"].filter((entry) => ids.has(entry["snapshot-id"])),
        },
        garbage: unreachable(files, dropped, kept, current),
    };
}

function unreachable(
    files: TableFiles,
    dropped: readonly Snapshot[],
    kept: readonly Snapshot[],
    current: readonly ManifestEntries[],
): readonly string[] {
    const needed = manifestsOf(files, kept, current);
    const old = [...manifestsOf(files, dropped, [...needed.values()])].filter(([path]) => !needed.has(path));
    const live = old.length > 0 ? new Set([...needed.values()].flatMap(livePaths)) : new Set();
    const data = new Set(old.flatMap(([, manifest]) => livePaths(manifest)).filter((path) => !live.has(path)));
    return [...dropped.map((snapshot) => snapshot["manifest-list"]), ...old.map(([path]) => path), ...data];
}

/** Every manifest that some of the snapshots have, by path. */
function manifestsOf(
    files: TableFiles,
    snapshots: readonly Snapshot[],
    known: readonly ManifestEntries[],
): ReadonlyMap<string, ManifestEntries> {
    const found = new Map<string, ManifestEntries>();
    for (const snapshot of snapshots) {
        const manifests = readManifests(files, snapshot, [...known, ...found.values()]);
        for (const each of manifests) found.set(each.manifest.manifest_path, each);
    }
    return found;
}

function livePaths({ entries }: ManifestEntries): readonly string[] {
    return entries.filter((entry: Entry) => entry.status !== STATUS.deleted).map((entry) => entry.data_file.file_path);
}

/** Every file that a reader of the table, now or of a kept snapshot, may open. */
export function reachable(files: TableFiles, metadata: TableMetadata, version: number): ReadonlySet<string> {
    const manifests = manifestsOf(files, metadata.snapshots, []);
    return new Set([
        files.metadataUrl(version),
        ...metadata["metadata-log"].map((entry) => entry["metadata-file"]),
        ...metadata.snapshots.map((snapshot) => snapshot["manifest-list"]),
        ...manifests.keys(),
        ...[...manifests.values()].flatMap(livePaths),
    ]);
}

/** Notes the version that comes before, and forgets the oldest. */
export function logVersion(metadata: TableMetadata, before: { readonly url: string; readonly at: number }): Expired {
    const log = [...metadata["metadata-log"], { "metadata-file": before.url, "timestamp-ms": before.at }];
    return {
        metadata: { ...metadata, "metadata-log": log.slice(-KEPT_VERSIONS) },
        garbage: log.slice(0, -KEPT_VERSIONS).map((entry) => entry["metadata-file"]),
    };
}
