import * as path from "node:path";
import { openJournal } from "../journal";
import type { Services } from "../services";
import type { Archives } from "./archives";
import type { BusEvent } from "./event";

/** A replay of an archive's events. Times are in milliseconds since 1970. */
export interface Replay {
    /** Its name. */
    readonly id: string;
    readonly description: string | undefined;
    readonly archive: string;
    readonly bus: string;
    /** ARNs of the rules that get the events; all of the bus when there are none. */
    readonly rules: readonly string[];
    /** The time of an event that is replayed is not before `from`, and before `to`. */
    readonly from: number;
    readonly to: number;
    readonly state: "STARTING" | "RUNNING" | "COMPLETED" | "CANCELLED";
    readonly started: number;
    readonly ended?: number;
    /** How many events of the archive have been looked at. */
    readonly position: number;
    /** Time of the event that was replayed last. */
    readonly last?: number;
}

/** Replays of archives, with their progress on disk. */
export interface Replays {
    all(): readonly Replay[];
    find(name: string): Replay | undefined;
    begin(replay: Replay): void;
    cancel(replay: Replay): Replay;
    /** Goes on with those that a former run has not ended. */
    start(): void;
    /** Resolves when none is under way. */
    idle(): Promise<void>;
    close(): Promise<void>;
}

/** Events that are replayed together. After a kill, no more than these are replayed again. */
const BATCH = 100;

/** Makes the {@link Replays} kept in a folder. `accept` takes events to rules of their bus. */
export function createReplays(
    { clock }: Pick<Services, "clock">,
    folder: string,
    archives: Pick<Archives, "read">,
    accept: (events: readonly BusEvent[], rules: readonly string[]) => Promise<void>,
    onError: (error: unknown) => void,
): Replays {
    const journal = openJournal<Replay>(path.join(folder, "replays.jsonl"));
    const running = new Map<string, Promise<void>>();
    let isStopped = true;

    const put = (replay: Replay): Replay => {
        journal.write([{ put: replay }]);
        return replay;
    };
    const isUnderWay = ({ state }: Replay) => state === "STARTING" || state === "RUNNING";
    const mayGoOn = ({ id }: Replay) => !isStopped && isUnderWay(journal.kept.get(id) as Replay);

    async function run(begun: Replay): Promise<void> {
        let replay = put({ ...begun, state: "RUNNING" });
        let events: BusEvent[] = [];
        let position = 0;
        const send = async () => {
            await accept(events, replay.rules);
            events = [];
            if (mayGoOn(replay)) replay = put({ ...replay, position });
        };
        for await (const text of archives.read(replay.archive)) {
            if (!mayGoOn(replay)) return;
            position += 1;
            if (position <= begun.position) continue;
            const { id, time } = JSON.parse(text) as { id: string; time: string };
            const at = Date.parse(time);
            if (at < replay.from || at >= replay.to) continue;
            const named = `${text.slice(0, -1)},"replay-name":${JSON.stringify(replay.id)}}`;
            events.push({ bus: replay.bus, id, text: named, ingested: clock.now(), isReplayed: true });
            replay = { ...replay, last: Math.max(at, replay.last ?? 0) };
            if (events.length === BATCH) await send();
        }
        await send();
        if (mayGoOn(replay)) put({ ...replay, state: "COMPLETED", ended: clock.now() });
    }

    function launch(replay: Replay): void {
        const done = run(replay)
            .catch(onError)
            .finally(() => running.delete(replay.id));
        running.set(replay.id, done);
    }

    const idle = async () => {
        await Promise.all(running.values());
    };
    return {
        all: () => [...journal.kept.values()],
        find: (name) => journal.kept.get(name),
        begin(replay) {
            put(replay);
            if (!isStopped) launch(replay);
        },
        cancel: (replay) => put({ ...replay, state: "CANCELLED", ended: clock.now() }),
        start() {
            isStopped = false;
            for (const replay of journal.kept.values()) if (isUnderWay(replay)) launch(replay);
        },
        idle,
        async close() {
            isStopped = true;
            await idle();
            journal.close();
        },
    };
}
