import * as fs from "node:fs";
import * as path from "node:path";
import { fileName, readJson, writeJson } from "../firehose/files";

/** How the last crawl ended. */
export interface LastCrawl {
    readonly status: "SUCCEEDED" | "FAILED";
    readonly error?: string;
    /** Milliseconds since 1970. */
    readonly started: number;
    readonly log: { readonly group: string; readonly stream: string };
}

/** What a crawler remembers of itself. */
export interface CrawlerState {
    /** Milliseconds since 1970. */
    readonly created: number;
    readonly updated: number;
    /** Counts its configurations, from 1. */
    readonly version: number;
    /** Tells whether its configuration is another one. */
    readonly fingerprint: string;
    readonly lastCrawl?: LastCrawl;
}

/** The states of crawlers, on disk. */
export interface CrawlerStates {
    /** The state of a crawler with this configuration, brought up to it. */
    of(name: string, fingerprint: string): CrawlerState;
    crawled(name: string, fingerprint: string, lastCrawl: LastCrawl): void;
    forget(name: string): void;
}

/** Opens the {@link CrawlerStates} kept in a folder. */
export function openStates(folder: string, now: () => number): CrawlerStates {
    const fileOf = (name: string) => path.join(folder, `${fileName(name)}.json`);
    const of = (name: string, fingerprint: string): CrawlerState => {
        const known = readJson<CrawlerState>(fileOf(name));
        if (known?.fingerprint === fingerprint) return known;
        const time = now();
        const state = { created: time, ...known, updated: time, version: (known?.version ?? 0) + 1, fingerprint };
        writeJson(fileOf(name), state);
        return state;
    };
    return {
        of,
        crawled(name, fingerprint, lastCrawl) {
            writeJson(fileOf(name), { ...of(name, fingerprint), lastCrawl });
        },
        forget(name) {
            fs.rmSync(fileOf(name), { force: true });
        },
    };
}
