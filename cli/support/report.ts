/** What became of the events of one pipeline. Counts of events. */
export interface PipelineReport {
    readonly kind: string;
    /** Handed to the pipeline's way in. */
    readonly sent: number;
    /** Answered as taken. */
    readonly accepted: number;
    /** Answered as refused. */
    readonly rejected: number;
    /** Written to the destination. */
    readonly delivered: number;
    /** Written to an error place, with the reason. */
    readonly failed: number;
    /** Left out on purpose. */
    readonly dropped: number;
    /** What SQL found, beyond what was there before. */
    readonly rows: number;
    /** From the first event sent to the last one found. */
    readonly seconds: number;
}

/** A run of `npm start`, as `--report FILE` writes it. */
export interface Report {
    /** From the start of the process until the services took requests. */
    readonly readySeconds: number;
    readonly pipelines: Readonly<Record<string, PipelineReport>>;
}

/** Events that are not accounted for: a sentence for each gap, none when all is well. */
export function problemsInReport(report: Report): readonly string[] {
    const names = Object.keys(report.pipelines);
    if (names.length === 0) return ["No pipeline ran."];
    return names.flatMap((name) => gaps(name, report.pipelines[name] as PipelineReport));
}

function gaps(name: string, counts: PipelineReport): string[] {
    const { sent, accepted, rejected, delivered, failed, dropped, rows } = counts;
    return [
        ...(sent > 0 ? [] : [`${name}: no event was sent.`]),
        ...(sent === accepted + rejected
            ? []
            : [`${name}: ${sent} events were sent, but ${accepted} accepted and ${rejected} rejected.`]),
        ...(accepted === delivered + failed + dropped
            ? []
            : [
                  `${name}: ${accepted} events were accepted, but ${delivered} delivered, ${failed} failed and ${dropped} dropped.`,
              ]),
        ...(rows === delivered ? [] : [`${name}: ${delivered} events were delivered, but SQL found ${rows} rows.`]),
    ];
}
