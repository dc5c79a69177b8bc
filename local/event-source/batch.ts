import type { RetryRules } from "./config";
import type { Condition, LastCall } from "./failure-record";
import type { Entry } from "./source";

/** What became of one call of the function. */
export type Outcome =
    /** The records at the start that are done; it failed at the next one, or with all when that is none. */
    | { readonly called: LastCall; readonly done: number }
    /** The function could not be called, and will be later. */
    | "throttled"
    /** Nothing more is wanted of this batch: the mapping stops. */
    | "stopped";

/** What the work on a batch does to the world. */
export interface BatchPorts {
    now(): number;
    invoke(entries: readonly Entry[]): Promise<Outcome>;
    /** Gives records up: tells whoever wants to know. */
    giveUp(
        entries: readonly Entry[],
        condition: Condition,
        attempts: { readonly invokes: number; readonly last: LastCall | undefined },
    ): Promise<void>;
    /** Keeps that everything before an entry is done, or the whole batch when there is none. */
    checkpoint(next: Entry | undefined): void;
    /** Waits before the next try; `failures` counts those so far. */
    pause(failures: number): Promise<void>;
}

/** A part of a batch that has not been done yet. */
interface Piece {
    readonly entries: readonly Entry[];
    /** Calls of the function with it. */
    readonly invokes: number;
    /** Calls that count against the retries. */
    readonly failures: number;
    readonly last: LastCall | undefined;
}

/**
 * Works off a batch in order, to its end or until it is stopped: what fails is tried again, split where that is asked for, and given up at
 * its limits, so that what stands behind it has its turn. Splitting does not use up retries:
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export async function workOff(
    entries: readonly Entry[],
    rules: RetryRules,
    ports: BatchPorts,
): Promise<"done" | "stopped"> {
    let pieces: readonly Piece[] = [pieceOf(entries)];
    let pauses = 0;
    for (let [piece, ...rest] = pieces; piece; [piece, ...rest] = pieces) {
        const tooOld = countTooOld(piece, rules, ports.now());
        if (tooOld > 0) {
            await ports.giveUp(piece.entries.slice(0, tooOld), "RecordAgeExceeded", piece);
            pieces = [...left(piece, tooOld), ...rest];
            ports.checkpoint(pieces[0]?.entries[0]);
            continue;
        }
        const outcome = await ports.invoke(piece.entries);
        if (outcome === "stopped") return "stopped";
        if (outcome === "throttled") {
            await ports.pause(++pauses);
            continue;
        }
        pauses = 0;
        const tried = { ...piece, invokes: piece.invokes + 1, last: outcome.called };
        const [failed] = left(tried, outcome.done);
        const next = failed ? afterFailure(failed, outcome.done, rules) : { pieces: [] };
        if (next.givesUp) await ports.giveUp(next.givesUp.entries, "RetryAttemptsExhausted", next.givesUp);
        pieces = [...next.pieces, ...rest];
        if (outcome.done > 0 || next.givesUp) ports.checkpoint(pieces[0]?.entries[0]);
        if (next.pause) await ports.pause(next.pause);
    }
    return "done";
}

interface Next {
    readonly pieces: readonly Piece[];
    readonly givesUp?: Piece;
    /** Failures so far, when the next try has to wait. */
    readonly pause?: number;
}

/** What follows when a piece failed after `done` records that stood before it. */
function afterFailure(failed: Piece, done: number, { bisects, maxRetries }: RetryRules): Next {
    const { entries } = failed;
    if (bisects && entries.length > 1) {
        // The function has said where to split, or the middle will do.
        if (done > 0) return { pieces: [pieceOf(entries)] };
        const middle = Math.ceil(entries.length / 2);
        return { pieces: [pieceOf(entries.slice(0, middle)), pieceOf(entries.slice(middle))] };
    }
    const failures = failed.failures + 1;
    if (failures > maxRetries) return { pieces: [], givesUp: failed };
    return { pieces: [{ ...failed, failures }], pause: failures };
}

function pieceOf(entries: readonly Entry[]): Piece {
    return { entries, invokes: 0, failures: 0, last: undefined };
}

/** A piece without its first entries; nothing when none is left. */
function left(piece: Piece, without: number): readonly Piece[] {
    return without < piece.entries.length ? [{ ...piece, entries: piece.entries.slice(without) }] : [];
}

/** How many entries at the start of a piece are over the age limit. */
function countTooOld({ entries }: Piece, { maxAgeMs }: RetryRules, now: number): number {
    const fresh = entries.findIndex(({ arrival }) => now - arrival <= maxAgeMs);
    return fresh < 0 ? entries.length : fresh;
}
