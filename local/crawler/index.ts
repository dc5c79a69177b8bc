import * as path from "node:path";
import { serviceError } from "../errors";
import type { Announcement } from "../eventbridge/event";
import { openPartitions, type Partition } from "../glue/partitions";
import type { Bindings } from "../resources";
import { createScheduler, parseCron, type Scheduled } from "../schedule";
import type { Operation } from "../services";
import { crawlerBindings } from "./bindings";
import { CRAWLER_TYPE, type CrawlerInputs, type CrawlerResource } from "./config";
import { type CrawlServices, crawl, LOG_GROUP } from "./crawl";
import { crawlerOperations } from "./operations";
import { type LastCrawl, openStates } from "./state";

export type { Partition } from "../glue/partitions";

/** Glue's crawlers: they look into the folders of tables, by schedule or when they are told, and register partitions that are new. */
export interface Crawlers {
    /** Operations of Glue's API, for whoever serves it. */
    readonly operations: Readonly<Record<string, Operation>>;
    readonly bindings: Bindings;
    /** The partitions that have been registered for a table. */
    partitions(database: string, table: string): readonly Partition[];
    /** Runs a crawler, as a trigger does, and says how it ended; throws AWS's errors when it may not begin. */
    crawl(name: string): Promise<LastCrawl["status"]>;
    /** Begins to run by schedule. */
    start(): void;
    /** Stops; a crawl that runs is waited for. */
    close(): Promise<void>;
    /** Resolves when no crawler runs. */
    idle(): Promise<void>;
}

/** What {@link createCrawlers} needs. */
export type CrawlerServices = CrawlServices & {
    /** Tells the account's rules what has become of a crawl. */
    announce?(announcement: Announcement): Promise<void>;
};

/** Makes the local {@link Crawlers}. */
export function createCrawlers(services: CrawlerServices): Crawlers {
    const { clock, place, resources } = services;
    const folder = path.join(place.data, "crawler");
    const partitions = openPartitions(place);
    const states = openStates(path.join(folder, "crawlers"), () => clock.now());
    const running = new Map<string, { readonly since: number; readonly done: Promise<unknown> }>();
    const scheduler = createScheduler(clock, scheduled);
    resources.onChange(CRAWLER_TYPE, scheduler.changed);

    const stateOf = (inputs: CrawlerInputs) => states.of(inputs.name, fingerprintOf(inputs));
    const all = () => [...resources.all<CrawlerInputs>(CRAWLER_TYPE)].sort((a, b) => (a.id < b.id ? -1 : 1));
    const access = {
        services,
        all,
        find: (name: string) => all().find(({ inputs }) => inputs.name === name),
        stateOf: ({ inputs }: CrawlerResource) => stateOf(inputs),
        runningSince: (name: string) => running.get(name)?.since,
        start: run,
    };
    const idle = async () => {
        while (running.size > 0) await Promise.all([...running.values()].map(({ done }) => done));
    };

    return {
        operations: crawlerOperations(access),
        bindings: crawlerBindings(services, {
            isRunning: (name) => running.has(name),
            forget: states.forget,
            note: (inputs) => void stateOf(inputs),
        }),
        partitions: partitions.of,
        crawl(name) {
            const crawler = access.find(name);
            if (!crawler) throw serviceError("EntityNotFoundException", `Crawler with name ${name} does not exist`);
            if (running.has(name))
                throw serviceError("CrawlerRunningException", `Crawler with name ${name} has already started`);
            return run(crawler);
        },
        start: scheduler.start,
        async close() {
            await scheduler.close();
            await idle();
        },
        idle,
    };

    function run(crawler: CrawlerResource): Promise<LastCrawl["status"]> {
        const { name } = crawler.inputs;
        const since = clock.now();
        const log = { group: LOG_GROUP, stream: name };
        const end = (outcome: { status: "SUCCEEDED" } | { status: "FAILED"; error: string }) => {
            running.delete(name);
            if (access.find(name))
                states.crawled(name, fingerprintOf(crawler.inputs), { ...outcome, started: since, log });
            void services.announce?.(announcementOf(services, name, outcome));
            return outcome.status;
        };
        const done = crawl(services, partitions, crawler).then(
            () => end({ status: "SUCCEEDED" }),
            (error: unknown) =>
                end({ status: "FAILED", error: error instanceof Error ? error.message : String(error) }),
        );
        running.set(name, { since, done });
        return done;
    }

    /** A run that would begin while the former one is under way is left out, as on AWS. */
    function scheduled(): readonly Scheduled[] {
        return all().flatMap((crawler) => {
            const schedule = crawler.inputs.schedule ? parseCron(crawler.inputs.schedule) : undefined;
            if (!schedule) return [];
            const runUnlessRunning = () => {
                if (!running.has(crawler.inputs.name)) void run(crawler);
            };
            return [{ schedule, run: runUnlessRunning }];
        });
    }
}

/** https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html */
function announcementOf(
    { place }: CrawlServices,
    crawlerName: string,
    outcome: Pick<LastCrawl, "status" | "error">,
): Announcement {
    const ended =
        outcome.status === "SUCCEEDED" ? { state: "Succeeded" } : { state: "Failed", errorMessage: outcome.error };
    const detail = { accountId: place.account, crawlerName, ...ended };
    return { source: "aws.glue", detailType: "Glue Crawler State Change", detail };
}

function fingerprintOf(inputs: CrawlerInputs): string {
    return JSON.stringify(inputs);
}
