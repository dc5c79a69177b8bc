import type {
    BatchPermissionsRequestEntry,
    DataCellsFilter,
    DataLakePrincipal,
    DescribeResourceRequest,
    DescribeResourceResponse,
    GetDataCellsFilterRequest,
    GetDataCellsFilterResponse,
    GetDataLakeSettingsResponse,
    GrantPermissionsRequest,
    ListDataCellsFilterRequest,
    ListDataCellsFilterResponse,
    ListPermissionsRequest,
    ListPermissionsResponse,
    ListResourcesRequest,
    ListResourcesResponse,
    PrincipalResourcePermissions,
    Resource,
    ResourceInfo,
    RevokePermissionsRequest,
} from "@aws-sdk/client-lakeformation";
import { serviceError } from "../errors";
import { pageOf } from "../glue/paging";
import type { Caller, Operation, Services } from "../services";
import { type AccessServices, cellsFilters } from "./access";
import { addGrant, EVERYBODY, type Grant, grantsOf, keyOf, takeGrant } from "./grants";
import { type CellsFilter, givenResource, LOCATION_TYPE, type LocationInputs } from "./inputs";

type OperationServices = AccessServices & Pick<Services, "clock">;

/** The operations of Lake Formation's API. */
export function lakeFormationOperations(services: OperationServices): Record<string, Operation> {
    return {
        GrantPermissions: grantPermissions(services),
        RevokePermissions: revokePermissions(services),
        ListPermissions: listPermissions(services),
        GetDataLakeSettings: getDataLakeSettings(services),
        DescribeResource: describeResource(services),
        ListResources: listResources(services),
        GetDataCellsFilter: getDataCellsFilter(services),
        ListDataCellsFilter: listDataCellsFilter(services),
    };
}

function authorize({ iam }: OperationServices, caller: Caller, action: string): void {
    iam.authorize(caller, `lakeformation:${action}`, "*");
}

/** https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GrantPermissions.html */
const grantPermissions =
    (services: OperationServices) =>
    (request: GrantPermissionsRequest, caller: Caller): Record<string, never> => {
        authorize(services, caller, "GrantPermissions");
        const grant = { ...asked(request), grantable: request.PermissionsWithGrantOption ?? [] };
        requireGrantable(services, caller, grant);
        requireThere(services, grant.resource);
        addGrant(services, grant);
        return {};
    };

/** https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_RevokePermissions.html */
const revokePermissions =
    (services: OperationServices) =>
    (request: RevokePermissionsRequest, caller: Caller): Record<string, never> => {
        authorize(services, caller, "RevokePermissions");
        const given = asked(request);
        requireGrantable(services, caller, given);
        const held = grantsOf(services)
            .filter((grant) => grant.principal === given.principal && keyOf(grant.resource) === keyOf(given.resource))
            .flatMap(({ permissions }) => permissions);
        const missing = given.permissions.filter(
            (each) => each !== "ALL" && !held.includes(each) && !held.includes("ALL"),
        );
        if (held.length === 0 || missing.length > 0) {
            throw serviceError(
                "InvalidInputException",
                "No permissions revoked. Grantee has no permissions on the resource",
            );
        }
        takeGrant(services, given);
        return {};
    };

function asked({ Principal, Resource: resource, Permissions }: Omit<BatchPermissionsRequestEntry, "Id">) {
    const principal = Principal?.DataLakePrincipalIdentifier;
    if (!principal) throw serviceError("InvalidInputException", "Principal is required.");
    return { principal, resource: givenResource(resource), permissions: Permissions ?? [] };
}

/** Who is no administrator may pass on what he was granted with the grant option. */
function requireGrantable(services: OperationServices, caller: Caller, wanted: Omit<Grant, "grantable">): void {
    if (caller.arn === services.iam.root.arn) return;
    const own = grantsOf(services).filter(
        ({ principal, resource }) => principal === caller.roleArn && keyOf(resource) === keyOf(wanted.resource),
    );
    const grantable = own.flatMap((grant) => grant.grantable);
    if (grantable.includes("ALL") || wanted.permissions.every((each) => grantable.includes(each))) return;
    throw serviceError(
        "AccessDeniedException",
        "Resource does not exist or requester is not authorized to access requested permissions.",
    );
}

function requireThere({ resources }: OperationServices, { Database, Table, TableWithColumns }: Resource): void {
    const database = Database?.Name ?? Table?.DatabaseName ?? TableWithColumns?.DatabaseName;
    const table = Table?.Name ?? TableWithColumns?.Name;
    const all = (type: string) =>
        resources.all<{ name: string; databaseName?: string }>(type).map(({ inputs }) => inputs);
    if (
        database !== undefined &&
        !all("aws:glue/catalogDatabase:CatalogDatabase").some(({ name }) => name === database)
    )
        throw serviceError("EntityNotFoundException", "Database not found.");
    const isThere = all("aws:glue/catalogTable:CatalogTable").some(
        (each) => each.databaseName === database && each.name === table,
    );
    if (table !== undefined && !isThere) throw serviceError("EntityNotFoundException", "Table not found.");
}

/** https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ListPermissions.html */
const listPermissions =
    (services: OperationServices) =>
    (request: ListPermissionsRequest, caller: Caller): ListPermissionsResponse => {
        authorize(services, caller, "ListPermissions");
        const principal = request.Principal?.DataLakePrincipalIdentifier;
        const key = request.Resource && keyOf(givenResource(request.Resource));
        const found = grantsOf(services)
            .filter((grant) => principal === undefined || grant.principal === principal)
            .filter((grant) => key === undefined || keyOf(grant.resource) === key)
            .filter(({ resource }) => request.ResourceType === undefined || kindOf(resource) === request.ResourceType);
        const { items, next } = pageOf(found, request, 1000);
        return { PrincipalResourcePermissions: items.map((grant) => describedGrant(services, grant)), ...next };
    };

function kindOf(resource: Resource): string {
    if (resource.Catalog) return "CATALOG";
    if (resource.Database) return "DATABASE";
    return resource.DataLocation ? "DATA_LOCATION" : "TABLE";
}

function describedGrant({ place }: OperationServices, grant: Grant): PrincipalResourcePermissions {
    const [[kind, inner]] = Object.entries(grant.resource) as [string, object][];
    const catalog = kind === "DataCellsFilter" ? { TableCatalogId: place.account } : { CatalogId: place.account };
    return {
        Principal: principalOf(grant.principal),
        Resource: { [kind]: kind === "Catalog" ? {} : { ...catalog, ...inner } } as Resource,
        Permissions: [...grant.permissions] as PrincipalResourcePermissions["Permissions"],
        PermissionsWithGrantOption: [...grant.grantable] as PrincipalResourcePermissions["Permissions"],
    };
}

function principalOf(DataLakePrincipalIdentifier: string): DataLakePrincipal {
    return { DataLakePrincipalIdentifier };
}

/** The account's root is administrator, and new databases and tables are everybody's: as an account has it before anybody changes it. */
const getDataLakeSettings =
    (services: OperationServices) =>
    (_request: object, caller: Caller): GetDataLakeSettingsResponse => {
        authorize(services, caller, "GetDataLakeSettings");
        const everybody = [{ Principal: principalOf(EVERYBODY), Permissions: ["ALL" as const] }];
        return {
            DataLakeSettings: {
                DataLakeAdmins: [principalOf(services.iam.root.arn)],
                ReadOnlyAdmins: [],
                CreateDatabaseDefaultPermissions: everybody,
                CreateTableDefaultPermissions: everybody,
                Parameters: { CROSS_ACCOUNT_VERSION: "1" },
                TrustedResourceOwners: [],
                AllowExternalDataFiltering: false,
                ExternalDataFilteringAllowList: [],
            },
        };
    };

/** https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_DescribeResource.html */
const describeResource =
    (services: OperationServices) =>
    ({ ResourceArn: arn }: DescribeResourceRequest, caller: Caller): DescribeResourceResponse => {
        authorize(services, caller, "DescribeResource");
        const found = services.resources.get<LocationInputs>(LOCATION_TYPE, String(arn));
        if (!found) throw serviceError("EntityNotFoundException", "Entity not found");
        return { ResourceInfo: describedLocation(found.inputs) };
    };

/** https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ListResources.html */
const listResources =
    (services: OperationServices) =>
    (request: ListResourcesRequest, caller: Caller): ListResourcesResponse => {
        authorize(services, caller, "ListResources");
        const { items, next } = pageOf(services.resources.all<LocationInputs>(LOCATION_TYPE), request, 1000);
        return { ResourceInfoList: items.map(({ inputs }) => describedLocation(inputs)), ...next };
    };

function describedLocation({ arn, roleArn }: LocationInputs): ResourceInfo {
    return {
        ResourceArn: arn,
        ...(roleArn && { RoleArn: roleArn }),
        WithFederation: false,
        HybridAccessEnabled: false,
    };
}

/** https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_GetDataCellsFilter.html */
const getDataCellsFilter =
    (services: OperationServices) =>
    (request: GetDataCellsFilterRequest, caller: Caller): GetDataCellsFilterResponse => {
        authorize(services, caller, "GetDataCellsFilter");
        const found = cellsFilters(services).find(
            ({ databaseName, tableName, name }) =>
                databaseName === request.DatabaseName && tableName === request.TableName && name === request.Name,
        );
        if (!found) throw serviceError("EntityNotFoundException", "Data cells filter not found.");
        return { DataCellsFilter: describedFilter(services, found) };
    };

/** https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ListDataCellsFilter.html */
const listDataCellsFilter =
    (services: OperationServices) =>
    (request: ListDataCellsFilterRequest, caller: Caller): ListDataCellsFilterResponse => {
        authorize(services, caller, "ListDataCellsFilter");
        const { DatabaseName: database, Name: table } = request.Table ?? {};
        const found = cellsFilters(services).filter(
            ({ databaseName, tableName }) =>
                (database === undefined || databaseName === database) && (table === undefined || tableName === table),
        );
        const { items, next } = pageOf(found, request, 1000);
        return { DataCellsFilters: items.map((filter) => describedFilter(services, filter)), ...next };
    };

function describedFilter({ place }: OperationServices, filter: CellsFilter): DataCellsFilter {
    const { databaseName, tableName, name, columnNames, columnWildcard, rowFilter } = filter;
    const expression = rowFilter?.filterExpression;
    return {
        TableCatalogId: place.account,
        DatabaseName: databaseName,
        TableName: tableName,
        Name: name,
        RowFilter: expression ? { FilterExpression: expression } : { AllRowsWildcard: {} },
        ...(columnNames?.length
            ? { ColumnNames: [...columnNames] }
            : { ColumnWildcard: { ExcludedColumnNames: [...(columnWildcard?.excludedColumnNames ?? [])] } }),
    };
}
