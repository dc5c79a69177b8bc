import type { Services } from "../services";
import type { RecordLog } from "./log";

/** What a stream delivers with. */
export interface Delivery {
    readonly services: Pick<
        Services,
        "clock" | "iam" | "s3" | "lambda" | "logs" | "metrics" | "iceberg" | "resources" | "place" | "randomHex"
    >;
    /** Tells the stream from a former one of the same name. */
    readonly incarnation: string;
    readonly log: RecordLog;
    /** The folder of the staged files. */
    readonly staging: string;
    /** Aborts when the stream stops. */
    readonly signal: AbortSignal;
    /** Called after each thing that is done, with its name: a test kills the stream there. */
    step(name: string): void;
}
