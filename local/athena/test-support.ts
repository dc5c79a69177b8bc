import * as fs from "node:fs";
import * as path from "node:path";
import {
    AthenaClient,
    GetQueryExecutionCommand,
    type GetQueryResultsCommandOutput,
    paginateGetQueryResults,
    type QueryExecution,
    StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { GlueClient } from "@aws-sdk/client-glue";
import { LakeFormationClient } from "@aws-sdk/client-lakeformation";
import { fakeServices } from "../../tests/support/local";
import { createDuck, type DuckEngine } from "../duck";
import { createGlue } from "../glue";
import { glueBindings } from "../glue/bindings";
import { createIceberg, type IcebergTables } from "../iceberg";
import { lines } from "../iceberg/test-support";
import { createLakeFormation } from "../lakeformation";
import { lakeFormationBindings } from "../lakeformation/bindings";
import type { Properties } from "../resources";
import { createS3, type LocalS3 } from "../s3";
import { createServer } from "../server";
import type { Caller, Iam } from "../services";
import { createWire } from "../wire";
import { createAthena } from ".";
import { athenaBindings } from "./bindings";

/** What a query gave: names and types of the columns, and rows, null for NULL. */
export interface Answer {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | null)[])[];
}

/** Athena and Glue behind a port, with a bucket `lake` and the workgroup `analysts`, for tests. */
export interface Analysts {
    readonly services: Omit<ReturnType<typeof fakeServices>, "s3" | "duck" | "iceberg"> & {
        readonly iceberg: IcebergTables;
        readonly duck: DuckEngine;
        readonly s3: LocalS3;
    };
    readonly client: AthenaClient;
    readonly glue: GlueClient;
    readonly lakeFormation: LakeFormationClient;
    /** Makes a resource of the catalog or of Athena through its binding. */
    make(type: string, inputs: Properties): Promise<void>;
    /** Makes an Iceberg table in the database `web`: columns by name, then rows. */
    icebergTable(name: string, columns: Readonly<Record<string, unknown>>, rows: readonly object[]): Promise<void>;
    /** Path of an object's file. */
    file(url: string): string;
    /** Runs a query to its end. */
    run(sql: string, over?: object): Promise<QueryExecution>;
    /** Runs a query that must succeed, and reads all of its pages. */
    ask(sql: string, over?: object): Promise<Answer>;
    /** Runs a query that must not succeed, and gives its state and its reason. */
    refusal(sql: string, over?: object): Promise<readonly (string | undefined)[]>;
    close(): Promise<void>;
}

/** Starts {@link Analysts}. `identify` gives the caller of every request; the root unless told otherwise. */
export async function analysts(iam: Partial<Iam> = {}): Promise<Analysts> {
    const base = fakeServices();
    const own = { ...base, iam: { ...base.iam, ...iam } };
    own.resources.put({
        type: "aws:s3/bucket:Bucket",
        id: "lake",
        inputs: { bucket: "lake" },
        outputs: { bucket: "lake", arn: "arn:aws:s3:::lake" },
    });
    const s3 = createS3(own);
    fs.mkdirSync(path.dirname(s3.file("lake", "x")), { recursive: true });
    const duck = createDuck(own);
    const withFiles = { ...own, s3, duck };
    const services = { ...withFiles, iceberg: createIceberg(withFiles) };
    const athena = createAthena(services);
    const wire = createWire(() => [
        athena.service,
        createGlue(services).service,
        createLakeFormation(services).service,
    ]);
    const server = createServer({ iam: own.iam, wire });
    const endpoint = await server.listen();
    const config = { endpoint, region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
    const client = new AthenaClient(config);
    const glue = new GlueClient(config);
    const lakeFormation = new LakeFormationClient(config);
    const bindings = { ...glueBindings(services), ...athenaBindings(services), ...lakeFormationBindings(services) };
    const make = async (type: string, inputs: Properties) => {
        const { id, outputs } = await bindings[type].create(inputs, "logical");
        own.resources.put({ type, id, inputs, outputs });
    };
    await make("aws:glue/catalogDatabase:CatalogDatabase", { name: "web" });
    await make("aws:athena/workgroup:Workgroup", {
        name: "analysts",
        configuration: { resultConfiguration: { outputLocation: "s3://lake/results/" } },
    });

    const run = async (sql: string, over: object = {}) => {
        const started = await client.send(
            new StartQueryExecutionCommand({
                QueryString: sql,
                WorkGroup: "analysts",
                QueryExecutionContext: { Database: "web" },
                ...over,
            }),
        );
        for (;;) {
            const { QueryExecution: found } = await client.send(new GetQueryExecutionCommand(started as never));
            if (!found) throw new Error("The query is gone.");
            if (found.Status?.State !== "QUEUED" && found.Status?.State !== "RUNNING") return found;
            await new Promise((resolve) => setImmediate(resolve));
        }
    };
    return {
        services,
        client,
        glue,
        lakeFormation,
        make,
        run,
        async icebergTable(name, columns, rows) {
            const location = `s3://lake/${name}`;
            const fields = Object.entries(columns).map(([column, type], at) => ({
                id: at + 1,
                name: column,
                required: false,
                type: JSON.stringify(type),
            }));
            const icebergTableInput = { location, schema: { fields } };
            await make("aws:glue/catalogTable:CatalogTable", {
                name,
                databaseName: "web",
                openTableFormatInput: { icebergInput: { metadataOperation: "CREATE", icebergTableInput } },
            });
            const file = path.join(own.place.data, "rows.ndjson");
            let sequence = 0;
            fs.writeFileSync(
                file,
                lines(rows, () => ++sequence),
            );
            const { rejected } = await services.iceberg.write(location, { file, uniqueKeys: [] });
            if (rejected.length > 0) throw new Error(JSON.stringify(rejected));
        },
        file(url) {
            const [, bucket, key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(url) ?? [];
            return s3.file(bucket, key);
        },
        async ask(sql, over) {
            const { Status, QueryExecutionId } = await run(sql, over);
            if (Status?.State !== "SUCCEEDED") throw new Error(`${sql}: ${Status?.StateChangeReason}`);
            const pages: GetQueryResultsCommandOutput[] = [];
            for await (const page of paginateGetQueryResults({ client }, { QueryExecutionId })) pages.push(page);
            const rows = pages.flatMap((page) => page.ResultSet?.Rows ?? []);
            return {
                columns: (pages[0].ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(
                    ({ Name, Type }) => `${Name} ${Type}`,
                ),
                rows: rows.slice(1).map(({ Data }) => (Data ?? []).map(({ VarCharValue }) => VarCharValue ?? null)),
            };
        },
        async refusal(sql, over) {
            const { Status } = await run(sql, over);
            return [Status?.State, Status?.StateChangeReason];
        },
        async close() {
            client.destroy();
            glue.destroy();
            lakeFormation.destroy();
            await server.close(0);
            await athena.close();
            await duck.close();
            own.place.remove();
        },
    };
}

/** A caller that is no root. */
export const ANALYST: Caller = {
    arn: "arn:aws:sts::000000000000:assumed-role/analyst/session",
    roleArn: "arn:aws:iam::000000000000:role/analyst",
};
