/** Milliseconds without a call after which a worker is idle. */
const IDLE_MS = 2_000;

/**
 * Makes the function that runs calls, and has V8 collect all garbage once none has come for two seconds. V8 collects when memory is asked for,
 * which a worker that waits does not do: each of a dozen would go on holding what its last calls needed, half of its memory.
 */
export function tidyWhenIdle(collect = givenCollector()): (call: () => Promise<void>) => Promise<void> {
    let idle: NodeJS.Timeout | undefined;
    return async (call) => {
        clearTimeout(idle);
        await call();
        if (collect) idle = setTimeout(collect, IDLE_MS).unref();
    };
}

type Collector = (options: { readonly type: "major"; readonly flavor: "last-resort" }) => void;

/** What Node gives with `--expose-gc`, which `npm start` sets. A handler does not see it, as in Lambda. */
function givenCollector(): (() => void) | undefined {
    const scope = globalThis as { gc: Collector | undefined };
    const { gc } = scope;
    scope.gc = undefined;
    // Only a collection of the last resort gives back the room for new objects, too.
    return gc && (() => gc({ type: "major", flavor: "last-resort" }));
}
