import type { IcebergTables } from "../iceberg";
import { notSupported, placeOfName } from "./reasons";
import { type OpenTable, valuesSql } from "./tables";

/** Iceberg's metadata tables. https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-table-metadata.html */
export function icebergPart(
    iceberg: IcebergTables,
    sql: string,
    location: string,
    name: string,
    part: string,
): Omit<OpenTable, "reader" | "parts"> {
    const scan = iceberg.scan(location);
    const { metadata } = scan;
    const rows: Readonly<Record<string, () => string>> = {
        files: () =>
            valuesSql(
                "content INTEGER, file_path VARCHAR, file_format VARCHAR, record_count BIGINT, file_size_in_bytes BIGINT",
                scan.files.map((file) => [
                    file.content,
                    file.file_path,
                    file.file_format,
                    file.record_count,
                    file.file_size_in_bytes,
                ]),
            ),
        snapshots: () =>
            valuesSql(
                "committed_at TIMESTAMPTZ, snapshot_id BIGINT, parent_id BIGINT, operation VARCHAR, manifest_list VARCHAR",
                metadata.snapshots.map((snapshot) => [
                    new Date(snapshot["timestamp-ms"]).toISOString(),
                    snapshot["snapshot-id"],
                    snapshot["parent-snapshot-id"] ?? null,
                    snapshot.summary.operation,
                    snapshot["manifest-list"],
                ]),
            ),
        history: () => {
            const parents = new Map(
                metadata.snapshots.map((each) => [each["snapshot-id"], each["parent-snapshot-id"]]),
            );
            return valuesSql(
                "made_current_at TIMESTAMPTZ, snapshot_id BIGINT, parent_id BIGINT, is_current_ancestor BOOLEAN",
                metadata["snapshot-log"].map((entry) => [
                    new Date(entry["timestamp-ms"]).toISOString(),
                    entry["snapshot-id"],
                    parents.get(entry["snapshot-id"]) ?? null,
                    true,
                ]),
            );
        },
    };
    if (Object.hasOwn(rows, part)) {
        return { columns: [], keys: [], rows: { kind: "prepared", sql: rows[part]() }, release: scan.release };
    }
    scan.release();
    throw notSupported(`The metadata table "${name}"`, placeOfName(sql, name));
}
