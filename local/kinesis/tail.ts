import type { ShardRecord } from "./frame";

/** Bytes of data that stay in memory, the newest ones. */
const BYTES = 1024 * 1024;

/** What a record counts beside its data, which may be empty. */
const OVERHEAD = 128;

/**
 * The newest records of a shard, in memory. Five consumers of one stream are as a rule where it ends: what they all wait for is neither read
 * from the disk nor decoded five times. A record never changes, so neither does what is here.
 */
export interface Tail {
    /** Adds records that have just been written. */
    add(records: readonly ShardRecord[]): void;
    /** The records from a position on, in groups as they came, of which the first may begin earlier; undefined when the position lies before all. */
    from(position: number): readonly (readonly ShardRecord[])[] | undefined;
    /** Forgets what came before a position, where a group begins. */
    trim(before: number): void;
}

interface Group {
    readonly records: readonly ShardRecord[];
    readonly first: number;
    readonly bytes: number;
}

/** Makes an empty {@link Tail}. */
export function createTail(): Tail {
    const groups: Group[] = [];
    let bytes = 0;
    const shift = () => {
        bytes -= groups.shift()?.bytes ?? 0;
    };

    return {
        add(records) {
            const [first] = records;
            if (!first) return;
            const size = records.reduce((sum, { data }) => sum + data.length + OVERHEAD, 0);
            groups.push({ records, first: first.position, bytes: size });
            bytes += size;
            while (bytes > BYTES) shift();
        },
        from(position) {
            const start = groups.findLastIndex(({ first }) => first <= position);
            return start < 0 ? undefined : groups.slice(start).map(({ records }) => records);
        },
        trim(before) {
            while ((groups[0]?.first ?? before) < before) shift();
        },
    };
}
