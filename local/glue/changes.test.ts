import * as assert from "node:assert/strict";
import {
    BatchCreatePartitionCommand,
    BatchDeletePartitionCommand,
    BatchDeleteTableCommand,
    BatchGetPartitionCommand,
    CreateDatabaseCommand,
    CreatePartitionCommand,
    CreateTableCommand,
    DeleteDatabaseCommand,
    DeletePartitionCommand,
    DeleteTableCommand,
    GetDatabaseCommand,
    GetPartitionCommand,
    GetPartitionsCommand,
    GetTableCommand,
    GetTablesCommand,
    UpdateDatabaseCommand,
    UpdatePartitionCommand,
    UpdateTableCommand,
} from "@aws-sdk/client-glue";
import { iamWith } from "../../tests/support/local";
import { ANALYST, type Analysts, analysts } from "../athena/test-support";

const OF = { DatabaseName: "web", TableName: "usage" };
const PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
const NOON = new Date(Date.UTC(2026, 10, 20, 12));

describe("Glue's catalog, changed through the SDK", () => {
    let on: Analysts;
    beforeEach(async () => {
        on = await analysts();
        const TableInput = {
            Name: "Usage",
            TableType: "EXTERNAL_TABLE",
            PartitionKeys: [
                { Name: "day", Type: "string" },
                { Name: "hour", Type: "int" },
            ],
            StorageDescriptor: {
                Columns: [{ Name: "Tenant", Type: "string" }],
                Location: "s3://lake/usage/",
                SerdeInfo: { SerializationLibrary: PARQUET },
            },
        };
        await on.glue.send(new CreateTableCommand({ DatabaseName: "web", TableInput }));
    });
    afterEach(() => on.close());

    const values = async (Expression?: string) => {
        const { Partitions = [] } = await on.glue.send(new GetPartitionsCommand({ ...OF, Expression }));
        return Partitions.map(({ Values }) => Values?.join(" "));
    };
    const create = (...all: string[]) =>
        on.glue.send(
            new BatchCreatePartitionCommand({
                ...OF,
                PartitionInputList: all.map((each) => ({ Values: each.split(" ") })),
            }),
        );

    it("makes, changes and removes a database with all that is in it", async () => {
        const DatabaseInput = { Name: "Lake", Description: "One.", Parameters: { a: "b" } };
        await on.glue.send(new CreateDatabaseCommand({ DatabaseInput }));
        await assert.rejects(on.glue.send(new CreateDatabaseCommand({ DatabaseInput })), {
            name: "AlreadyExistsException",
            message: "Database already exists.",
        });
        await on.glue.send(
            new UpdateDatabaseCommand({ Name: "lake", DatabaseInput: { Name: "lake", Description: "Two." } }),
        );
        const described = await on.glue.send(new GetDatabaseCommand({ Name: "lake" }));
        assert.deepStrictEqual(described.Database, { Name: "lake", CatalogId: "000000000000", Description: "Two." });
        await on.glue.send(new CreateTableCommand({ DatabaseName: "lake", TableInput: { Name: "t" } }));
        await on.glue.send(new DeleteDatabaseCommand({ Name: "lake" }));
        await assert.rejects(on.glue.send(new GetTablesCommand({ DatabaseName: "lake" })), {
            name: "EntityNotFoundException",
            message: "Database lake not found.",
        });
        await assert.rejects(on.glue.send(new DeleteDatabaseCommand({ Name: "lake" })), {
            name: "EntityNotFoundException",
        });
    });

    it("makes, changes and removes tables", async () => {
        const again = { DatabaseName: "web", TableInput: { Name: "usage" } };
        await assert.rejects(on.glue.send(new CreateTableCommand(again)), {
            name: "AlreadyExistsException",
            message: "Table already exists.",
        });
        await assert.rejects(on.glue.send(new CreateTableCommand({ ...again, DatabaseName: "none" })), {
            name: "EntityNotFoundException",
            message: "Database none not found.",
        });
        const { Table } = await on.glue.send(new GetTableCommand({ DatabaseName: "web", Name: "usage" }));
        assert.deepStrictEqual(Table?.StorageDescriptor?.Columns, [{ Name: "tenant", Type: "string" }]);
        const TableInput = { Name: "usage", Parameters: { classification: "parquet" } };
        await on.glue.send(new UpdateTableCommand({ DatabaseName: "web", TableInput }));
        const changed = await on.glue.send(new GetTableCommand({ DatabaseName: "web", Name: "usage" }));
        assert.deepStrictEqual(
            [changed.Table?.Parameters, changed.Table?.PartitionKeys],
            [{ classification: "parquet" }, []],
        );
        await assert.rejects(
            on.glue.send(new UpdateTableCommand({ DatabaseName: "web", TableInput: { Name: "none" } })),
            { name: "EntityNotFoundException", message: "Entity Not Found (Table none not found.)" },
        );
        const { Errors } = await on.glue.send(
            new BatchDeleteTableCommand({ DatabaseName: "web", TablesToDelete: ["usage", "none"] }),
        );
        assert.deepStrictEqual(Errors, [
            {
                TableName: "none",
                ErrorDetail: {
                    ErrorCode: "EntityNotFoundException",
                    ErrorMessage: "Entity Not Found (Table none not found.)",
                },
            },
        ]);
        await assert.rejects(on.glue.send(new DeleteTableCommand({ DatabaseName: "web", Name: "usage" })), {
            name: "EntityNotFoundException",
        });
    });

    it("keeps a partition's parameters and place, and changes them in one step", async () => {
        const input = {
            Values: ["2026-01-01", "7"],
            Parameters: { rows: "3" },
            StorageDescriptor: { Location: "s3://lake/run-1/" },
        };
        await on.glue.send(new CreatePartitionCommand({ ...OF, PartitionInput: input }));
        await assert.rejects(on.glue.send(new CreatePartitionCommand({ ...OF, PartitionInput: input })), {
            name: "AlreadyExistsException",
            message: "Partition already exists.",
        });
        const get = async () =>
            (await on.glue.send(new GetPartitionCommand({ ...OF, PartitionValues: input.Values }))).Partition;
        const expected = {
            Values: input.Values,
            DatabaseName: "web",
            TableName: "usage",
            CreationTime: NOON,
            Parameters: { rows: "3" },
            StorageDescriptor: {
                Columns: [{ Name: "tenant", Type: "string" }],
                Compressed: false,
                Location: "s3://lake/run-1/",
                SerdeInfo: { SerializationLibrary: PARQUET },
            },
        };
        assert.deepStrictEqual(await get(), expected);
        const next = { ...input, Parameters: { rows: "4" }, StorageDescriptor: { Location: "s3://lake/run-2/" } };
        const update = { ...OF, PartitionValueList: input.Values, PartitionInput: next };
        await on.glue.send(new UpdatePartitionCommand(update));
        assert.deepStrictEqual(await get(), {
            ...expected,
            Parameters: { rows: "4" },
            StorageDescriptor: { ...expected.StorageDescriptor, Location: "s3://lake/run-2/" },
        });
        await on.glue.send(new DeletePartitionCommand({ ...OF, PartitionValues: input.Values }));
        await assert.rejects(get(), { name: "EntityNotFoundException", message: "Cannot find partition." });
        await assert.rejects(on.glue.send(new UpdatePartitionCommand(update)), {
            name: "EntityNotFoundException",
            message: "Cannot find partition.",
        });
    });

    it("makes, reads and removes many partitions, and reports each that it could not", async () => {
        assert.deepStrictEqual((await create("a 1", "a 2", "b 1")).Errors, []);
        assert.deepStrictEqual((await create("a 2", "b 2")).Errors, [
            {
                PartitionValues: ["a", "2"],
                ErrorDetail: { ErrorCode: "AlreadyExistsException", ErrorMessage: "Partition already exists." },
            },
        ]);
        await assert.rejects(on.glue.send(new CreatePartitionCommand({ ...OF, PartitionInput: { Values: ["a"] } })), {
            name: "InvalidInputException",
            message: "The number of partition keys do not match the number of partition values",
        });
        assert.deepStrictEqual(await values(), ["a 1", "a 2", "b 1", "b 2"]);
        const some = await on.glue.send(
            new BatchGetPartitionCommand({ ...OF, PartitionsToGet: [{ Values: ["b", "1"] }, { Values: ["c", "1"] }] }),
        );
        assert.deepStrictEqual(
            some.Partitions?.map(({ StorageDescriptor }) => StorageDescriptor?.Location),
            ["s3://lake/usage/day=b/hour=1/"],
        );
        const { Errors } = await on.glue.send(
            new BatchDeletePartitionCommand({
                ...OF,
                PartitionsToDelete: [{ Values: ["a", "1"] }, { Values: ["c", "1"] }],
            }),
        );
        assert.deepStrictEqual(
            Errors?.map(({ PartitionValues }) => PartitionValues),
            [["c", "1"]],
        );
        assert.deepStrictEqual(await values(), ["a 2", "b 1", "b 2"]);
        await on.glue.send(new DeleteTableCommand({ DatabaseName: "web", Name: "usage" }));
        await assert.rejects(values(), { name: "EntityNotFoundException" });
    });

    const EXPRESSIONS: readonly (readonly [string, readonly string[]])[] = [
        ["day = 'a'", ["a 10", "a 2"]],
        ["day = 'a' AND hour < 10", ["a 2"]],
        ["hour >= 2 and (day <> 'a' or hour = 10)", ["a 10", "b 3"]],
        ["hour BETWEEN 2 AND 3", ["a 2", "b 3"]],
        ["hour IN (3, 10)", ["a 10", "b 3"]],
        ["NOT day LIKE 'a%'", ["b 3"]],
        ["day NOT IN ('b')", ["a 10", "a 2"]],
    ];
    it("finds partitions by an expression", async () => {
        await create("a 2", "a 10", "b 3");
        for (const [expression, expected] of EXPRESSIONS) {
            assert.deepStrictEqual(await values(expression), expected, expression);
        }
        for (const expression of ["day =", "day = 'a' OR", "nosuch = 1", "day ~ 'a'", "(day = 'a'"]) {
            await assert.rejects(values(expression), { name: "InvalidInputException" }, expression);
        }
    });

    it("needs the right to each change on catalog, database and table", async () => {
        const { authorize } = iamWith((_caller, action) => action !== "glue:UpdatePartition");
        const other = await analysts({
            authorize,
            identify: () => ({ caller: ANALYST, secretAccessKey: "local" }),
        });
        const update = { ...OF, PartitionValueList: ["a", "1"], PartitionInput: {} };
        await assert.rejects(other.glue.send(new UpdatePartitionCommand(update)), {
            name: "AccessDeniedException",
            message: `User: ${ANALYST.arn} is not authorized to perform: glue:UpdatePartition on resource: arn:aws:glue:us-east-1:000000000000:catalog because no identity-based policy allows the glue:UpdatePartition action`,
        });
        await other.close();
    });
});
