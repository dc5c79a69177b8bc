import { createHash } from "node:crypto";

/**
 * A sequence number has 56 digits, as on AWS: what tells the stream from a former one of its name, then the shard, then the position in
 * it. So it grows with the records of a shard, and stays what it is across restarts.
 */
const FORM = /^4966(\d{18})(\d{6})(\d{28})$/;

/** What a sequence number says. */
export interface Sequence {
    /** The number of the shard. */
    readonly shard: number;
    readonly position: number;
}

/** The digits of a stream's sequence numbers that name its incarnation. */
export function streamDigits(incarnation: string): string {
    const hash = createHash("sha256").update(incarnation).digest("hex");
    return String(BigInt(`0x${hash}`)).slice(0, 18);
}

/** Makes what makes the sequence numbers of a shard, by position. */
export function sequenceNumbers(digits: string, shard: number): (position: number) => string {
    const prefix = `4966${digits}${String(shard).padStart(6, "0")}`;
    return (position) => prefix + String(position).padStart(28, "0");
}

/** What a sequence number says, or undefined when it is not one of the stream with these digits. */
export function parseSequence(digits: string, text: string): Sequence | undefined {
    const match = FORM.exec(text);
    return match?.[1] === digits ? { shard: Number(match[2]), position: Number(match[3]) } : undefined;
}
