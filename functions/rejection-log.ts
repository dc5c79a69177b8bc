/** A record that was refused, and why: sentences that never quote it. */
export interface Rejection {
    readonly recordId: string;
    readonly problems: readonly string[];
}

/** Lines that one batch may log. A stream gone wrong must not cost more in logs than in storage, and the error prefix has every record. */
const LINES = 20;

/** Problems that one line tells. */
const PROBLEMS = 10;

/**
 * Logs what a batch refused: a line for each of the first 20 records, and when there are more, a line that counts them all. `outcome` is what
 * becomes of them.
 */
export function logRejections(rejections: readonly Rejection[], records: number, outcome = "ProcessingFailed"): void {
    for (const { recordId, problems } of rejections.slice(0, LINES)) {
        console.warn({ outcome, recordId, problems: shortened(problems) });
    }
    if (rejections.length > LINES) {
        console.warn({ outcome, failed: rejections.length, records, told: LINES });
    }
}

function shortened(problems: readonly string[]): readonly string[] {
    const rest = problems.length - PROBLEMS;
    return rest > 0 ? [...problems.slice(0, PROBLEMS), `${rest} more`] : problems;
}
