import type { Clock } from "../clock";
import { type BatchPorts, workOff } from "./batch";
import type { Calls } from "./calls";
import { type Checkpoints, lanePositions } from "./checkpoints";
import type { MappingConfig } from "./config";
import { gather, type Lane } from "./lane";
import type { FunctionIdentity } from "./permissions";
import type { Entry, StreamSource } from "./source";

/** What a session works with. */
export interface SessionPorts {
    readonly clock: Clock;
    readonly config: MappingConfig;
    readonly source: StreamSource;
    readonly who: FunctionIdentity;
    readonly checkpoints: Checkpoints;
    readonly calls: Calls;
    readonly backoff: (failures: number) => number;
    /** Told of what is worth a sentence: that things go well is none. */
    readonly report: (problem: string | undefined) => void;
    /** Called when a lane has come further. */
    readonly moved: () => void;
    /** Called after each thing that can't be taken back. */
    readonly step: (step: "invoked" | "given up" | "checkpointed") => void;
}

/** The lanes of every shard at work, until something fails or the session is ended. */
export interface Session {
    /** Whether all that is in the stream now has been worked off. */
    isIdle(): Promise<boolean>;
    /** Resolves when nothing is left to read, or the session was ended; rejects when a lane failed. */
    readonly ended: Promise<void>;
    /** Ends the session at once: a call that is under way is not waited for. */
    end(): void;
}

interface LaneAtWork {
    readonly lane: Lane;
    /** Position before which nothing is left to do. */
    position(): number;
    /** Whether the lane has come to the end of a closed shard. */
    readonly ended: Promise<boolean>;
}

/** Starts a session. */
export function startSession(ports: SessionPorts): Session {
    const { checkpoints, config, source, clock } = ports;
    const stop = new AbortController();
    const { signal } = stop;
    const working = new Map<string, readonly LaneAtWork[]>();

    return {
        ended: readShards().finally(() => stop.abort()),
        end: () => stop.abort(),
        async isIdle() {
            for (const { id } of source.shards()) {
                const end = await source.positionOf(id, "LATEST");
                const lanes = working.get(id) ?? [];
                const isThere = lanes.length > 0 && lanes.every((lane) => lane.position() >= end);
                if (!checkpoints.shard(id)?.done && !isThere) return false;
            }
            return true;
        },
    };

    /** Reads every shard, each when those that it came from are done. */
    async function readShards(): Promise<void> {
        const reading = new Map<string, Promise<string>>();
        try {
            while (!signal.aborted) {
                for (const id of readyShards()) if (!reading.has(id)) reading.set(id, readShard(id));
                if (reading.size === 0) return;
                reading.delete(await Promise.race(reading.values()));
            }
        } finally {
            stop.abort();
            await Promise.allSettled(reading.values());
        }
    }

    function readyShards(): readonly string[] {
        const shards = source.shards();
        const isDone = (id: string) => checkpoints.shard(id)?.done ?? !shards.some((shard) => shard.id === id);
        return shards.filter(({ id, parents }) => !isDone(id) && parents.every(isDone)).map(({ id }) => id);
    }

    async function readShard(id: string): Promise<string> {
        const known = checkpoints.shard(id) ?? { lanes: [await source.positionOf(id, "TRIM_HORIZON")], done: false };
        const lanes: LaneAtWork[] = [];
        const keep = (done: boolean) => checkpoints.keep(id, { lanes: lanes.map((lane) => lane.position()), done });
        lanePositions(known, config.parallel).forEach((from, index) => {
            lanes.push(startLane({ shardId: id, index, of: config.parallel }, from, () => keep(false)));
        });
        working.set(id, lanes);
        const ends = await Promise.all(lanes.map(({ ended }) => ended));
        if (ends.every((isEnd) => isEnd)) keep(true);
        ports.moved();
        return id;
    }

    function startLane(lane: Lane, from: number, keep: () => void): LaneAtWork {
        let position = from;
        const moveTo = (next: number) => {
            position = next;
            ports.moved();
        };
        const limits = { records: config.batchSize, windowMs: config.windowMs };
        const gathering = { source, caller: ports.who.caller, clock, lane, limits, signal, passed: moveTo };

        async function work(): Promise<boolean> {
            for (let batch = await gather(gathering, from); batch; batch = await gather(gathering, batch.next)) {
                const { next } = batch;
                const checkpoint = (entry: Entry | undefined) => {
                    moveTo(entry?.position ?? next);
                    keep();
                    ports.step("checkpointed");
                };
                const outcome = await workOff(batch.entries, config, portsOf(lane, checkpoint));
                if (outcome === "stopped") return false;
            }
            return !signal.aborted;
        }

        return { lane, position: () => position, ended: work() };
    }

    function portsOf({ shardId }: Lane, checkpoint: BatchPorts["checkpoint"]): BatchPorts {
        return {
            now: clock.now,
            checkpoint,
            async invoke(entries) {
                const outcome = await ports.calls.invoke(entries, signal);
                if (typeof outcome === "string") return outcome;
                ports.step("invoked");
                ports.report(outcome.done < entries.length ? "Function call failed" : undefined);
                return outcome;
            },
            async giveUp(entries, condition, attempts) {
                const problem = ports.calls.giveUp(ports.who, { shardId, entries, condition, ...attempts });
                if (problem) ports.report(problem);
                ports.step("given up");
            },
            pause: (failures) => clock.sleep(ports.backoff(failures), signal),
        };
    }
}
