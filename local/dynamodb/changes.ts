import { createHash } from "node:crypto";
import type { Clock } from "../clock";
import { itemBytes, keyOf } from "./item";
import type { Change, Item } from "./model";

/** A change of an item, as the stream of its table keeps it. */
export interface ChangeRecord {
    readonly position: number;
    /** When it happened, in milliseconds since 1970. */
    readonly arrival: number;
    readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
    readonly keys: Item;
    readonly before?: Item;
    readonly after?: Item;
}

/** A change without its position. */
export type NewChange = Omit<ChangeRecord, "position">;

/** A change record as DynamoDB Streams and functions show it. */
export interface StreamRecordShape {
    readonly eventID: string;
    readonly eventName: ChangeRecord["eventName"];
    readonly eventVersion: "1.1";
    readonly eventSource: "aws:dynamodb";
    readonly awsRegion: string;
    readonly dynamodb: {
        /** Seconds since 1970. */
        readonly ApproximateCreationDateTime: number;
        readonly Keys: Item;
        readonly NewImage?: Item;
        readonly OldImage?: Item;
        readonly SequenceNumber: string;
        readonly SizeBytes: number;
        readonly StreamViewType: string;
    };
}

/** What a stream keeps of a change. */
export function changeOf(
    { before, after }: Change,
    keyAttributes: readonly string[],
    clock: Pick<Clock, "now">,
): NewChange {
    return {
        arrival: clock.now(),
        eventName: before ? (after ? "MODIFY" : "REMOVE") : "INSERT",
        keys: keyOf((after ?? before) as Item, keyAttributes),
        ...(before && { before }),
        ...(after && { after }),
    };
}

/** The sequence number of a change: it grows, and stays what it is across restarts. */
export function sequenceNumber(position: number): string {
    return `4${String(position).padStart(20, "0")}`;
}

/** A change as consumers see it, with the images that the stream's view type shows. */
export function streamRecord(
    { position, arrival, eventName, keys, before, after }: ChangeRecord,
    { arn, view }: { readonly arn: string; readonly view: string },
    region: string,
): StreamRecordShape {
    const newImage = after && /^NEW/.test(view) ? { NewImage: after } : {};
    const oldImage = before && /OLD/.test(view) ? { OldImage: before } : {};
    const images = { Keys: keys, ...newImage, ...oldImage };
    return {
        eventID: createHash("md5").update(`${arn}/${position}`).digest("hex"),
        eventName,
        eventVersion: "1.1",
        eventSource: "aws:dynamodb",
        awsRegion: region,
        dynamodb: {
            ApproximateCreationDateTime: Math.floor(arrival / 1000),
            ...images,
            SequenceNumber: sequenceNumber(position),
            SizeBytes: Object.values(images).reduce((bytes, image) => bytes + itemBytes(image), 0),
            StreamViewType: view,
        },
    };
}
