import type { Services } from "../services";
import { type CallServices, createCalls } from "./calls";
import { type Checkpoints, checkpointFile, openCheckpoints } from "./checkpoints";
import type { MappingConfig } from "./config";
import { identify } from "./permissions";
import { type Session, startSession } from "./session";
import { type SourceServices, type StreamSource, streamSource } from "./source";

/** What mappings need. */
export type MappingServices = CallServices & Pick<Services, "place" | "resources"> & SourceServices;

/** Settings of a mapping at work. */
export interface MappingOptions {
    /** Milliseconds before a failed batch is tried again, by the number of failures so far. @default 50, then twice the last, at most 30,000 */
    readonly backoff?: (failures: number) => number;
    /** Called after each thing that a mapping does; when it throws, the mapping ends there as if the process had been killed. For tests. */
    readonly step?: (uuid: string, step: "invoked" | "given up" | "checkpointed") => void;
    /** Told when a mapping can't run, or could not deliver to its destination. @default a warning of the process */
    readonly onProblem?: (uuid: string, problem: string) => void;
}

/** A mapping at work. */
export interface Mapping {
    /** AWS's words for how it went last. */
    lastResult(): string;
    /** Resolves when everything that is in the stream now has been worked off. A mapping that can't run is idle. */
    idle(): Promise<void>;
    /** Stops at once: a call that is under way is not waited for, and its records come again. */
    close(): Promise<void>;
}

/** How often a mapping that can't run looks whether it can, in milliseconds. */
const LOOK_MS = 1000;

/** Starts a mapping. */
export function startMapping(services: MappingServices, config: MappingConfig, options: MappingOptions = {}): Mapping {
    const { clock } = services;
    const calls = createCalls(services, config);
    const stop = new AbortController();
    const waiting = new Set<() => void>();
    let result = "No records processed";
    /** The session at work; none when the mapping can't run, or has not yet begun. */
    let session: Session | undefined;
    let isStarting = true;
    const running = run();

    return {
        lastResult: () => result,
        async idle() {
            while (!stop.signal.aborted) {
                // The wait begins before the look, so that no move in between is missed.
                const move = new Promise<void>((resolve) => void waiting.add(resolve));
                if (!isStarting && (session === undefined || (await session.isIdle()))) return;
                await move;
            }
        },
        async close() {
            stop.abort();
            session?.end();
            moved();
            await running;
        },
    };

    function moved(): void {
        for (const resolve of waiting) resolve();
        waiting.clear();
    }

    function report(problem: string | undefined): void {
        const said = problem === undefined ? "OK" : `PROBLEM: ${problem}`;
        if (problem !== undefined && said !== result && problem !== FAILED)
            (options.onProblem ?? warn)(config.uuid, problem);
        result = said;
    }

    async function run(): Promise<void> {
        while (!stop.signal.aborted) {
            try {
                await runOnce();
            } catch (error) {
                if (!stop.signal.aborted) report(error instanceof Error ? error.message : String(error));
            }
            isStarting = false;
            session = undefined;
            moved();
            await clock.sleep(LOOK_MS, stop.signal);
        }
    }

    /** Works until the mapping is stopped, or until something fails. */
    async function runOnce(): Promise<void> {
        const who = identify(services, config);
        if (typeof who === "string") return report(who);
        const source = streamSource(services, config, who.roleArn);
        const incarnation = source.incarnation();
        if (incarnation === undefined) return report(`The event source does not exist: ${config.sourceArn}`);
        const checkpoints = openCheckpoints(checkpointFile(services.place.data, config.uuid), incarnation);
        try {
            if (checkpoints.isNew) await begin(source, checkpoints, config.start);
            if (stop.signal.aborted) return;
            session = startSession({ ...sessionPorts(), calls, source, who, checkpoints });
            isStarting = false;
            moved();
            await session.ended;
        } finally {
            checkpoints.close();
        }
    }

    function sessionPorts() {
        return {
            clock,
            config,
            backoff: options.backoff ?? ((failures: number) => Math.min(30_000, 25 * 2 ** failures)),
            report,
            moved,
            step(name: Parameters<NonNullable<MappingOptions["step"]>>[1]) {
                try {
                    options.step?.(config.uuid, name);
                } catch (error) {
                    stop.abort();
                    throw error;
                }
            },
        };
    }
}

/** What AWS says when a function fails. The function's own log says more, so nobody is warned of it. */
const FAILED = "Function call failed";

/** The first time, a mapping begins where it was told to; shards that come later, it reads from their start. */
async function begin(source: StreamSource, checkpoints: Checkpoints, start: MappingConfig["start"]): Promise<void> {
    for (const { id, isOpen = true } of source.shards())
        checkpoints.keep(id, { lanes: [await source.positionOf(id, start)], done: !isOpen && start === "LATEST" });
}

function warn(uuid: string, problem: string): void {
    process.emitWarning(`The event-source mapping ${uuid} has a problem: ${problem}`);
}
