import type { Clock } from "../clock";
import type { StreamConfig } from "./config";
import type { Shard } from "./stream";

/** What a shard takes in a second: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
const RECORDS_PER_SECOND = 1000;
const BYTES_PER_SECOND = 1024 * 1024;

/** Decides whether a shard has room for one more record in this second. */
export interface Limits {
    take(config: StreamConfig, shard: Shard, bytes: number): boolean;
}

/** Shards without limits: a laptop's own are others, and the same load should do the same in each run. */
export const unlimited: Limits = { take: () => true };

/** The limits that the shards of provisioned streams have on AWS. On-demand streams grow, and have none here. */
export function shardLimits(clock: Pick<Clock, "now">): Limits {
    const used = new WeakMap<Shard, { readonly second: number; readonly records: number; readonly bytes: number }>();
    return {
        take({ mode }, shard, bytes) {
            if (mode === "ON_DEMAND") return true;
            const second = Math.floor(clock.now() / 1000);
            const before = used.get(shard);
            const { records, bytes: sum } = before?.second === second ? before : { records: 0, bytes: 0 };
            if (records >= RECORDS_PER_SECOND || sum + bytes > BYTES_PER_SECOND) return false;
            used.set(shard, { second, records: records + 1, bytes: sum + bytes });
            return true;
        },
    };
}
