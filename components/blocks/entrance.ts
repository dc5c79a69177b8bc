import type { Dataset } from "../../schema/dataset";

/** How events get into a pipeline of some kind: what `generate` and `npm start` need to know of it. */
export interface Entrance {
    /** What an event is. */
    readonly dataset: Dataset;
    /** The way in. */
    readonly api: ApiEntrance;
    /** Shell commands that try the pipeline by hand. `event` is a good event as JSON text, without single quotes. */
    commands(outputs: EntranceOutputs, event: string): readonly string[];
}

/** The way in through an API: how documents become a request, and what its answer says of each. */
export interface ApiEntrance {
    /** Most documents that one request carries. */
    readonly batch: number;
    /** The request that carries the documents (JSON texts, good or bad), its path relative to the API's endpoint. */
    request(outputs: EntranceOutputs, documents: readonly string[]): { method: string; path: string; body: string };
    /** What the answer says of each document. `again` means that the service was busy. */
    outcomes(status: number, body: string, count: number): readonly ("accepted" | "refused" | "again")[];
}

/** What an entrance may read of its pipeline's outputs. */
export interface EntranceOutputs {
    readonly url?: string;
    readonly auth?: string;
    readonly stream?: string;
}
