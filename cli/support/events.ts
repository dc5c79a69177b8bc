import * as corrupt from "../../schema/corrupt";
import type { Dataset } from "../../schema/dataset";

/** Which events to make. */
export interface EventOptions extends corrupt.DocumentsOptions {
    readonly count: number;
}

/** Events of a dataset as JSON texts, some of them bad when asked for. */
export function* eventsOf(dataset: Dataset, { count, ...options }: EventOptions): Generator<string> {
    const documents = corrupt.documents(dataset, options);
    for (let i = 0; i < count; i++) yield documents.next().text;
}
