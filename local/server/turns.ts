let last: Promise<void> = Promise.resolve();

/**
 * Resolves at once for the first that asks, and for each other one a turn of the event loop after the one before. What takes long to work on waits for
 * it, so that what else is to be done gets a share of the thread: the functions that read a stream, while somebody fills it.
 */
export function ownTurn(): Promise<void> {
    const mine = last;
    last = mine.then(() => new Promise((resolve) => setImmediate(resolve)));
    return mine;
}
