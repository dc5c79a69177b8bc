import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { GetQueryResultsCommand } from "@aws-sdk/client-athena";
import { CreatePartitionCommand, CreateTableCommand, GetTableCommand, GetTablesCommand } from "@aws-sdk/client-glue";
import {
    DescribeResourceCommand,
    GetDataLakeSettingsCommand,
    GrantPermissionsCommand,
    ListDataCellsFilterCommand,
    ListPermissionsCommand,
    ListResourcesCommand,
    RevokePermissionsCommand,
} from "@aws-sdk/client-lakeformation";
import { iamWith, ROOT } from "../../tests/support/local";
import { ANALYST, type Analysts, analysts } from "../athena/test-support";
import type { StreamConfig } from "../firehose/config";
import { tableLocation } from "../firehose/glue-table";
import type { Failure } from "../firehose/outcome";
import type { Properties } from "../resources";
import type { Caller } from "../services";

const READER = "arn:aws:iam::000000000000:role/reader";
const ROLE = ANALYST.roleArn as string;
const DENIED = "PERMISSION_DENIED: Insufficient permissions to execute the query.";
const NO_SELECT = `${DENIED} Insufficient Lake Formation permission(s): Required Describe on cards`;
const HIDDEN = (column: string, place = "1:8") =>
    `COLUMN_NOT_FOUND: line ${place}: Column '${column}' cannot be resolved or requester is not authorized to access requested resources`;

describe("Lake Formation", () => {
    let on: Analysts;
    let who: Caller;
    beforeEach(async () => {
        who = ROOT;
        // The analyst reads no file of the lake by himself, nor lists them.
        const { authorize } = iamWith(
            ({ arn }, action, resource) =>
                arn !== ANALYST.arn || !/^s3:(Get|Put)/.test(action) || /\/(results|own)\//.test(resource),
        );
        on = await analysts({ authorize, identify: () => ({ caller: who, secretAccessKey: "local" }) });
        put("cards/day=1/a.json", [
            { id: "1", country: "IN", name: "Asha", amount: 10 },
            { id: "2", country: "DE", name: "Bert", amount: 20 },
            { id: "3", country: "IN", name: "Chand", amount: 30 },
        ]);
        await on.make("aws:glue/catalogDatabase:CatalogDatabase", {
            name: "lake",
            createTableDefaultPermissions: [
                { permissions: ["SELECT"], principal: { dataLakePrincipalIdentifier: READER } },
            ],
        });
        await on.make("aws:glue/catalogTable:CatalogTable", {
            databaseName: "lake",
            name: "cards",
            parameters: {
                "projection.enabled": "true",
                "projection.day.type": "integer",
                "projection.day.range": "1,9",
            },
            partitionKeys: [{ name: "day", type: "int" }],
            storageDescriptor: {
                location: "s3://lake/cards/",
                columns: [
                    { name: "id", type: "string" },
                    { name: "country", type: "string" },
                    { name: "name", type: "string" },
                    { name: "amount", type: "int" },
                ],
                serDeInfo: { serializationLibrary: "org.openx.data.jsonserde.JsonSerDe" },
            },
        });
        await on.make("aws:lakeformation/resource:Resource", { arn: "arn:aws:s3:::lake/cards", roleArn: READER });
    });
    afterEach(() => on.close());

    function put(key: string, rows: readonly object[]): void {
        const file = on.file(`s3://lake/${key}`);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    }
    const grant = (on_: Properties, permissions: readonly string[] = ["SELECT"], principal = ROLE) =>
        on.make("aws:lakeformation/permissions:Permissions", { principal, permissions, ...on_ });
    const filter = (name: string, over: Properties) =>
        on.make("aws:lakeformation/dataCellsFilter:DataCellsFilter", {
            tableData: { tableCatalogId: "000000000000", databaseName: "lake", tableName: "cards", name, ...over },
        });
    const granted = (name: string) =>
        grant({ dataCellsFilter: { tableCatalogId: "0", databaseName: "lake", tableName: "cards", name } });
    const lake = { QueryExecutionContext: { Database: "lake" } };
    const as = async <T>(caller: Caller, act: () => Promise<T>): Promise<T> => {
        who = caller;
        return await act().finally(() => {
            who = ROOT;
        });
    };
    const ask = (sql: string) => as(ANALYST, async () => (await on.ask(sql, lake)).rows);
    const refusal = (sql: string) => as(ANALYST, async () => (await on.refusal(sql, lake))[1]);

    describe("with a filter of cells", () => {
        beforeEach(async () => {
            await filter("india", {
                columnWildcard: { excludedColumnNames: ["name"] },
                rowFilter: { filterExpression: "country = 'IN'" },
            });
            await granted("india");
        });

        const SEEN: readonly (readonly [string, readonly (readonly (string | null)[])[]])[] = [
            [
                "SELECT * FROM cards ORDER BY id",
                [
                    ["1", "IN", "10", "1"],
                    ["3", "IN", "30", "1"],
                ],
            ],
            ["SELECT c.* FROM lake.cards AS c WHERE amount > 15", [["3", "IN", "30", "1"]]],
            ["SELECT count(*), sum(amount) FROM cards", [["2", "40"]]],
            ["WITH c AS (SELECT * FROM cards) SELECT a.id, b.id FROM c a JOIN c b ON a.id < b.id", [["1", "3"]]],
            ["SELECT id FROM cards WHERE id IN (SELECT id FROM cards WHERE country = 'DE')", []],
            ["SELECT (SELECT max(amount) FROM cards)", [["30"]]],
            ["SELECT id FROM cards UNION SELECT country FROM cards ORDER BY 1", [["1"], ["3"], ["IN"]]],
            ["SELECT id FROM cards WHERE day = 2", []],
            // A condition is not asked about a row that is kept from the caller, or its error would tell of it.
            ["SELECT id FROM cards WHERE 1 / (amount - 20) >= 0 ORDER BY id", [["1"], ["3"]]],
            ["SELECT count(*) FROM cards WHERE CAST(id AS integer) > 0 OR CAST(country AS integer) = 1", [["2"]]],
        ];
        for (const [sql, expected] of SEEN) {
            it(`shows its rows and columns alone to ${sql}`, async () => {
                assert.deepStrictEqual(await ask(sql), expected);
            });
        }

        const REFUSED: readonly (readonly [string, string])[] = [
            ["SELECT name FROM cards", HIDDEN("name")],
            ["SELECT id FROM cards WHERE name = 'Bert'", HIDDEN("name", "1:28")],
            ["SELECT c.name FROM (SELECT * FROM cards) AS c", HIDDEN("name", "1:10")],
            ["SELECT id FROM cards ORDER BY name", HIDDEN("name", "1:31")],
            ['SELECT * FROM "__t0"', "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.lake.__t0' does not exist"],
        ];
        for (const [sql, expected] of REFUSED) {
            it(`refuses ${sql}`, async () => assert.strictEqual(await refusal(sql), expected));
        }

        it("writes no more than it shows", async () => {
            await as(ANALYST, () =>
                on.run(
                    "UNLOAD (SELECT * FROM cards ORDER BY id) TO 's3://lake/own/out/' WITH (format = 'JSON', compression = 'NONE')",
                    lake,
                ),
            );
            const [{ key }] = await on.services.s3.listObjects(ROOT, "lake", "own/out/");
            assert.strictEqual(
                fs.readFileSync(on.file(`s3://lake/${key}`), "utf8"),
                '{"id":"1","country":"IN","amount":10,"day":1}\n{"id":"3","country":"IN","amount":30,"day":1}\n',
            );
        });

        it("names no other columns in the catalog", async () => {
            const lines = await as(ANALYST, async () => {
                const { QueryExecutionId } = await on.run("SHOW COLUMNS IN cards", lake);
                const { ResultSet } = await on.client.send(new GetQueryResultsCommand({ QueryExecutionId }));
                return ResultSet?.Rows?.map((row) => row.Data?.[0].VarCharValue);
            });
            assert.deepStrictEqual(lines, ["id", "country", "amount", "day"]);
            const { Table } = await as(ANALYST, () =>
                on.glue.send(new GetTableCommand({ DatabaseName: "lake", Name: "cards" })),
            );
            assert.deepStrictEqual(
                Table?.StorageDescriptor?.Columns?.map(({ Name }) => Name),
                ["id", "country", "amount"],
            );
        });

        it("adds up with another: a cell is seen where one of them shows it", async () => {
            await filter("dear", { columnNames: ["id", "name"], rowFilter: { filterExpression: "amount >= 20" } });
            await granted("dear");
            assert.deepStrictEqual(await ask("SELECT id, country, name, amount FROM cards ORDER BY id"), [
                ["1", "IN", null, "10"],
                ["2", null, "Bert", null],
                ["3", "IN", "Chand", "30"],
            ]);
            await grant({ tableWithColumns: { databaseName: "lake", name: "cards", columnNames: ["id"] } });
            assert.deepStrictEqual(await ask("SELECT count(id), count(country), count(name) FROM cards"), [
                ["3", "2", "2"],
            ]);
        });

        it("cannot be walked around by a table of one's own over the same files", async () => {
            const make = (location: string) =>
                as(ANALYST, () =>
                    on.glue.send(
                        new CreateTableCommand({
                            DatabaseName: "lake",
                            TableInput: {
                                Name: "mine",
                                StorageDescriptor: {
                                    Location: location,
                                    Columns: [{ Name: "name", Type: "string" }],
                                    SerdeInfo: { SerializationLibrary: "org.openx.data.jsonserde.JsonSerDe" },
                                },
                            },
                        }),
                    ),
                );
            await assert.rejects(make("s3://lake/cards/day=1/"), {
                name: "AccessDeniedException",
                message: "Insufficient Lake Formation permission(s) on s3://lake/cards/day=1/",
            });
            await make("s3://lake/");
            assert.match(String(await refusal("SELECT * FROM mine")), /is not authorized to perform: s3:GetObject/);
        });
    });

    it("refuses who has no grant, and shows nothing of the table", async () => {
        assert.strictEqual(await refusal("SELECT id FROM cards"), NO_SELECT);
        await assert.rejects(
            as(ANALYST, () => on.glue.send(new GetTableCommand({ DatabaseName: "lake", Name: "cards" }))),
            {
                name: "AccessDeniedException",
                message: "Insufficient Lake Formation permission(s): Required Describe on cards",
            },
        );
        const { TableList } = await as(ANALYST, () => on.glue.send(new GetTablesCommand({ DatabaseName: "lake" })));
        assert.deepStrictEqual(TableList, []);
        await grant({ table: { databaseName: "lake", name: "cards" } }, ["DESCRIBE"]);
        assert.strictEqual(
            await refusal("SELECT id FROM cards"),
            `${DENIED} Insufficient Lake Formation permission(s): Required Select on cards`,
        );
    });

    it("lets a role read by the rights of the location's role, and change what it was granted to", async () => {
        await grant({
            tableWithColumns: { databaseName: "lake", name: "cards", wildcard: true, excludedColumnNames: ["name"] },
        });
        assert.deepStrictEqual(await ask("SELECT * FROM cards WHERE id = '2'"), [["2", "DE", "20", "1"]]);
        const partition = { DatabaseName: "lake", TableName: "cards", PartitionInput: { Values: ["3"] } };
        await assert.rejects(
            as(ANALYST, () => on.glue.send(new CreatePartitionCommand(partition))),
            {
                name: "AccessDeniedException",
                message: "Insufficient Lake Formation permission(s): Required Alter on cards",
            },
        );
        await grant({ table: { databaseName: "lake", wildcard: true } }, ["ALTER"]);
        await assert.rejects(
            as(ANALYST, () => on.glue.send(new CreatePartitionCommand(partition))),
            {
                message: "Insufficient Lake Formation permission(s) on s3://lake/cards/day=3/",
            },
        );
        await grant({ dataLocation: { arn: "arn:aws:s3:::lake/cards" } }, ["DATA_LOCATION_ACCESS"]);
        await as(ANALYST, () => on.glue.send(new CreatePartitionCommand(partition)));
    });

    it("leaves tables to IAM where everybody still has everything", async () => {
        await on.icebergTable("events", { n: "int" }, [{ n: 1 }]);
        assert.match(
            String((await as(ANALYST, () => on.refusal("SELECT n FROM events")))[1]),
            /is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::lake\/events\/\*/,
        );
        const Resource = { Table: { DatabaseName: "web", Name: "events" } };
        const everybody = { DataLakePrincipalIdentifier: "IAM_ALLOWED_PRINCIPALS" };
        await on.lakeFormation.send(
            new RevokePermissionsCommand({ Principal: everybody, Resource, Permissions: ["ALL"] }),
        );
        assert.strictEqual(
            (await as(ANALYST, () => on.refusal("SELECT n FROM events")))[1],
            NO_SELECT.replace("cards", "events"),
        );
        await on.make("aws:lakeformation/resource:Resource", { arn: "arn:aws:s3:::lake/events", roleArn: READER });
        const mine = { Principal: { DataLakePrincipalIdentifier: ROLE }, Resource };
        await on.lakeFormation.send(new GrantPermissionsCommand({ ...mine, Permissions: ["SELECT"] }));
        assert.deepStrictEqual((await as(ANALYST, () => on.ask("SELECT n FROM events"))).rows, [["1"]]);
        await assert.rejects(
            as(ANALYST, () => on.lakeFormation.send(new GrantPermissionsCommand({ ...mine, Permissions: ["ALTER"] }))),
            { name: "AccessDeniedException" },
        );
        await on.lakeFormation.send(new RevokePermissionsCommand({ ...mine, Permissions: ["SELECT"] }));
        await assert.rejects(
            on.lakeFormation.send(new RevokePermissionsCommand({ ...mine, Permissions: ["SELECT"] })),
            {
                name: "InvalidInputException",
                message: "No permissions revoked. Grantee has no permissions on the resource",
            },
        );
    });

    it("asks a stream's role for grants too, where the table is not everybody's", async () => {
        const stream = {
            roleArn: ROLE,
            arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/s",
        } as StreamConfig;
        const location = () => tableLocation(on.services, stream, "lake", "cards");
        // The role itself may do anything here: what is missing is a grant.
        assert.strictEqual((location() as Failure).code, "Glue.AccessDenied");
        await grant({ table: { databaseName: "lake", name: "cards" } }, ["ALTER", "DESCRIBE", "INSERT"]);
        assert.deepStrictEqual(location(), { location: "s3://lake/cards/" });
    });

    it("lists grants, locations, filters and settings", async () => {
        await filter("all", { columnWildcard: {}, rowFilter: { allRowsWildcard: {} } });
        await granted("all");
        const principal = { DataLakePrincipalIdentifier: ROLE };
        const { PrincipalResourcePermissions } = await on.lakeFormation.send(
            new ListPermissionsCommand({ Principal: principal }),
        );
        assert.deepStrictEqual(PrincipalResourcePermissions, [
            {
                Principal: principal,
                Resource: {
                    DataCellsFilter: {
                        TableCatalogId: "000000000000",
                        DatabaseName: "lake",
                        TableName: "cards",
                        Name: "all",
                    },
                },
                Permissions: ["SELECT"],
                PermissionsWithGrantOption: [],
            },
        ]);
        const Table = { DatabaseName: "lake", Name: "cards" };
        const filters = await on.lakeFormation.send(new ListDataCellsFilterCommand({ Table }));
        assert.deepStrictEqual(filters.DataCellsFilters, [
            {
                TableCatalogId: "000000000000",
                DatabaseName: "lake",
                TableName: "cards",
                Name: "all",
                RowFilter: { AllRowsWildcard: {} },
                ColumnWildcard: { ExcludedColumnNames: [] },
            },
        ]);
        const described = await on.lakeFormation.send(
            new DescribeResourceCommand({ ResourceArn: "arn:aws:s3:::lake/cards" }),
        );
        assert.deepStrictEqual(described.ResourceInfo?.RoleArn, READER);
        const { ResourceInfoList } = await on.lakeFormation.send(new ListResourcesCommand({}));
        assert.deepStrictEqual(ResourceInfoList, [described.ResourceInfo]);
        const { DataLakeSettings } = await on.lakeFormation.send(new GetDataLakeSettingsCommand({}));
        assert.deepStrictEqual(DataLakeSettings?.DataLakeAdmins, [{ DataLakePrincipalIdentifier: ROOT.arn }]);
        await assert.rejects(on.lakeFormation.send(new DescribeResourceCommand({ ResourceArn: "arn:aws:s3:::x" })), {
            name: "EntityNotFoundException",
            message: "Entity not found",
        });
    });
});
