/** What became of one document that was sent. */
export type Outcome = "accepted" | "refused" | "again";

/** A way into a pipeline: documents go in, and each has its own outcome. */
export interface Door {
    /** Most documents that one call carries. */
    readonly batch: number;
    /** Sends documents, at most {@link batch}. `again` means that the service was busy. Rejects when nothing can be sent at all. */
    send(documents: readonly string[]): Promise<readonly Outcome[]>;
}
