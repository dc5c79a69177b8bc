import type { Resource } from "@aws-sdk/client-lakeformation";
import { serviceError, unsupported } from "../errors";
import type { Properties } from "../resources";

/** Resource types of Lake Formation. */
export const PERMISSIONS_TYPE = "aws:lakeformation/permissions:Permissions";
export const LOCATION_TYPE = "aws:lakeformation/resource:Resource";
export const FILTER_TYPE = "aws:lakeformation/dataCellsFilter:DataCellsFilter";
export const SETTINGS_TYPE = "aws:lakeformation/dataLakeSettings:DataLakeSettings";

/** Inputs of aws.lakeformation.Permissions, resolved. */
export interface PermissionsInputs extends Properties {
    readonly principal: string;
    readonly permissions: readonly string[];
    readonly permissionsWithGrantOptions?: readonly string[];
    readonly catalogResource?: boolean;
    readonly database?: { readonly name: string };
    readonly table?: { readonly databaseName: string; readonly name?: string; readonly wildcard?: boolean };
    readonly tableWithColumns?: {
        readonly databaseName: string;
        readonly name: string;
        readonly columnNames?: readonly string[];
        readonly excludedColumnNames?: readonly string[];
        readonly wildcard?: boolean;
    };
    readonly dataLocation?: { readonly arn: string };
    readonly dataCellsFilter?: { readonly databaseName: string; readonly tableName: string; readonly name: string };
}

/** Inputs of aws.lakeformation.Resource, resolved. */
export interface LocationInputs extends Properties {
    readonly arn: string;
    readonly roleArn?: string;
    readonly useServiceLinkedRole?: boolean;
}

/** Inputs of aws.lakeformation.DataCellsFilter, resolved. */
export interface FilterInputs extends Properties {
    readonly tableData: CellsFilter;
}

/** Which cells of a table a filter leaves. */
export interface CellsFilter {
    readonly databaseName: string;
    readonly tableName: string;
    readonly name: string;
    readonly columnNames?: readonly string[];
    readonly columnWildcard?: { readonly excludedColumnNames?: readonly string[] };
    readonly rowFilter?: { readonly filterExpression?: string; readonly allRowsWildcard?: unknown };
    readonly versionId?: string;
}

/** What a program's grant is on, as Lake Formation's API has it. */
export function resourceOf(inputs: PermissionsInputs): Resource {
    const { catalogResource, database, table, tableWithColumns: columns, dataLocation, dataCellsFilter } = inputs;
    if (catalogResource) return { Catalog: {} };
    if (database) return { Database: { Name: database.name } };
    if (dataLocation) return { DataLocation: { ResourceArn: dataLocation.arn } };
    if (table) {
        const DatabaseName = table.databaseName;
        return { Table: { DatabaseName, ...(table.name ? { Name: table.name } : { TableWildcard: {} }) } };
    }
    if (dataCellsFilter) {
        const { databaseName: DatabaseName, tableName: TableName, name: Name } = dataCellsFilter;
        return { DataCellsFilter: { DatabaseName, TableName, Name } };
    }
    if (columns) {
        const { databaseName: DatabaseName, name: Name, columnNames, excludedColumnNames: excluded = [] } = columns;
        return {
            TableWithColumns: {
                DatabaseName,
                Name,
                ...(columnNames?.length
                    ? { ColumnNames: [...columnNames] }
                    : { ColumnWildcard: { ExcludedColumnNames: [...excluded] } }),
            },
        };
    }
    throw unsupported("A grant by LF-tags");
}

/** A resource that the API is told of, in lower case as Glue has it. Throws for one that the local runtime lacks. */
export function givenResource(resource: Resource | undefined): Resource {
    const { Catalog, Database, Table, TableWithColumns, DataLocation, DataCellsFilter } = resource ?? {};
    const lower = (text: string | undefined) => text?.toLowerCase();
    if (Catalog) return { Catalog: {} };
    if (Database) return { Database: { Name: lower(Database.Name) } };
    if (DataLocation) return { DataLocation: { ResourceArn: DataLocation.ResourceArn } };
    if (Table) {
        const named = Table.Name ? { Name: lower(Table.Name) } : { TableWildcard: {} };
        return { Table: { DatabaseName: lower(Table.DatabaseName), ...named } };
    }
    if (TableWithColumns) {
        const { DatabaseName, Name, ColumnNames, ColumnWildcard } = TableWithColumns;
        const which = ColumnNames?.length
            ? { ColumnNames: ColumnNames.map((name) => name.toLowerCase()) }
            : { ColumnWildcard: { ExcludedColumnNames: ColumnWildcard?.ExcludedColumnNames ?? [] } };
        return { TableWithColumns: { DatabaseName: lower(DatabaseName), Name: lower(Name), ...which } };
    }
    if (DataCellsFilter) {
        const { DatabaseName, TableName, Name } = DataCellsFilter;
        return { DataCellsFilter: { DatabaseName: lower(DatabaseName), TableName: lower(TableName), Name } };
    }
    if (!resource || Object.keys(resource).length === 0)
        throw serviceError(
            "InvalidInputException",
            "Resource must have one of the have either the catalog, table or database field populated.",
        );
    throw unsupported(`Lake Formation's resource ${Object.keys(resource).join(", ")}`);
}
