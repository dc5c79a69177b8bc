import type { LogReader } from "../records/log-reader";
import { longestJson } from "./record";
import { cut, type Run, runOf, walk } from "./runs";

/** Bytes of a synchronous invocation's payload. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** Bytes of an event that are not records. */
const ENVELOPE_BYTES = 1024;

/** Records that are gathered for one invocation of the function. */
export interface Forming {
    readonly runs: readonly Run[];
    /** When the first record arrived; endless while there is none. */
    readonly oldest: number;
    /** Whether as much is there as the hint says, or as one invocation takes. */
    readonly full: boolean;
}

/** Gathers records from a reader. */
export interface Former {
    /** Takes in what the reader has, up to `hint` bytes of records, and shows what is there. */
    fill(hint: number): Promise<Forming>;
    /** Gives what is there away and begins anew. */
    take(): Forming;
    close(): Promise<void>;
}

/** Makes a {@link Former} for a reader that stands at a position. */
export function batchFormer(reader: LogReader, from: number): Former {
    let queue: Run[] = [];
    let runs: Run[] = [];
    let bytes = 0;
    let payload = ENVELOPE_BYTES;
    let full = false;

    const show = (): Forming => ({ runs, oldest: runs[0]?.arrival ?? Number.POSITIVE_INFINITY, full });
    return {
        async fill(hint) {
            while (!full) {
                if (queue.length === 0) queue = (await reader.frames()).map((frame) => runOf(frame, from));
                const run = queue.shift();
                if (!run) break;
                add(run, hint);
            }
            return show();
        },
        take() {
            const taken = show();
            runs = [];
            bytes = 0;
            payload = ENVELOPE_BYTES;
            full = false;
            return taken;
        },
        close: () => reader.close(),
    };

    /** What passes the hint or the payload waits for the next batch, unless it is a single record. */
    function add(run: Run, hint: number): void {
        let taken = 0;
        let takenBytes = 0;
        const isFirst = runs.length === 0;
        walk(run, (_bytes, { key, data, end }) => {
            if (full) return;
            const length = longestJson(data - key, end - data);
            const fits = bytes + end - data <= hint && payload + length <= MAX_PAYLOAD_BYTES;
            if (!fits && !(isFirst && taken === 0)) {
                full = true;
                return;
            }
            taken++;
            takenBytes = end;
            bytes += end - data;
            payload += length;
            full = bytes >= hint;
        });
        if (taken === run.count) runs.push(run);
        else if (taken === 0) queue.unshift(run);
        else {
            const [head, rest] = cut(run, taken, takenBytes);
            runs.push(head);
            queue.unshift(rest);
        }
    }
}
