import { AthenaClient } from "@aws-sdk/client-athena";
import { GlueClient, type PartitionInput } from "@aws-sdk/client-glue";
import { S3Client } from "@aws-sdk/client-s3";
import { serviceError } from "./aws-test-support";
import { folderOfHour, type Hour, hourAt, hourOfParts, startOf } from "./utc-hours";

/** A request as the raw log tells of it. */
export interface LoggedRequest {
    readonly request_id: string;
    readonly tenant: string;
    readonly request_time: string;
}

interface Stored {
    readonly text: string;
    readonly modified: number;
}

/** How a query goes: how often it is found running, how it ends, and why. */
export interface QueryEnd {
    readonly looks?: number;
    readonly state: "SUCCEEDED" | "FAILED" | "CANCELLED";
    readonly reason?: string;
}

type Input = Readonly<Record<string, unknown>>;
type Command = { readonly constructor: { readonly name: string }; readonly input: Input };

/**
 * S3, the Glue catalog and Athena as the merge meets them in tests: the clients are the SDK's, and what they send ends here. Queries are told
 * by their form, and answered from the objects.
 */
export class FakeLakeAws {
    readonly objects = new Map<string, Stored>();
    readonly partitions = new Map<string, PartitionInput>();
    /** Names of the commands that were sent. */
    readonly sent: string[] = [];
    /** SQL of the queries that were started. */
    readonly statements: string[] = [];
    now = Date.parse("2026-12-31T23:30:00Z");
    /** How a query goes, by its SQL. */
    behave: (sql: string) => QueryEnd = () => ({ state: "SUCCEEDED" });
    /** Commands that are done before the process dies; and whether the last of them still has its effect. */
    life = { commands: Number.POSITIVE_INFINITY, isLastDone: false };
    private readonly queries = new Map<string, { readonly rows: string[][]; readonly end: QueryEnd; looks: number }>();

    /** Takes the place of the services, until it is restored. */
    install(): void {
        for (const { prototype } of [AthenaClient, GlueClient, S3Client]) {
            Object.assign(prototype, { send: async (command: Command) => this.answer(command) });
        }
    }

    /** What the clients inherit comes to light again. */
    restore(): void {
        for (const { prototype } of [AthenaClient, GlueClient, S3Client]) Reflect.deleteProperty(prototype, "send");
    }

    /** Writes an object to the folder of the hour in which it arrives. */
    arrive(hour: Hour, name: string, requests: readonly (LoggedRequest | string)[]): void {
        const lines = requests.map((each) => (typeof each === "string" ? each : JSON.stringify(each)));
        this.put(`access_log/${folderOfHour(hour)}${name}`, lines.join("\n"));
    }

    put(key: string, text: string, modified = this.now): void {
        this.objects.set(key, { text, modified });
    }

    /** The ids in the table, in their order, however often each is there. */
    metered(): readonly string[] {
        const ids = [...this.partitions.values()].flatMap(({ Parameters }) => this.written(Parameters?.run ?? ""));
        return ids.sort();
    }

    private answer(command: Command): unknown {
        const name = command.constructor.name.replace(/Command$/, "");
        this.sent.push(name);
        if (this.sent.length > this.life.commands) throw new Error("The process is dead.");
        const isLast = this.sent.length === this.life.commands;
        if (isLast && !this.life.isLastDone) throw new Error("The process is dead.");
        const answer = this.does(name, command.input);
        if (isLast) throw new Error("The process is dead.");
        return answer;
    }

    private does(name: string, input: Input): unknown {
        const operations: Readonly<Record<string, () => unknown>> = {
            ListObjectsV2: () => this.list(String(input.Prefix)),
            GetObject: () => this.get(String(input.Key)),
            PutObject: () => this.put(String(input.Key), String(input.Body)),
            DeleteObjects: () => {
                for (const { Key } of (input.Delete as { Objects: { Key: string }[] }).Objects)
                    this.objects.delete(Key);
                return {};
            },
            GetTable: () => ({
                Table: { StorageDescriptor: { InputFormat: "parquet", Location: "s3://bucket/usage/" } },
            }),
            BatchGetPartition: () => ({
                Partitions: (input.PartitionsToGet as { Values: string[] }[]).flatMap(
                    ({ Values }) => this.partitions.get(Values.join("/")) ?? [],
                ),
            }),
            CreatePartition: () => this.register(input.PartitionInput as PartitionInput, false),
            UpdatePartition: () => this.register(input.PartitionInput as PartitionInput, true),
            StartQueryExecution: () => this.start(String(input.QueryString)),
            GetQueryExecution: () => this.look(String(input.QueryExecutionId)),
            StopQueryExecution: () => ({}),
            GetQueryResults: () => this.results(String(input.QueryExecutionId)),
        };
        const operation = operations[name];
        if (!operation) throw new Error(`The merge sent ${name}, which no test knows.`);
        return operation() ?? {};
    }

    private list(prefix: string) {
        const Contents = [...this.objects]
            .filter(([key]) => key.startsWith(prefix))
            .map(([Key, { text, modified }]) => ({
                Key,
                Size: text.length,
                ETag: text,
                LastModified: new Date(modified),
            }));
        return { Contents };
    }

    private get(key: string) {
        const object = this.objects.get(key);
        if (!object) throw serviceError("NoSuchKey", 404);
        return { Body: { transformToString: async () => object.text } };
    }

    private register(input: PartitionInput, isKnown: boolean): void {
        const key = (input.Values ?? []).join("/");
        if (this.partitions.has(key) !== isKnown)
            throw serviceError(isKnown ? "EntityNotFoundException" : "AlreadyExistsException", 400);
        this.partitions.set(key, input);
    }

    private start(sql: string) {
        this.statements.push(sql);
        const end = this.behave(sql);
        const QueryExecutionId = `q${this.statements.length}`;
        const rows = end.state === "SUCCEEDED" ? this.run(sql) : [];
        this.queries.set(QueryExecutionId, { rows, end, looks: end.looks ?? 0 });
        return { QueryExecutionId };
    }

    private look(id: string) {
        const query = this.queries.get(id);
        if (!query) throw serviceError("InvalidRequestException", 400);
        const { state, reason } = query.end;
        const Status = query.looks-- > 0 ? { State: "RUNNING" } : { State: state, StateChangeReason: reason };
        return { QueryExecution: { Status } };
    }

    private results(id: string) {
        const rows = this.queries.get(id)?.rows ?? [];
        return {
            ResultSet: {
                Rows: [["names"], ...rows].map((row) => ({ Data: row.map((VarCharValue) => ({ VarCharValue })) })),
            },
        };
    }

    /** The rows of a statement: what is in folders, what a run writes, or how many there are. */
    private run(sql: string): string[][] {
        const hours = [...sql.matchAll(/"year" = (\d+) AND "month" = (\d+) AND "day" = (\d+) AND "hour" = (\d+)/g)].map(
            ([, ...parts]) => hourOfParts(parts.map(Number) as [number, number, number, number]),
        );
        if (sql.includes("AS happened")) return hours.flatMap((hour) => this.contents(hour));
        // The last is the hour of the partition that is published.
        const hour = hours.at(-1) as Hour;
        const run = /run=([^/']+)\/'|run = '([^']+)'/.exec(sql)?.slice(1).find(Boolean) as string;
        const ids = new Set([
            ...hours
                .slice(0, -1)
                .flatMap((folder) =>
                    this.requests(folder).flatMap((each) => (each && hourOf(each) === hour ? [each.request_id] : [])),
                ),
            ...this.written(this.partitions.get(partitionOf(hour))?.Parameters?.run ?? ""),
        ]);
        if (!sql.startsWith("UNLOAD")) {
            const written = this.written(run);
            return [[ids.size, written.length, new Set(written).size].map(String)];
        }
        this.put(`usage/run=${run}/part-0`, [...ids].join("\n"));
        return [];
    }

    private contents(folder: Hour): string[][] {
        const counts = new Map<string, number>();
        for (const request of this.requests(folder)) {
            const happened = request ? String(hourOf(request)) : "";
            counts.set(happened, (counts.get(happened) ?? 0) + 1);
        }
        return [...counts].map(([happened, lines]) => [...partitionOf(folder).split("/"), happened, String(lines)]);
    }

    /** Undefined for a line that is no request. */
    private requests(folder: Hour): readonly (LoggedRequest | undefined)[] {
        const prefix = `access_log/${folderOfHour(folder)}`;
        const texts = [...this.objects].flatMap(([key, { text }]) => (key.startsWith(prefix) ? text.split("\n") : []));
        return texts.map((text) => (text.startsWith("{") ? (JSON.parse(text) as LoggedRequest) : undefined));
    }

    private written(run: string): readonly string[] {
        return this.objects.get(`usage/run=${run}/part-0`)?.text.split("\n") ?? [];
    }
}

/** An object of requests of one hour, by their ids. */
export function requestsOf(hour: Hour, ...ids: readonly string[]): readonly LoggedRequest[] {
    return ids.map((id) => ({ request_id: id, tenant: "t", request_time: String(startOf(hour) + 1) }));
}

function hourOf({ request_time }: LoggedRequest): Hour {
    return hourAt(Number(request_time));
}

function partitionOf(hour: Hour): string {
    const date = new Date(startOf(hour));
    return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours()].join("/");
}
