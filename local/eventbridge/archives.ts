import * as fs from "node:fs";
import * as path from "node:path";
import { frameOfData, recordsIn } from "../records/frame";
import { openLog, type RecordLog } from "../records/log";
import type { Properties, Resource } from "../resources";
import type { Services } from "../services";
import { busNameOf, eventsArn } from "./arn";
import { EVENT_TYPES } from "./config";
import type { Fields } from "./fields";
import { compilePattern, type EventPattern } from "./pattern";

/** The inputs of an archive, as far as the service reads them. */
export interface ArchiveInputs extends Properties {
    readonly name: string;
    readonly description?: string;
    readonly eventSourceArn: string;
    readonly eventPattern?: string;
    /** Days for which events are kept; 0 is for ever. */
    readonly retentionDays?: number;
}

/** An archive, as the service needs it. */
export interface Archive {
    readonly name: string;
    readonly arn: string;
    /** Name of the bus whose events it keeps. */
    readonly bus: string;
    readonly inputs: ArchiveInputs;
    readonly created: Date;
    readonly pattern: EventPattern | undefined;
}

/** Archives of events, a log for each day on which events came. */
export interface Archives {
    all(): readonly Archive[];
    find(name: string): Archive | undefined;
    /** Names of the archives that want an event of a bus. */
    wanting(bus: string, fields: Fields): readonly string[];
    /** Keeps an event; it is on disk when this resolves. An archive that is gone by now keeps nothing. */
    keep(name: string, text: string): Promise<void>;
    /** The events of an archive that are not too old, as JSON, in the order in which they came. */
    read(name: string): AsyncGenerator<string>;
    /** Removes all events of an archive. */
    remove(name: string): Promise<void>;
    close(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** Makes the {@link Archives} kept in a folder. */
export function createArchives(
    { clock, place, resources }: Pick<Services, "clock" | "place" | "resources">,
    folder: string,
): Archives {
    const open = new Map<string, RecordLog>();
    let known: readonly Archive[] | undefined;
    resources.onChange(EVENT_TYPES.archive, () => {
        known = undefined;
    });

    const all = () => {
        known ??= resources.all<ArchiveInputs, Properties>(EVENT_TYPES.archive).map(archiveOf);
        return known;
    };
    const find = (name: string) => all().find((archive) => archive.name === name);
    // A name of dots alone, which AWS allows, is spelled so that it does not lead elsewhere.
    const folderOf = (name: string) =>
        path.join(
            folder,
            name.replace(/^\.+$/, (dots) => "%2E".repeat(dots.length)),
        );
    const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);

    function archiveOf({ inputs, outputs }: Resource<ArchiveInputs, Properties>): Archive {
        const { name, eventSourceArn, eventPattern } = inputs;
        return {
            name,
            arn: eventsArn(place, `archive/${name}`),
            bus: busNameOf(eventSourceArn),
            inputs,
            created: new Date(String(outputs.createdTime)),
            pattern: eventPattern === undefined ? undefined : compilePattern(eventPattern),
        };
    }

    function logOf(name: string, day: string): RecordLog {
        const file = path.join(folderOf(name), day);
        const log = open.get(file) ?? openLog(file, 0);
        open.set(file, log);
        return log;
    }

    /** The days of which an archive keeps events. Those that are over for as long as it keeps them are removed. */
    async function daysOf(name: string): Promise<readonly string[]> {
        const retention = find(name)?.inputs.retentionDays || Number.POSITIVE_INFINITY;
        const days = fs.existsSync(folderOf(name)) ? fs.readdirSync(folderOf(name)).sort() : [];
        const isOver = (day: string) => Date.parse(day) + (1 + retention) * DAY_MS <= clock.now();
        for (const day of days.filter(isOver)) await removeDay(path.join(folderOf(name), day));
        return days.filter((day) => !isOver(day));
    }

    async function removeDay(file: string): Promise<void> {
        await open.get(file)?.close();
        open.delete(file);
        fs.rmSync(file, { recursive: true, force: true });
    }

    return {
        all,
        find,
        wanting: (bus, fields) =>
            all()
                .filter((archive) => archive.bus === bus && (archive.pattern?.matches(fields) ?? true))
                .map(({ name }) => name),
        async keep(name, text) {
            if (!find(name)) return;
            const day = dayOf(clock.now());
            if (!open.has(path.join(folderOf(name), day))) await daysOf(name);
            await logOf(name, day).append([frameOfData([Buffer.from(text)], clock.now())]);
        },
        async *read(name) {
            for (const day of await daysOf(name)) {
                const reader = logOf(name, day).reader(0);
                try {
                    for (let frames = await reader.frames(); frames.length > 0; frames = await reader.frames())
                        for (const { data } of frames.flatMap(recordsIn)) yield data.toString();
                } finally {
                    await reader.close();
                }
            }
        },
        async remove(name) {
            for (const day of fs.existsSync(folderOf(name)) ? fs.readdirSync(folderOf(name)) : [])
                await removeDay(path.join(folderOf(name), day));
            fs.rmSync(folderOf(name), { recursive: true, force: true });
        },
        async close() {
            await Promise.all([...open.values()].map((log) => log.close()));
            open.clear();
        },
    };
}
