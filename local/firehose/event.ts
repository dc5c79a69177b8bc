import { type Payload, payloadWriter } from "../payload";
import { longestJson, recordIds, recordJson } from "./record";
import { type Records, type Run, sequenceNumberOf, walk } from "./runs";

/** The event that a function gets for some records. `head` is the object of all its other members. */
export function eventOf(head: object, { incarnation, runs }: Records): Payload {
    const ids = recordIds(incarnation);
    const before = `${JSON.stringify(head).slice(0, -1)},"records":[`;
    const payload = payloadWriter(Buffer.byteLength(before) + longestOf(runs) + 2);
    payload.write(before);
    for (const run of runs)
        walk(run, (bytes, { key, data, end }, index) => {
            const position = run.first + index;
            if (position > (runs[0] as Run).first) payload.write(",");
            const origin = run.origin && {
                shardId: run.origin.shardId,
                sequenceNumber: sequenceNumberOf(run, position, ids),
                partitionKey: bytes.toString("utf8", key, data),
            };
            payload.write(
                recordJson(ids.transform(position), run.arrival, bytes.toString("base64", data, end), origin),
            );
        });
    payload.write("]}");
    return payload.end();
}

function longestOf(runs: readonly Run[]): number {
    let longest = 0;
    for (const run of runs)
        walk(run, (_bytes, { key, data, end }) => {
            longest += longestJson(data - key, end - data);
        });
    return longest;
}
