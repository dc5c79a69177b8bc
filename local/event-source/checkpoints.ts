import * as fs from "node:fs";
import * as path from "node:path";

/** How far a mapping has come in one shard. */
export interface ShardProgress {
    /** Position of the next record of each lane. */
    readonly lanes: readonly number[];
    /** Whether the shard is closed and everything in it is done. */
    readonly done: boolean;
}

/** A line of the file: the first names the stream, each of the others takes the place of an earlier one about its shard. */
type Line =
    /** What tells the stream from a former one of its name. */
    { readonly incarnation: string } | ({ readonly shard: string } & ShardProgress);

/** Lines after which the file is written anew. */
const MOST_LINES = 10_000;

/** How far a mapping has come, on disk: after a kill it goes on from there. */
export interface Checkpoints {
    /** What is known of a shard, or undefined when it is new. */
    shard(shardId: string): ShardProgress | undefined;
    /** Whether the mapping has never read this stream. */
    readonly isNew: boolean;
    /** Keeps the progress in a shard; it is written when this returns. */
    keep(shardId: string, progress: ShardProgress): void;
    close(): void;
}

/** Where the state of a mapping is kept. */
export function checkpointFile(data: string, uuid: string): string {
    return path.join(data, "event-source", `${uuid}.jsonl`);
}

/** Opens the state of a mapping. Positions in a former stream of the same name mean nothing, and are forgotten. */
export function openCheckpoints(file: string, incarnation: string): Checkpoints {
    const [first, ...kept] = readLines(file);
    const isNew = !first || !("incarnation" in first) || first.incarnation !== incarnation;
    const shards = new Map<string, ShardProgress>();
    for (const line of isNew ? [] : kept) if ("shard" in line) shards.set(line.shard, line);
    let lines = 0;
    let handle = rewrite();
    return {
        isNew,
        shard: (shardId) => shards.get(shardId),
        keep(shardId, { lanes, done }) {
            shards.set(shardId, { lanes, done });
            fs.appendFileSync(handle, lineOf({ shard: shardId, lanes, done }));
            if (++lines < MOST_LINES) return;
            fs.closeSync(handle);
            handle = rewrite();
        },
        close: () => fs.closeSync(handle),
    };

    function rewrite(): number {
        const all: Line[] = [
            { incarnation },
            ...[...shards].map(([shard, { lanes, done }]) => ({ shard, lanes, done })),
        ];
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(`${file}.new`, all.map(lineOf).join(""));
        fs.renameSync(`${file}.new`, file);
        lines = 0;
        return fs.openSync(file, "a");
    }
}

function lineOf(line: Line): string {
    return `${JSON.stringify(line)}\n`;
}

/** What a kill left of the last line is no line. */
function readLines(file: string): readonly Line[] {
    if (!fs.existsSync(file)) return [];
    const lines = fs.readFileSync(file, "utf8").split("\n");
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Line);
}

/** Forgets the state of a mapping. */
export function removeCheckpoints(file: string): void {
    fs.rmSync(file, { force: true });
}

/** The positions of so many lanes: when their number has changed, all begin where the slowest one was. */
export function lanePositions({ lanes }: ShardProgress, count: number): readonly number[] {
    return lanes.length === count ? lanes : Array.from({ length: count }, () => Math.min(...lanes));
}
