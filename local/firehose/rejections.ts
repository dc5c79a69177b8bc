import * as path from "node:path";
import type { Frame } from "../records/frame";
import type { LogReader } from "../records/log-reader";
import type { Delivery } from "./delivery";
import { rawDataOf, sequenceOf } from "./document";
import { errorLine } from "./error-record";
import { linesIn } from "./files";
import type { Failure } from "./outcome";
import type { Sealed, SealedTable } from "./sealed";

/** A document that a table did not take. */
export interface Rejected {
    readonly seq: number;
    readonly reason: string;
}

/** What a commit came to: the documents it left out, or the failure of all of them after so many attempts. */
export type Commit =
    | { readonly rejected: readonly Rejected[] }
    | { readonly failure: Failure; readonly attempts: number };

/** Characters of error lines that make an object. */
const CHUNK = 16 * 1024 * 1024;

/** The failure of a document that does not fit its table. AWS documents no code for it; the name is ours in its form. */
export function invalidRecord(reason: string): Failure {
    return { code: "Iceberg.InvalidRecord", message: reason };
}

/** Error lines for the documents of a table that were left out, or for all of them, in pieces that fit into memory. */
export async function* rejectionChunks(
    { log, services, staging }: Delivery,
    sealed: Sealed,
    table: SealedTable,
    commit: Commit,
): AsyncGenerator<Buffer> {
    if ("rejected" in commit && commit.rejected.length === 0) return;
    const failureOf = failuresIn(commit);
    const attempts = "attempts" in commit ? commit.attempts : 1;
    const ended = services.clock.now();
    const from = sealed.to - sealed.records;
    const reader = log.reader(from);
    try {
        const arrivalAt = arrivals(reader);
        let text = "";
        for await (const line of linesIn(path.join(staging, table.file))) {
            const seq = sequenceOf(line);
            const failure = failureOf(seq);
            if (!failure) continue;
            text += errorLine({ rawData: rawDataOf(line), failure, attempts, arrival: await arrivalAt(seq), ended });
            if (text.length < CHUNK) continue;
            yield Buffer.from(text);
            text = "";
        }
        if (text !== "") yield Buffer.from(text);
    } finally {
        await reader.close();
    }
}

function failuresIn(commit: Commit): (seq: number) => Failure | undefined {
    if ("failure" in commit) return () => commit.failure;
    const reasons = new Map(commit.rejected.map(({ seq, reason }) => [seq, reason]));
    return (seq) => {
        const reason = reasons.get(seq);
        return reason === undefined ? undefined : invalidRecord(reason);
    };
}

/** Gives the arrival times of growing positions, read from the log: the documents of a table don't have them. */
function arrivals(reader: LogReader): (position: number) => Promise<number> {
    let frames: readonly Frame[] = [];
    return async (position) => {
        for (;;) {
            const frame = frames.find(({ first, header }) => position < first + header.count);
            if (frame) return frame.header.arrival;
            frames = await reader.frames();
            if (frames.length === 0) throw new Error(`The log ends before the position ${position}.`);
        }
    };
}
