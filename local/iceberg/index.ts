import * as fs from "node:fs";
import * as path from "node:path";
import { serviceError } from "../errors";
import type { Iceberg, IcebergWrite, Place } from "../services";
import { loadBatch } from "./batch";
import { writeDataFiles } from "./data-files";
import type { Rejected } from "./documents";
import { maintenanceOf } from "./maintenance";
import type { DataFile } from "./manifest";
import {
    currentOrder,
    currentSchema,
    currentSnapshot,
    currentSpec,
    evolved,
    newMetadata,
    type TableInput,
    type TableMetadata,
} from "./metadata";
import { deleteOlderRows, settleBatch } from "./replace";
import { liveFiles, scanSql } from "./scan";
import { liveEntries, type TableState, uuid } from "./snapshot";
import { openTable, type Table, type TableTools } from "./table";
import { BUCKET_FUNCTION, bucketHash } from "./transforms";
import type { Field } from "./types";

export type { TableInput, TableMetadata } from "./metadata";

/** A table as a query reads it. */
export interface Scan {
    /** SQL of a query that gives the rows, columns named as in the schema. */
    readonly sql: string;
    /** Size of the files that hold the rows and their deletions. */
    readonly bytes: number;
    readonly metadata: TableMetadata;
    /** The files that hold the rows and their deletions. */
    readonly files: readonly DataFile[];
    /** Lets go of the files: until then, none of them is removed. */
    release(): void;
}

/** A batch whose writer wants to note what was left out before the snapshot becomes visible, so that no kill can come between the two. */
export interface ReportedWrite extends IcebergWrite {
    beforeCommit?(rejected: readonly Rejected[]): Promise<void>;
}

/** {@link Iceberg} with what the catalog and the queries need. */
export interface IcebergTables extends Iceberg {
    write(location: string, write: ReportedWrite): ReturnType<Iceberg["write"]>;
    /** Makes the table, empty, or brings the schema of the one that is there up to the input. */
    create(input: TableInput): Promise<void>;
    /** Ends the table. Its files stay, as on AWS, where they belong to the bucket. */
    drop(location: string): Promise<void>;
    /** The table's metadata and its place, or undefined when there is no table. */
    describe(location: string): { readonly metadata: TableMetadata; readonly metadataLocation: string } | undefined;
    /** Opens the table's present rows for reading. */
    scan(location: string): Scan;
    /** Resolves when no table is being compacted. */
    idle(): Promise<void>;
}

/** Makes the keeper of Iceberg v2 tables: the files that it writes are those that any other engine reads. */
export function createIceberg(services: TableTools & { readonly place: Pick<Place, "data"> }): IcebergTables {
    const tables = new Map<string, Table>();
    const tableAt = (location: string) => {
        const at = location.replace(/\/+$/, "");
        const table = tables.get(at) ?? openTable(services, at);
        tables.set(at, table);
        return table;
    };
    const maintenance = maintenanceOf(services);
    const scratch = () => {
        const folder = path.join(services.place.data, "duck");
        fs.mkdirSync(folder, { recursive: true });
        return path.join(folder, `${services.randomHex(16)}.ndjson`);
    };
    return {
        create: (input) =>
            tableAt(input.location).exclusively(async () => {
                const table = tableAt(input.location);
                const state = table.state();
                const now = services.clock.now();
                const metadata = state
                    ? evolved(state.metadata, input, now)
                    : newMetadata(input, uuid(services.randomHex(32)), now);
                if (metadata) table.replaceMetadata(state, metadata);
            }),
        drop: (location) => tableAt(location).exclusively(async () => tableAt(location).files.unpoint()),
        describe(location) {
            const table = tableAt(location);
            const state = table.state();
            return state && { metadata: state.metadata, metadataLocation: table.files.metadataUrl(state.version) };
        },
        async write(location, write) {
            const table = tableAt(location);
            const written = await table.exclusively(() => writeBatch(services, table, write, scratch()));
            maintenance.after(table);
            return written;
        },
        idle: () => maintenance.idle(),
        async summary(location, name) {
            const state = tableAt(location).state();
            return state && currentSnapshot(state.metadata)?.summary[name];
        },
        scan(location) {
            const table = tableAt(location);
            const state = existing(table);
            const live = liveFiles(liveEntries(state));
            const files = [...live.data, ...live.deletes];
            return {
                sql: scanSql(table.files, currentSchema(state.metadata), live),
                bytes: files.reduce((sum, file) => sum + file.file_size_in_bytes, 0),
                files,
                metadata: state.metadata,
                release: table.lease(),
            };
        },
    };
}

function existing(table: Table): TableState {
    const state = table.state();
    if (state) return state;
    throw serviceError("EntityNotFoundException", `There is no Iceberg table at ${table.files.location}.`);
}

/** One batch, one snapshot. Rows lie in files that nothing points to until the last step. */
async function writeBatch(
    services: TableTools,
    table: Table,
    write: ReportedWrite,
    rewritten: string,
): ReturnType<Iceberg["write"]> {
    const state = existing(table);
    const { metadata } = state;
    const keys = keyFields(metadata, write.uniqueKeys);
    services.onStep?.("batch");
    if (usesBuckets(metadata)) await services.duck.define(BUCKET_FUNCTION, bucketHash);
    return await services.duck.session(async (session) => {
        const batch = await loadBatch(session, currentSchema(metadata), { ...write, rewritten }).finally(() =>
            fs.rmSync(rewritten, { force: true }),
        );
        const writer = { session, files: table.files, metadata, randomHex: services.randomHex };
        services.onStep?.("files");
        const added: DataFile[] = [];
        if (batch.replaces) {
            await settleBatch(session, keys);
            added.push(...(await deleteOlderRows(writer, keys, liveFiles(liveEntries(state)))));
        }
        const deletes = added.length;
        if (batch.accepted > 0) added.push(...(await writeDataFiles(writer, "batch")));
        await write.beforeCommit?.(batch.rejected);
        if (added.length > 0 || write.summary) {
            const operation = deletes === 0 ? "append" : added.length === deletes ? "delete" : "overwrite";
            table.commit(state, { operation, added, removed: [], summary: write.summary ?? {} });
        }
        return { rows: batch.accepted, rejected: batch.rejected };
    });
}

function keyFields(metadata: TableMetadata, names: readonly string[]): readonly Field[] {
    return names.map((name) => {
        const field = currentSchema(metadata).fields.find((candidate) => candidate.name === name);
        if (field && typeof field.type === "string") return field;
        throw serviceError(
            "InvalidArgumentException",
            `The unique key "${name}" is not a column of the table at ${metadata.location} that can be compared.`,
        );
    });
}

function usesBuckets(metadata: TableMetadata): boolean {
    const transforms = [...currentSpec(metadata).fields, ...currentOrder(metadata).fields].map(
        (part) => part.transform,
    );
    return transforms.some((transform) => transform.startsWith("bucket["));
}
