import * as assert from "node:assert/strict";
import {
    GetDatabaseCommand,
    GetDatabasesCommand,
    GetPartitionsCommand,
    GetTableCommand,
    GetTablesCommand,
    GetTagsCommand,
} from "@aws-sdk/client-glue";
import { iamWith } from "../../tests/support/local";
import { ANALYST, type Analysts, analysts } from "../athena/test-support";
import type { Properties } from "../resources";
import { glueBindings } from "./bindings";

describe("Glue, asked through the SDK", () => {
    let on: Analysts;
    before(async () => {
        on = await analysts();
        await on.icebergTable("events", { id: "string", n: "long" }, [{ id: "a", n: 1 }]);
        await on.make("aws:glue/catalogTable:CatalogTable", {
            name: "raw",
            databaseName: "web",
            description: "As it came.",
            tableType: "EXTERNAL_TABLE",
            parameters: { "projection.enabled": "true" },
            partitionKeys: [{ name: "year", type: "int" }],
            storageDescriptor: {
                location: "s3://lake/raw/",
                columns: [{ name: "id", type: "string", comment: "Who." }],
                serDeInfo: { serializationLibrary: "org.openx.data.jsonserde.JsonSerDe", parameters: { a: "b" } },
            },
        });
    });
    after(() => on.close());

    it("gives databases", async () => {
        const web = { Name: "web", CatalogId: "000000000000" };
        assert.deepStrictEqual((await on.glue.send(new GetDatabaseCommand({ Name: "WEB" }))).Database, web);
        assert.deepStrictEqual((await on.glue.send(new GetDatabasesCommand({}))).DatabaseList, [web]);
        await assert.rejects(on.glue.send(new GetDatabaseCommand({ Name: "nosuch" })), {
            name: "EntityNotFoundException",
            message: "Database nosuch not found.",
        });
    });

    it("gives an Iceberg table with the place of its metadata", async () => {
        const { Table } = await on.glue.send(new GetTableCommand({ DatabaseName: "web", Name: "events" }));
        assert.deepStrictEqual(Table, {
            Name: "events",
            DatabaseName: "web",
            CatalogId: "000000000000",
            PartitionKeys: [],
            TableType: "EXTERNAL_TABLE",
            UpdateTime: new Date(Date.UTC(2026, 10, 20, 12)),
            Parameters: { table_type: "ICEBERG", metadata_location: "s3://lake/events/metadata/v2.metadata.json" },
            StorageDescriptor: {
                Location: "s3://lake/events",
                Columns: [
                    {
                        Name: "id",
                        Type: "string",
                        Parameters: {
                            "iceberg.field.current": "true",
                            "iceberg.field.id": "1",
                            "iceberg.field.optional": "true",
                        },
                    },
                    {
                        Name: "n",
                        Type: "bigint",
                        Parameters: {
                            "iceberg.field.current": "true",
                            "iceberg.field.id": "2",
                            "iceberg.field.optional": "true",
                        },
                    },
                ],
            },
        });
    });

    it("gives the tables of a database by pages and by name", async () => {
        const names = async (over: object) => {
            const { TableList = [], NextToken } = await on.glue.send(
                new GetTablesCommand({ DatabaseName: "web", ...over }),
            );
            return [TableList.map(({ Name }) => Name), NextToken] as const;
        };
        assert.deepStrictEqual(await names({}), [["events", "raw"], undefined]);
        const [first, NextToken] = await names({ MaxResults: 1 });
        assert.deepStrictEqual(first, ["events"]);
        assert.deepStrictEqual(await names({ MaxResults: 1, NextToken }), [["raw"], undefined]);
        assert.deepStrictEqual(await names({ Expression: "r.*" }), [["raw"], undefined]);
    });

    it("gives other tables as they were made, without partitions", async () => {
        const of = { DatabaseName: "web", Name: "raw" };
        const { Table } = await on.glue.send(new GetTableCommand(of));
        assert.deepStrictEqual(Table, {
            Name: "raw",
            DatabaseName: "web",
            CatalogId: "000000000000",
            Description: "As it came.",
            PartitionKeys: [{ Name: "year", Type: "int" }],
            TableType: "EXTERNAL_TABLE",
            Parameters: { "projection.enabled": "true" },
            StorageDescriptor: {
                Columns: [{ Name: "id", Type: "string", Comment: "Who." }],
                Compressed: false,
                Location: "s3://lake/raw/",
                SerdeInfo: { SerializationLibrary: "org.openx.data.jsonserde.JsonSerDe", Parameters: { a: "b" } },
            },
        });
        const partitions = await on.glue.send(new GetPartitionsCommand({ DatabaseName: "web", TableName: "raw" }));
        assert.deepStrictEqual(partitions.Partitions, []);
        await assert.rejects(on.glue.send(new GetTableCommand({ ...of, Name: "nosuch" })), {
            name: "EntityNotFoundException",
            message: "Entity Not Found (Table nosuch not found.)",
        });
    });

    it("says which operations it lacks", async () => {
        await assert.rejects(on.glue.send(new GetTagsCommand({ ResourceArn: "arn:aws:glue:x" })), {
            name: "LocalUnsupported",
        });
    });
});

describe("Glue, asked by a caller who may not see a table", () => {
    it("names the first thing that is not allowed", async () => {
        const iam = iamWith((_caller, _action, arn) => !arn.includes("table/web/events"));
        const on = await analysts({
            authorize: iam.authorize,
            identify: () => ({ caller: ANALYST, secretAccessKey: "local" }),
        });
        try {
            await assert.rejects(on.glue.send(new GetTableCommand({ DatabaseName: "web", Name: "events" })), {
                name: "AccessDeniedException",
                message: `User: ${ANALYST.arn} is not authorized to perform: glue:GetTable on resource: arn:aws:glue:us-east-1:000000000000:table/web/events because no identity-based policy allows the glue:GetTable action`,
            });
        } finally {
            await on.close();
        }
    });
});

describe("The bindings of the Glue catalog", () => {
    let on: Analysts;
    before(async () => {
        on = await analysts();
    });
    after(() => on.close());

    const iceberg = (location: string, over: object = {}): Properties => ({
        name: "events",
        databaseName: "web",
        openTableFormatInput: {
            icebergInput: {
                metadataOperation: "CREATE",
                icebergTableInput: {
                    location,
                    schema: { fields: [{ id: 1, name: "n", required: false, type: '"int"' }] },
                    ...over,
                },
            },
        },
    });
    const binding = (type: string) => glueBindings(on.services)[type];
    const TABLE = "aws:glue/catalogTable:CatalogTable";

    it("give ids and ARNs as the provider does", async () => {
        const inputs = iceberg("s3://lake/ids");
        assert.deepStrictEqual(await binding(TABLE).create(inputs, "x"), {
            id: "000000000000:web:events",
            outputs: {
                ...inputs,
                catalogId: "000000000000",
                region: "us-east-1",
                arn: "arn:aws:glue:us-east-1:000000000000:table/web/events",
            },
        });
        const database = await binding("aws:glue/catalogDatabase:CatalogDatabase").create({ name: "lake" }, "x");
        assert.deepStrictEqual(database, {
            id: "000000000000:lake",
            outputs: {
                name: "lake",
                catalogId: "000000000000",
                region: "us-east-1",
                tagsAll: {},
                arn: "arn:aws:glue:us-east-1:000000000000:database/lake",
            },
        });
    });

    it("refuse what AWS and the local runtime would refuse, all of it", () => {
        const check = binding(TABLE).check as (inputs: Properties) => readonly string[];
        assert.deepStrictEqual(check(iceberg("s3://lake/t")), []);
        assert.deepStrictEqual(check({ ...iceberg("lake"), name: "Events" }), [
            '"name" must be in lower case, as Glue keeps it: "Events".',
            '"location" must be a folder in a bucket, s3://bucket/folder: it is "lake".',
        ]);
        const field = (type: string) => ({ schema: { fields: [{ id: 1, name: "n", required: false, type }] } });
        assert.deepStrictEqual(check(iceberg("s3://lake/t", field("int"))), [
            'The type of the Iceberg field "n" must be a JSON document such as "\\"string\\"", but it is "int".',
        ]);
        assert.deepStrictEqual(
            check(iceberg("s3://lake/t", { ...field('"uuid"'), properties: { "write.format.default": "orc" } })),
            [
                'The local runtime writes Iceberg tables as parquet only, not "orc".',
                'The Iceberg type "uuid" is not supported by the local runtime.',
            ],
        );
    });

    it("refuse a table without its database, and one that is there", async () => {
        await assert.rejects(
            async () => binding(TABLE).create({ ...iceberg("s3://lake/t"), databaseName: "nosuch" }, "x"),
            {
                name: "EntityNotFoundException",
                message: "Database nosuch not found.",
            },
        );
        await on.make(TABLE, iceberg("s3://lake/there"));
        await assert.rejects(async () => binding(TABLE).create(iceberg("s3://lake/there"), "x"), {
            name: "AlreadyExistsException",
            message: "Table already exists.",
        });
    });

    it("end a table with its resource, unless another lies in the same place", async () => {
        const make = async (name: string) => {
            const inputs = { ...iceberg("s3://lake/shared"), name };
            const made = await binding(TABLE).create(inputs, "x");
            return on.services.resources.put({ type: TABLE, id: made.id, inputs, outputs: made.outputs });
        };
        const [old, replacement] = [await make("old"), await make("new")];
        await binding(TABLE).delete?.(old);
        on.services.resources.remove(TABLE, old.id);
        assert.ok(on.services.iceberg.describe("s3://lake/shared"));
        await binding(TABLE).delete?.(replacement);
        assert.strictEqual(on.services.iceberg.describe("s3://lake/shared"), undefined);
    });

    it("change a table's schema in place", async () => {
        const location = "s3://lake/evolving";
        const inputs = { ...iceberg(location), name: "evolving" };
        await on.make(TABLE, inputs);
        const [old] = on.services.resources.all(TABLE).slice(-1);
        const fields = [
            { id: 1, name: "n", required: false, type: '"long"' },
            { id: 2, name: "m", required: false, type: '"string"' },
        ];
        await binding(TABLE).update?.(old, { ...iceberg(location, { schema: { fields } }), name: "evolving" }, "x");
        assert.deepStrictEqual(
            on.services.iceberg
                .describe(location)
                ?.metadata.schemas.map((schema) => schema.fields.map(({ type }) => type)),
            [["int"], ["long", "string"]],
        );
    });
});
