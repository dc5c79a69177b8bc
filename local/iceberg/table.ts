import type { Clock } from "../clock";
import type { DuckEngine } from "../duck";
import type { Resources } from "../resources";
import type { S3 } from "../services";
import { expireSnapshots, KEPT_SNAPSHOTS, logVersion, reachable } from "./expiry";
import { currentSnapshot, type TableMetadata } from "./metadata";
import { type Commit, nextState, readManifests, type TableState } from "./snapshot";
import { type TableFiles, tableFiles } from "./table-files";

/** What a table is kept with. */
export interface TableTools {
    readonly duck: DuckEngine;
    readonly s3: Pick<S3, "file">;
    readonly clock: Clock;
    readonly resources: Resources;
    randomHex(digits: number): string;
    /** Snapshots that are kept for readers of the past. @default 100 */
    readonly keptSnapshots?: number;
    /** Called before each step of a commit: a test kills the writer there. */
    onStep?(step: "batch" | "files" | "manifests" | "metadata" | "pointer" | "done"): void;
}

/** One table: its files, its current state, and one writer at a time. */
export interface Table {
    readonly files: TableFiles;
    /** The state that a reader sees, or undefined when there is no table at the location. */
    state(): TableState | undefined;
    /** Runs writers one after another. */
    exclusively<T>(work: () => Promise<T>): Promise<T>;
    /** Makes a change the current state. Only inside `exclusively`. */
    commit(state: TableState, commit: Commit): TableState;
    /** Makes metadata without a new snapshot the current state: a new table, or a new schema. Only inside `exclusively`. */
    replaceMetadata(state: TableState | undefined, metadata: TableMetadata): TableState;
    /** Keeps the files of the present state until the reader lets go. */
    lease(): () => void;
}

/** Milliseconds for which files stay that no snapshot has any more, for readers that hold no lease. */
const GRACE_MS = 60_000;

/** Opens the table at a location. What an earlier process left unfinished is swept away on first use. */
export function openTable(tools: TableTools, location: string): Table {
    const files = tableFiles(tools.s3, location);
    const { clock, randomHex, keptSnapshots = KEPT_SNAPSHOTS } = tools;
    const garbage = garbageOf(files, clock);
    let cached: TableState | undefined;
    let queue: Promise<unknown> = Promise.resolve();
    const step = (name: Parameters<NonNullable<TableTools["onStep"]>>[0]) => tools.onStep?.(name);

    const state = () => {
        const version = files.version();
        if (version === undefined) cached = undefined;
        else if (cached?.version !== version) cached = load(files, version, cached);
        return cached;
    };
    const publish = (before: TableState | undefined, next: TableState, unneeded: readonly string[]) => {
        const logged = before
            ? logVersion(next.metadata, {
                  url: files.metadataUrl(before.version),
                  at: before.metadata["last-updated-ms"],
              })
            : { metadata: next.metadata, garbage: [] };
        step("metadata");
        files.write(files.metadataUrl(next.version), JSON.stringify(logged.metadata));
        step("pointer");
        files.point(next.version);
        cached = { ...next, metadata: logged.metadata };
        garbage.add([...unneeded, ...logged.garbage]);
        garbage.sweep();
        step("done");
        return cached;
    };
    return {
        files,
        state,
        exclusively<T>(work: () => Promise<T>) {
            const turn = queue.then(work);
            queue = turn.catch(() => undefined);
            return turn;
        },
        commit(before, commit) {
            step("manifests");
            const next = nextState(files, before, commit, { now: clock.now(), randomHex });
            const expired = expireSnapshots(files, next.metadata, next.manifests, keptSnapshots);
            return publish(before, { ...next, metadata: expired.metadata }, expired.garbage);
        },
        replaceMetadata: (before, metadata) =>
            publish(before, { version: (before?.version ?? 0) + 1, metadata, manifests: before?.manifests ?? [] }, []),
        lease: garbage.lease,
    };
}

function load(files: TableFiles, version: number, known: TableState | undefined): TableState {
    const metadata = files.metadata(version);
    const manifests = readManifests(files, currentSnapshot(metadata), known?.manifests);
    // Nobody reads the table through this process yet, so whatever is not reachable is what a killed writer left.
    if (!known) sweep(files, metadata, version);
    return { version, metadata, manifests };
}

function sweep(files: TableFiles, metadata: TableMetadata, version: number): void {
    const needed = reachable(files, metadata, version);
    for (const url of files.list()) if (!needed.has(url)) files.remove(url);
}

/** Files that no snapshot has any more. They go when the readers of that time are done and the grace is over. */
function garbageOf(files: TableFiles, clock: Clock) {
    const leases = new Set<number>();
    let waiting: { readonly url: string; readonly lease: number; readonly at: number }[] = [];
    let nextLease = 0;
    return {
        lease() {
            const lease = nextLease++;
            leases.add(lease);
            return () => void leases.delete(lease);
        },
        add(urls: readonly string[]) {
            waiting.push(...urls.map((url) => ({ url, lease: nextLease, at: clock.now() })));
        },
        sweep() {
            const oldest = Math.min(Number.POSITIVE_INFINITY, ...leases);
            const due = (file: { lease: number; at: number }) =>
                file.lease <= oldest && clock.now() - file.at >= GRACE_MS;
            for (const file of waiting) if (due(file)) files.remove(file.url);
            waiting = waiting.filter((file) => !due(file));
        },
    };
}
