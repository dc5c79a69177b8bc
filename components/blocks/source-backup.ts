import { folderOf } from "./error-prefix";
import { group, integer } from "./options";

/** Where in a bucket lies a copy of every record as its producer sent it, by the hour of its arrival. */
export const SOURCE_PREFIX = "source/!{timestamp:yyyy/MM/dd/HH}/";

const SOURCE = folderOf(SOURCE_PREFIX);

/** Firehose knows no shorter interval for a backup. https://docs.aws.amazon.com/firehose/latest/dev/create-configure-backup.html */
export const SOURCE_INTERVAL = 60;

/** A copy of what a delivery stream gets, before its function sees it, kept for some days. */
export interface SourceBackup {
    readonly retentionDays: number;
}

/**
 * Whether what comes is kept as it came, and for how many days: a function that drops or changes records cannot lose them then. Only where
 * Firehose delivers to a bucket: to Iceberg tables it "currently only supports" a backup of what failed.
 * https://docs.aws.amazon.com/firehose/latest/APIReference/API_IcebergDestinationConfiguration.html
 */
export const sourceBackupOptions = group({ retentionDays: integer(1, 3_650, "days").default(30) }).optional();

/** The bucket's folders that are a backup, with the days after which they are emptied. */
export function sourceExpiry(backup: SourceBackup | undefined): Readonly<Record<string, number>> {
    return backup ? { [SOURCE]: backup.retentionDays } : {};
}
