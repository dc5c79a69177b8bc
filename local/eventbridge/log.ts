import * as path from "node:path";
import { readJson, writeJson } from "../firehose/files";
import { frameOfData, recordsIn } from "../records/frame";
import { openLog, type RecordLog } from "../records/log";
import type { BusEvent } from "./event";

/** An event that has been accepted, with the rules and archives of its bus that it is for. */
export interface Arrival {
    readonly event: BusEvent;
    readonly rules: readonly string[];
    readonly archives: readonly string[];
}

/** The events that are accepted and not yet dealt with, on disk. */
export interface EventLog {
    /** Takes events; they are on disk when this resolves. */
    append(arrivals: readonly Arrival[]): Promise<void>;
    /** Reads on from the position: some hundreds of events, none when there are no more. */
    read(): Promise<readonly Arrival[]>;
    /** Notes that so many of those that were read have been dealt with. */
    advance(count: number): Promise<void>;
    /** Removes what has been dealt with from the disk. */
    trim(): Promise<void>;
    /** Reads what has been read and not been dealt with once more. */
    rewind(): Promise<void>;
    close(): Promise<void>;
}

/** Bytes on disk beyond which what has been dealt with is removed at once. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Opens the {@link EventLog} kept in a folder. `onAppend` is told of each write. */
export function openEventLog(folder: string, onAppend: () => void): EventLog {
    const cursorFile = path.join(folder, "cursor.json");
    let position = readJson<{ position: number }>(cursorFile)?.position ?? 0;
    const log: RecordLog = openLog(path.join(folder, "log"), position, { onAppend });
    position = Math.max(position, log.first());
    let readFrom = position;
    let reader = log.reader(readFrom);
    return {
        async append(arrivals) {
            await log.append([frameOfData(arrivals.map(dataOf), 0)]);
        },
        async read() {
            const records = (await reader.frames()).flatMap(recordsIn);
            return records.filter((record) => record.position >= readFrom).map(({ data }) => arrivalOf(data));
        },
        async advance(count) {
            position += count;
            writeJson(cursorFile, { position });
            if (log.size() > MOST_BYTES) await log.trim(position);
        },
        trim: () => log.trim(position),
        async rewind() {
            await reader.close();
            readFrom = position;
            reader = log.reader(readFrom);
        },
        async close() {
            await reader.close();
            await log.close();
        },
    };
}

/** What is known of the event, a tabulator, the event's text: its numbers must stay as they are. */
function dataOf({ event: { text, ...event }, rules, archives }: Arrival): Buffer {
    return Buffer.from(`${JSON.stringify({ event, rules, archives })}\t${text}`);
}

function arrivalOf(data: Buffer): Arrival {
    const end = data.indexOf("\t");
    const { event, ...known } = JSON.parse(data.toString("utf8", 0, end)) as Arrival;
    return { ...known, event: { ...event, text: data.toString("utf8", end + 1) } };
}
