import type { LogReader } from "./log-reader";
import { arrivalOf, sizeOf } from "./record";

/** Bytes of a synchronous invocation's payload. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** Bytes of an event that are not records. */
const ENVELOPE_BYTES = 1024;

/** Lines that are gathered for one invocation of the function. */
export interface Forming {
    readonly lines: string[];
    /** Position of the first line. */
    readonly first: number;
    /** When the first record arrived; endless while there is none. */
    readonly oldest: number;
    /** Whether as much is there as the hint says, or as one invocation takes. */
    readonly full: boolean;
}

/** Gathers lines from a reader. */
export interface Former {
    /** Takes in what the reader has, up to `hint` bytes of records, and shows what is there. */
    fill(hint: number): Promise<Forming>;
    /** Gives what is there away and begins anew. */
    take(): Forming;
    close(): Promise<void>;
}

/** Makes a {@link Former} for a reader that stands at a position. */
export function batchFormer(reader: LogReader, from: number): Former {
    let queue: readonly string[] = [];
    let at = 0;
    let lines: string[] = [];
    let first = from;
    let bytes = 0;
    let payload = ENVELOPE_BYTES;
    let full = false;

    const show = (): Forming => ({
        lines,
        first,
        oldest: lines.length > 0 ? arrivalOf(lines[0] as string) : Number.POSITIVE_INFINITY,
        full,
    });
    return {
        async fill(hint) {
            while (!full) {
                if (at === queue.length) {
                    queue = await reader.lines();
                    at = 0;
                    if (queue.length === 0) break;
                }
                add(queue[at] as string, hint);
            }
            return show();
        },
        take() {
            const taken = show();
            first += lines.length;
            lines = [];
            bytes = 0;
            payload = ENVELOPE_BYTES;
            full = false;
            return taken;
        },
        close: () => reader.close(),
    };

    /** A line that passes the hint or the payload waits for the next batch, unless it is the only one. */
    function add(line: string, hint: number): void {
        const size = sizeOf(line);
        const length = line.length + 1;
        full = lines.length > 0 && (bytes + size > hint || payload + length > MAX_PAYLOAD_BYTES);
        if (full) return;
        lines.push(line);
        bytes += size;
        payload += length;
        at++;
        full = bytes >= hint;
    }
}
