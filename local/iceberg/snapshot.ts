import * as fs from "node:fs";
import { fromAvro, toAvro } from "./avro";
import { type DataFile, type Entry, MANIFEST_LIST_SCHEMA, type Manifest, manifestSchema, STATUS } from "./manifest";
import { currentSchema, currentSnapshot, currentSpec, type Snapshot, type TableMetadata } from "./metadata";
import { type Changes, summaryOf } from "./summary";
import type { TableFiles } from "./table-files";

/** A table as its current snapshot has it. */
export interface TableState {
    readonly version: number;
    readonly metadata: TableMetadata;
    readonly manifests: readonly ManifestEntries[];
}

/** A manifest with what it lists. */
export interface ManifestEntries {
    readonly manifest: Manifest;
    readonly entries: readonly Entry[];
}

/** A manifest that is still to be written. */
interface Draft {
    readonly content: 0 | 1;
    readonly entries: readonly Entry[];
}

/** A change of a table's content, to become one snapshot. */
export interface Commit extends Changes {
    readonly operation: "append" | "overwrite" | "delete" | "replace";
    /** The writer's own properties. */
    readonly summary: Readonly<Record<string, string>>;
}

/** What a commit needs besides the table. */
export interface CommitTools {
    readonly now: number;
    randomHex(digits: number): string;
}

/** More manifests than this are merged into one, or every reader would open them all. */
const MOST_MANIFESTS = 100;

/** Reads the manifests of a snapshot, those that are known already from memory. */
export function readManifests(
    files: TableFiles,
    snapshot: Snapshot | undefined,
    known: readonly ManifestEntries[] = [],
): readonly ManifestEntries[] {
    if (!snapshot) return [];
    const list = fromAvro<Manifest>(fs.readFileSync(files.file(snapshot["manifest-list"])));
    const byPath = new Map(known.map((each) => [each.manifest.manifest_path, each]));
    return list.map((manifest) => byPath.get(manifest.manifest_path) ?? readManifest(files, manifest));
}

function readManifest(files: TableFiles, manifest: Manifest): ManifestEntries {
    const entries = fromAvro<Entry>(fs.readFileSync(files.file(manifest.manifest_path)));
    return { manifest, entries };
}

/** The files that a state's readers read. */
export function liveEntries(state: Pick<TableState, "manifests">): readonly Entry[] {
    return state.manifests.flatMap(({ entries }) => entries.filter((entry) => entry.status !== STATUS.deleted));
}

/** Writes the manifests, the manifest list and gives the next state, which nothing points to yet. */
export function nextState(files: TableFiles, state: TableState, commit: Commit, tools: CommitTools): TableState {
    const { metadata } = state;
    const id = newSnapshotId(tools);
    const sequence = metadata["last-sequence-number"] + 1;
    const writer = manifestWriter(files, metadata, { id, sequence, tools });
    const drafts = [...addedDrafts(commit.added, id, sequence), ...withoutRemoved(state.manifests, commit.removed, id)];
    const manifests = merged(drafts, id).map((draft) => ("manifest" in draft ? draft : writer.write(draft)));
    const parent = currentSnapshot(metadata);
    const snapshot: Snapshot = {
        "snapshot-id": id,
        ...(parent && { "parent-snapshot-id": parent["snapshot-id"] }),
        "sequence-number": sequence,
        "timestamp-ms": Math.max(tools.now, metadata["last-updated-ms"]),
        "manifest-list": writer.writeList(manifests, parent),
        summary: summaryOf(commit.operation, commit, parent?.summary ?? {}, commit.summary),
        "schema-id": metadata["current-schema-id"],
    };
    return { version: state.version + 1, metadata: withSnapshot(metadata, snapshot), manifests };
}

function withSnapshot(metadata: TableMetadata, snapshot: Snapshot): TableMetadata {
    const id = snapshot["snapshot-id"];
    return {
        ...metadata,
        "last-sequence-number": snapshot["sequence-number"],
        "last-updated-ms": snapshot["timestamp-ms"],
        "current-snapshot-id": id,
        snapshots: [...metadata.snapshots, snapshot],
        "snapshot-log": [...metadata["snapshot-log"], { "snapshot-id": id, "timestamp-ms": snapshot["timestamp-ms"] }],
        refs: { main: { "snapshot-id": id, type: "branch" } },
    };
}

/** Random, positive, and exact as a JavaScript number. */
function newSnapshotId(tools: CommitTools): number {
    return Number.parseInt(tools.randomHex(13), 16) + 1;
}

function addedEntry(id: number, sequence: number, file: DataFile): Entry {
    return {
        status: STATUS.added,
        snapshot_id: id,
        sequence_number: sequence,
        file_sequence_number: sequence,
        data_file: file,
    };
}

function addedDrafts(added: readonly DataFile[], id: number, sequence: number): readonly Draft[] {
    return ([0, 1] as const)
        .map((content) => ({
            content,
            entries: added.filter((file) => file.content === content).map((file) => addedEntry(id, sequence, file)),
        }))
        .filter(({ entries }) => entries.length > 0);
}

/** The manifests without some files: one that listed any of them is to be written anew. */
function withoutRemoved(
    manifests: readonly ManifestEntries[],
    removed: readonly DataFile[],
    id: number,
): readonly (ManifestEntries | Draft)[] {
    const gone = new Set(removed.map((file) => file.file_path));
    return manifests.filter(listsFiles).map((each) => {
        if (gone.size === 0 || !each.entries.some((entry) => gone.has(entry.data_file.file_path))) return each;
        const live = each.entries.filter((entry) => entry.status !== STATUS.deleted);
        return {
            content: each.manifest.content,
            entries: live.map((entry) => (gone.has(entry.data_file.file_path) ? deleted(entry, id) : existing(entry))),
        };
    });
}

/** A manifest that lists only what an earlier snapshot removed says nothing to a later one. */
function listsFiles({ entries }: ManifestEntries): boolean {
    return entries.some((entry) => entry.status !== STATUS.deleted);
}

function existing(entry: Entry): Entry {
    return { ...entry, status: STATUS.existing };
}

function deleted(entry: Entry, id: number): Entry {
    return { ...entry, status: STATUS.deleted, snapshot_id: id };
}

/** One manifest for data and one for deletes, when there are too many. What this snapshot itself adds and removes keeps its status. */
function merged(drafts: readonly (ManifestEntries | Draft)[], id: number): readonly (ManifestEntries | Draft)[] {
    if (drafts.length <= MOST_MANIFESTS) return drafts;
    const mine = (entry: Entry) => entry.snapshot_id === id && entry.status !== STATUS.existing;
    const entries = drafts
        .flatMap((draft) => draft.entries)
        .filter((entry) => entry.status !== STATUS.deleted || mine(entry))
        .map((entry) => (mine(entry) ? entry : existing(entry)));
    return ([0, 1] as const)
        .map((content) => ({ content, entries: entries.filter((entry) => entry.data_file.content === content) }))
        .filter((draft) => draft.entries.length > 0);
}

function manifestWriter(
    files: TableFiles,
    metadata: TableMetadata,
    { id, sequence, tools }: { id: number; sequence: number; tools: CommitTools },
) {
    const spec = currentSpec(metadata);
    const schema = currentSchema(metadata);
    const sync = () => Buffer.from(tools.randomHex(32), "hex");
    const name = () => `${files.location}/metadata/${uuid(tools.randomHex(32))}`;
    return {
        write({ content, entries }: Draft): ManifestEntries {
            const metadataOfFile = {
                schema: JSON.stringify(schema),
                "schema-id": String(schema["schema-id"]),
                "partition-spec": JSON.stringify(spec.fields),
                "partition-spec-id": String(spec["spec-id"]),
                "format-version": "2",
                content: content === 0 ? "data" : "deletes",
            };
            const url = `${name()}-m0.avro`;
            const size = files.write(url, toAvro(manifestSchema(schema, spec.fields), metadataOfFile, entries, sync()));
            return {
                manifest: manifestOf({ url, size, spec: spec["spec-id"], content, sequence, id }, entries),
                entries,
            };
        },
        writeList(manifests: readonly ManifestEntries[], parent: Snapshot | undefined): string {
            const url = `${files.location}/metadata/snap-${id}-1-${uuid(tools.randomHex(32))}.avro`;
            const metadataOfFile = {
                "snapshot-id": String(id),
                "parent-snapshot-id": String(parent?.["snapshot-id"] ?? "null"),
                "sequence-number": String(sequence),
                "format-version": "2",
            };
            const list = manifests.map(({ manifest }) => manifest);
            files.write(url, toAvro(MANIFEST_LIST_SCHEMA, metadataOfFile, list, sync()));
            return url;
        },
    };
}

/** Hex digits as a UUID of version 4. */
export function uuid(hex: string): string {
    const variant = "89ab"[Number.parseInt(hex[16], 16) & 3];
    return [
        hex.slice(0, 8),
        hex.slice(8, 12),
        `4${hex.slice(13, 16)}`,
        variant + hex.slice(17, 20),
        hex.slice(20, 32),
    ].join("-");
}

function manifestOf(
    own: { url: string; size: number; spec: number; content: 0 | 1; sequence: number; id: number },
    entries: readonly Entry[],
): Manifest {
    const having = (status: number) => entries.filter((entry) => entry.status === status);
    const rows = (status: number) => having(status).reduce((sum, entry) => sum + entry.data_file.record_count, 0);
    const live = entries.filter((entry) => entry.status !== STATUS.deleted);
    return {
        manifest_path: own.url,
        manifest_length: own.size,
        partition_spec_id: own.spec,
        content: own.content,
        sequence_number: own.sequence,
        min_sequence_number: Math.min(own.sequence, ...live.map((entry) => entry.sequence_number)),
        added_snapshot_id: own.id,
        added_files_count: having(STATUS.added).length,
        existing_files_count: having(STATUS.existing).length,
        deleted_files_count: having(STATUS.deleted).length,
        added_rows_count: rows(STATUS.added),
        existing_rows_count: rows(STATUS.existing),
        deleted_rows_count: rows(STATUS.deleted),
    };
}
