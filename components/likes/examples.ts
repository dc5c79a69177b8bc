import type * as z from "zod";
import type { likesOptions } from "./options";

/** Options for typical uses, by what they are for. Between them they try every mode; tests of the whole program go through all. */
export const examples: Readonly<Record<string, z.input<typeof likesOptions>>> = {
    "the defaults": {},
    "a history of each thing": {
        table: { partitionKey: { name: "post" }, sortKey: { name: "at", type: "number" } },
        prefix: "raw/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/",
    },
    "counted by number": {
        table: { partitionKey: { name: "id", type: "number" }, sortKey: { name: "kind" } },
    },
    "every record kept as it came": { sourceBackup: {} },
    "as fast as can be": {
        buffer: { intervalSeconds: 0, sizeMiB: 1 },
        writer: { intervalSeconds: 0, sizeMiB: 0.2, retries: 0 },
    },
};
