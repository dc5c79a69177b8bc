import * as z from "zod";
import { errorOptions, processorOptions } from "../blocks/option-groups";
import { choice, group, integer, text } from "../blocks/options";
import { sourceBackupOptions } from "../blocks/source-backup";
import { likes } from "./dataset";

const attribute = text(
    /^[A-Za-z][A-Za-z0-9_.-]{0,254}$/,
    "an attribute's name: a letter, then up to 254 letters, digits, _, . and -",
);
const type = choice("string", "number").default("string");

/** What config may say about a likes pipeline: ranges, units and defaults. */
export const likesOptions = group({
    /** By which attributes items are told apart and found. A change replaces the table. */
    table: group({
        partitionKey: group({ name: attribute.default(likes.key[0]), type }).prefault({}),
        sortKey: group({ name: attribute, type }).optional(),
    }).prefault({}),
    /** The function that writes every record to the table. */
    writer: processorOptions({ sizeMiB: 0.5 }),
    /** When Firehose writes an object with what the function passed on. */
    buffer: group({
        intervalSeconds: integer(0, 900, "seconds").default(300),
        sizeMiB: integer(1, 128, "MiB").default(5),
    }).prefault({}),
    /** Where in the bucket lies what was written to the table, one JSON document per line, by the time of its arrival. */
    prefix: z.string("a text").default(`${likes.name}/!{timestamp:yyyy/MM/dd/HH}/`),
    sourceBackup: sourceBackupOptions,
    errors: errorOptions,
    alarms: group({
        /** How old the oldest record may be that is not in the bucket yet. */
        freshnessSeconds: integer(60, 86_400, "seconds").default(900),
        /** Records in five minutes that were not written to the table; at most 20 of a call are counted. */
        failedRecords: integer(1, 1_000_000, "records").default(1),
    }).prefault({}),
});

/** Options of a likes pipeline, defaults filled in. */
export type LikesOptions = z.output<typeof likesOptions>;
