import { type Frame, type LoggedRecord, recordsIn } from "../records/frame";

/** Bytes of frames that stay in memory, the newest ones. */
const BYTES = 1024 * 1024;

/** A frame, and its records, which are decoded when somebody first asks for them. */
export interface KeptFrame {
    readonly frame: Frame;
    records(): readonly LoggedRecord[];
}

/**
 * The newest records of a shard, in memory. Five consumers of one stream are as a rule where it ends: what they all wait for is neither read
 * from the disk nor decoded five times. A record never changes, so neither does what is here.
 */
export interface Tail {
    /** Adds a frame that has just been written. */
    add(frame: Frame): void;
    /** The frames from a position on, of which the first may begin earlier; undefined when the position lies before all. */
    from(position: number): readonly KeptFrame[] | undefined;
    /** Forgets what came before a position, where a frame begins. */
    trim(before: number): void;
}

/** Makes an empty {@link Tail}. */
export function createTail(): Tail {
    const kept: KeptFrame[] = [];
    let bytes = 0;
    const shift = () => {
        bytes -= kept.shift()?.frame.bytes.length ?? 0;
    };

    return {
        add(frame) {
            kept.push(keptFrame(frame));
            bytes += frame.bytes.length;
            while (bytes > BYTES) shift();
        },
        from(position) {
            const start = kept.findLastIndex(({ frame }) => frame.first <= position);
            return start < 0 ? undefined : kept.slice(start);
        },
        trim(before) {
            while ((kept[0]?.frame.first ?? before) < before) shift();
        },
    };
}

/** A frame whose records are decoded once. */
export function keptFrame(frame: Frame): KeptFrame {
    let records: readonly LoggedRecord[] | undefined;
    return {
        frame,
        records() {
            records ??= recordsIn(frame);
            return records;
        },
    };
}
