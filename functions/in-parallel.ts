/** Runs a task for each value, so many at once, and gives the results in the order of the values. Rejects as soon as one does. */
export async function inParallel<Value, Result>(
    concurrency: number,
    values: readonly Value[],
    task: (value: Value) => Promise<Result>,
): Promise<readonly Result[]> {
    const results: Result[] = [];
    const entries = values.entries();
    const worker = async () => {
        for (const [index, value] of entries) results[index] = await task(value);
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, values.length) }, worker));
    return results;
}
