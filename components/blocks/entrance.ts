import type { BadKind } from "../../schema/corrupt";
import type { Dataset } from "../../schema/dataset";

/** How events get into a pipeline of some kind, and where they come out: what `generate` and `npm start` need to know of it. */
export interface Entrance {
    /** What an event is. */
    readonly dataset: Dataset;
    /** The way in: an API, the pipeline's delivery stream itself, or its event bus. */
    readonly door: ApiEntrance | "firehose" | "bus";
    /** The ways of being bad that the door can carry. @default all */
    readonly badKinds?: readonly BadKind[];
    /** Name of the delivery stream whose counts tell what became of the events. */
    delivery(outputs: EntranceOutputs): string;
    /** What must run between the delivery and the finding, and would run by schedule. @default nothing */
    process?(outputs: EntranceOutputs): Processing;
    /** What counts the events at the end: SQL that gives a number, or the items of a DynamoDB table. */
    found(outputs: EntranceOutputs): { readonly sql: string } | { readonly items: string };
    /** Shell commands that try the pipeline by hand. `event` is a good event as JSON text, without single quotes. */
    commands(outputs: EntranceOutputs, event: string): readonly string[];
}

/** A Glue job, the group of its log, and the crawler that looks at what it wrote; or a function, and what its answer says of the events. */
export type Processing =
    | { readonly job: string; readonly log: string; readonly crawler?: string }
    | { readonly function: string; readonly payload: unknown; outcome(answer: unknown): Processed };

/** How many of the delivered events did not become rows, since it was asked last. */
export interface Processed {
    /** Written to an error place, with the reason. */
    readonly failed: number;
    /** Left out on purpose: what had come already. */
    readonly dropped: number;
}

/** The way in through an API: how documents become a request, and what its answer says of each. */
export interface ApiEntrance {
    /** Most documents that one request carries. */
    readonly batch: number;
    /** Whether every answer makes an event, whatever it says, so that none is asked for again. @default false */
    readonly isMetered?: boolean;
    /** The request that carries the documents (JSON texts, good or bad), its path relative to the API's endpoint. */
    request(outputs: EntranceOutputs, documents: readonly string[]): { method: string; path: string; body: string };
    /** What the answer says of each document. `again` means that the service was busy. */
    outcomes(status: number, body: string, count: number): readonly ("accepted" | "refused" | "again")[];
}

/** What an entrance may read of its pipeline's outputs. Which of them there are depends on the kind. */
export interface EntranceOutputs {
    readonly url?: string;
    readonly auth?: string;
    readonly stream?: string;
    readonly bus?: string;
    readonly source?: string;
    readonly detailType?: string;
    readonly job?: string;
    readonly crawler?: string;
    readonly database?: string;
    readonly workgroup?: string;
    readonly table?: string;
    readonly functions?: Readonly<Record<string, string>>;
    readonly logs?: Readonly<Record<string, string>>;
    readonly roles?: Readonly<Record<string, string>>;
    readonly workgroups?: Readonly<Record<string, string>>;
    readonly itemTable?: string;
    readonly deliveryStreams?: Readonly<Record<string, string>>;
    readonly tables?: Readonly<Record<string, string>>;
    readonly userPoolId?: string;
    readonly userPoolClientId?: string;
}
