import { parentPort } from "node:worker_threads";
import { arrange } from "./arrange";
import type { Answer, Order } from "./arranger";

/** The thread of an arranger: it takes one order after the other. */
parentPort?.on("message", ({ id, batch }: Order) => {
    try {
        const arranged = arrange(batch);
        parentPort?.postMessage({ id, arranged } satisfies Answer, [arranged.contents.buffer]);
    } catch (error) {
        parentPort?.postMessage({ id, error } satisfies Answer);
    }
});
