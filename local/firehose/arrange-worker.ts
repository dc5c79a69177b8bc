import { parentPort } from "node:worker_threads";
import { handedOver } from "../payload";
import { arrange } from "./arrange";
import type { Answer, Order, Work } from "./arranger";
import { eventOf } from "./event";

/** The thread of an arranger: it takes one order after the other. */
parentPort?.on("message", ({ id, work }: Order) => {
    try {
        const { done, handed } = perform(work);
        parentPort?.postMessage({ id, done } satisfies Answer, handed);
    } catch (error) {
        parentPort?.postMessage({ id, error } satisfies Answer);
    }
});

/** Does the work, and tells which memory goes with the answer. */
function perform(work: Work) {
    if (work.task === "event") {
        const event = eventOf(work.head, work.records);
        return { done: event, handed: handedOver(event) };
    }
    const arranged = arrange(work.batch);
    return { done: arranged, handed: [arranged.contents.buffer] };
}
