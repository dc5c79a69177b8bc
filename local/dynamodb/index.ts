import * as fs from "node:fs";
import * as path from "node:path";
import type { Bindings } from "../resources";
import type { JsonService, Services } from "../services";
import { dynamodbBindings, type TableLife } from "./bindings";
import {
    keepsItemsOnly,
    TABLE_TYPE,
    type TableConfig,
    type TableInputs,
    type TableResource,
    tableArn,
    tableConfig,
} from "./config";
import { describeOperations } from "./describe";
import type { DynamoDBFaults } from "./faults";
import { indexesOf, type TableIndex } from "./keys";
import { STREAM_RETENTION_MS } from "./model";
import { itemOperations } from "./operations";
import { plainBatch } from "./plain";
import { openStore, type TableStore } from "./store";
import { type TableStreams, tableStreams } from "./streams";

export { seededFaults } from "./faults";
export type { TableChange, TableStreams } from "./streams";

/** How often changes that are too old are deleted, in milliseconds. */
const TRIM_MS = 600_000;

/** Settings of {@link createDynamoDB}. */
export interface DynamoDBOptions {
    /** What goes wrong on purpose, for tests. @default nothing does */
    readonly faults?: DynamoDBFaults;
}

/** Amazon DynamoDB: tables on disk, their items handled by dynalite. */
export interface DynamoDB {
    readonly service: JsonService;
    readonly bindings: Bindings;
    /** The streams of the tables' changes. */
    readonly streams: TableStreams;
    /** Begins to delete changes that are too old. */
    start(): void;
    /** Stops; what is accepted stays on disk. */
    close(): Promise<void>;
}

/** What {@link createDynamoDB} needs. */
export type DynamoDBServices = Pick<Services, "clock" | "iam" | "metrics" | "place" | "randomHex" | "resources">;

/** Makes the local {@link DynamoDB}. */
export function createDynamoDB(services: DynamoDBServices, options: DynamoDBOptions = {}): DynamoDB {
    const { clock, place, resources } = services;
    const tables = createTables(services);
    const folder = path.join(place.data, "dynamodb");
    let opened: Promise<TableStore> | undefined;
    let stop = new AbortController();
    let trimming: Promise<void> | undefined;
    const store = () => {
        opened ??= openStore(folder, tables.find, clock);
        return opened;
    };
    const arn = (name: string) => tableArn(place, name);
    resources.onChange(TABLE_TYPE, tables.changed);

    return {
        service: {
            target: "DynamoDB_20120810",
            name: "dynamodb",
            client: "@aws-sdk/client-dynamodb",
            operations: {
                ...itemOperations({ services, arn, store, faults: options.faults ?? {} }),
                ...describeOperations({ services, arn, find: tables.find, names: tables.names }),
            },
            // Which items are left over is chosen among those of any batch.
            ...(!options.faults?.unprocessed && {
                readers: { BatchWriteItem: (body: string) => plainBatch(body, tables.ofItemsOnly) },
            }),
        },
        bindings: dynamodbBindings(services, tableLife(tables, store)),
        streams: tableStreams({ services, find: tables.find, store }),
        start() {
            stop = new AbortController();
            trimming = trimNowAndThen(stop.signal).catch(warn);
        },
        async close() {
            stop.abort();
            await trimming;
            const open = await opened;
            opened = undefined;
            await open?.close();
            // The database keeps files of its own even when it holds nothing.
            if (tables.names().length === 0) fs.rmSync(folder, { recursive: true, force: true });
        },
    };

    async function trimNowAndThen(signal: AbortSignal): Promise<void> {
        while (!signal.aborted) {
            for (const name of tables.names()) {
                if (signal.aborted || !tables.find(name)?.stream) continue;
                const changes = await (await store()).changes(name);
                await changes.trim(clock.now() - STREAM_RETENTION_MS);
            }
            await clock.sleep(TRIM_MS, signal);
        }
    }
}

type Tables = ReturnType<typeof createTables>;

/** The tables of the table of resources. */
function createTables({ resources }: DynamoDBServices) {
    const retired = new Set<string>();
    /** Tables that are being changed: they are already as they will be. */
    const changing = new Map<string, TableConfig>();
    let byName: ReadonlyMap<string, TableConfig> | undefined;

    function all(): ReadonlyMap<string, TableConfig> {
        byName ??= new Map(
            resources
                .all<TableInputs>(TABLE_TYPE)
                .map((resource) => tableConfig(resource))
                .filter(({ name }) => !retired.has(name))
                .map((table) => [table.name, changing.get(table.name) ?? table] as const),
        );
        return byName;
    }

    return {
        find: (name: string) => all().get(name),
        /** A table of which nothing but its items is kept. */
        ofItemsOnly(name: string) {
            const table = all().get(name);
            return keepsItemsOnly(table) ? table.description : undefined;
        },
        names: () => [...all().keys()],
        changed() {
            changing.clear();
            byName = undefined;
        },
        become(table: TableConfig) {
            changing.set(table.name, table);
            byName = undefined;
        },
        retire(name: string) {
            retired.add(name);
            byName = undefined;
        },
        welcome: (name: string) => void retired.delete(name),
    };
}

function tableLife(tables: Tables, store: () => Promise<TableStore>): TableLife {
    return {
        async clear(resource) {
            const { name, description } = tableConfig(resource);
            tables.welcome(name);
            await (await store()).clearTable(description);
        },
        async change(old, next) {
            const [before, after] = [tableConfig(old), tableConfig(next)];
            tables.become(after);
            const open = await store();
            for (const index of indexesWithout(before, after)) await open.clearIndex(before.name, index);
            if (before.stream && before.stream.label !== after.stream?.label) await open.clearChanges(before.name);
            for (const index of indexesWithout(after, before)) await open.fillIndex(after.description, index);
        },
        async retire(resource: TableResource) {
            const { name, description } = tableConfig(resource);
            tables.retire(name);
            await (await store()).clearTable(description);
        },
    };
}

/** The indexes of one table that the other has not, or has in another form. */
function indexesWithout(table: TableConfig, other: TableConfig): readonly TableIndex[] {
    const formOf = ({ kind, index }: TableIndex) =>
        JSON.stringify([kind, index.IndexName, index.KeySchema, index.Projection]);
    const known = new Set(indexesOf(other.description).map(formOf));
    return indexesOf(table.description).filter((index) => !known.has(formOf(index)));
}

function warn(error: unknown): void {
    process.emitWarning(`Old changes of a table could not be deleted: ${error instanceof Error ? error.stack : error}`);
}
