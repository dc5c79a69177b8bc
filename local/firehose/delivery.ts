import type { KinesisReader } from "../kinesis";
import type { RecordLog } from "../records/log";
import type { Services } from "../services";
import type { Arranger } from "./arranger";

/** What delivery streams need of other services. */
export type FirehoseServices = Pick<
    Services,
    "clock" | "duck" | "iam" | "s3" | "lambda" | "logs" | "metrics" | "iceberg" | "resources" | "place" | "randomHex"
> & {
    /** Reads the Kinesis streams that are sources of delivery streams. */
    readonly kinesis: KinesisReader;
};

/** What a stream delivers with. */
export interface Delivery {
    readonly services: FirehoseServices;
    /** Tells the stream from a former one of the same name. */
    readonly incarnation: string;
    readonly log: RecordLog;
    readonly arranger: Pick<Arranger, "arrange" | "event">;
    /** The folder of the staged files. */
    readonly staging: string;
    /** Aborts when the stream stops. */
    readonly signal: AbortSignal;
    /** Called after each thing that is done, with its name: a test kills the stream there. */
    step(name: string): void;
}
