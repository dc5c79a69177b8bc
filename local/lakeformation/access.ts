import type { Resource } from "@aws-sdk/client-lakeformation";
import { serviceError } from "../errors";
import { DATABASE_TYPE, type DatabaseInputs, TABLE_TYPE, type TableInputs } from "../glue/catalog";
import type { Caller, Services } from "../services";
import { EVERYBODY, type Grant, type GrantServices, grantsOf } from "./grants";
import { type CellsFilter, FILTER_TYPE, type FilterInputs, LOCATION_TYPE, type LocationInputs } from "./inputs";

/** What Lake Formation decides by. */
export type AccessServices = GrantServices & Pick<Services, "iam">;

/** A part of a table that a caller may read. */
export interface VisiblePart {
    /** Whether a column is in it. */
    has(column: string): boolean;
    /** SQL condition on the rows; all of them without it. */
    readonly rows: string | undefined;
}

/** How a table may be read: as IAM alone says, or these parts of it, with the rights of the location's role where it is registered. */
export type TableAccess = "iam" | { readonly parts: readonly VisiblePart[] };

type Where = { readonly database: string; readonly table?: string };

/**
 * Throws Lake Formation's sentence unless a caller holds one of some permissions on a table or database. Where everybody holds everything, which
 * is so until somebody takes it away, IAM alone decides. The account's root is administrator.
 */
export function requirePermission(
    services: AccessServices,
    caller: Caller,
    anyOf: readonly string[],
    where: Where,
): void {
    if (isHeld(permissionsOf(services, caller, where), anyOf)) return;
    throw insufficient(anyOf[0], where.table ?? where.database);
}

/** Whether a caller holds all of some permissions. */
export function holds(services: AccessServices, caller: Caller, permissions: readonly string[], where: Where): boolean {
    const held = permissionsOf(services, caller, where);
    return permissions.every((permission) => isHeld(held, [permission]));
}

function isHeld(held: ReturnType<typeof permissionsOf>, anyOf: readonly string[]): boolean {
    if (held === "iam" || anyOf.some((permission) => held.has(permission) || held.has("ALL"))) return true;
    // Who may do anything with a table may see what it is called.
    return anyOf.includes("DESCRIBE") && held.size > 0;
}

/** What of a table a caller may read. Throws Lake Formation's sentence when it is nothing. */
export function tableAccess(services: AccessServices, caller: Caller, database: string, table: string): TableAccess {
    const held = permissionsOf(services, caller, { database, table });
    if (held === "iam") return "iam";
    const parts = ownGrants(services, caller)
        .filter(({ permissions }) => permissions.some((each) => each === "SELECT" || each === "ALL"))
        .flatMap((grant) => partOf(services, grant, database, table) ?? []);
    if (parts.length > 0) return { parts };
    throw insufficient("SELECT", table);
}

/** Which columns of a table a caller may know of: all of them with any permission on the table as a whole. */
export function visibleColumns(
    services: AccessServices,
    caller: Caller,
    database: string,
    table: string,
): VisiblePart["has"] {
    const where = { database, table };
    if (permissionsOf(services, caller, where) === "iam") return () => true;
    const own = ownGrants(services, caller).filter(({ resource }) => isAbout(resource, where));
    if (own.some(({ resource }) => resource.Table)) return () => true;
    const parts = own.flatMap((grant) => partOf(services, grant, database, table) ?? []);
    return (column) => parts.some((part) => part.has(column));
}

/** The caller that reads or writes a place for another: the role with which the place is registered, if it is and the other may ask for that. */
export function vended(services: AccessServices, caller: Caller, location: string): Caller {
    const found = registeredAt(services, location);
    const role = found?.roleArn;
    if (!role) return caller;
    services.iam.authorize(caller, "lakeformation:GetDataAccess", "*");
    const { region, account } = services.place;
    const source = `arn:aws:lakeformation:${region}:${account}:datalake`;
    return services.iam.assume(role, "lakeformation.amazonaws.com", source, "AWSLF-00-AT");
}

/** Throws unless a caller may make a table in a place: where it is registered, he needs a grant on it. */
export function requireLocation(services: AccessServices, caller: Caller, location: string): void {
    const found = registeredAt(services, location);
    if (!found || isAdmin(services, caller)) return;
    const isGranted = ownGrants(services, caller).some(({ resource, permissions }) => {
        const arn = resource.DataLocation?.ResourceArn;
        return arn !== undefined && permissions.length > 0 && isWithin(location, arn);
    });
    if (!isGranted)
        throw insufficient("DATA_LOCATION_ACCESS", location, "Insufficient Lake Formation permission(s) on");
}

/** The registration that a place lies in: the closest one. */
export function registeredAt({ resources }: GrantServices, location: string): LocationInputs | undefined {
    return resources
        .all<LocationInputs>(LOCATION_TYPE)
        .map(({ inputs }) => inputs)
        .filter(({ arn }) => isWithin(location, arn))
        .sort((a, b) => b.arn.length - a.arn.length)[0];
}

function isWithin(location: string, arn: string): boolean {
    const folder = (text: string) => `${text.replace(/\/+$/, "")}/`;
    return folder(location.replace(/^s3[an]?:\/\//, "")).startsWith(folder(arn.replace(/^arn:[^:]*:s3:::/, "")));
}

function isAdmin({ iam }: AccessServices, caller: Caller): boolean {
    return caller.arn === iam.root.arn;
}

function permissionsOf(services: AccessServices, caller: Caller, where: Where): "iam" | ReadonlySet<string> {
    if (isAdmin(services, caller) || !isThere(services, where)) return "iam";
    const about = grantsOf(services).filter(({ resource }) => isAbout(resource, where));
    if (about.some(({ principal, permissions }) => principal === EVERYBODY && permissions.includes("ALL")))
        return "iam";
    return new Set(about.filter((grant) => isOf(grant, caller)).flatMap(({ permissions }) => permissions));
}

/** What is not there has no grants either: Glue itself says so. */
function isThere({ resources }: GrantServices, { database, table }: Where): boolean {
    if (table === undefined)
        return resources.all<DatabaseInputs>(DATABASE_TYPE).some(({ inputs }) => inputs.name === database);
    return resources
        .all<TableInputs>(TABLE_TYPE)
        .some(({ inputs }) => inputs.databaseName === database && inputs.name === table);
}

function ownGrants(services: AccessServices, caller: Caller): readonly Grant[] {
    return grantsOf(services).filter((grant) => isOf(grant, caller));
}

function isOf({ principal }: Grant, { arn, roleArn }: Caller): boolean {
    return principal === roleArn || principal === arn;
}

function isAbout(resource: Resource, { database, table }: Where): boolean {
    if (table === undefined) return resource.Database?.Name === database;
    const { Table, TableWithColumns: columns, DataCellsFilter: cells } = resource;
    if (Table) return Table.DatabaseName === database && (Table.TableWildcard !== undefined || Table.Name === table);
    if (columns) return columns.DatabaseName === database && columns.Name === table;
    return cells?.DatabaseName === database && cells.TableName === table;
}

/** The part of a table that a grant of SELECT gives. */
function partOf(
    services: AccessServices,
    { resource }: Grant,
    database: string,
    table: string,
): VisiblePart | undefined {
    if (!isAbout(resource, { database, table })) return undefined;
    const { TableWithColumns: columns, DataCellsFilter: cells } = resource;
    if (columns) {
        const { ColumnNames: names, ColumnWildcard: all } = columns;
        return { has: among(names, all?.ExcludedColumnNames), rows: undefined };
    }
    if (!cells) return { has: () => true, rows: undefined };
    const filter = cellsFilters(services).find(
        (each) => each.databaseName === database && each.tableName === table && each.name === cells.Name,
    );
    if (!filter) return undefined;
    const { columnNames, columnWildcard, rowFilter } = filter;
    const expression = rowFilter?.filterExpression?.trim();
    const isAll = !expression || /^true$/i.test(expression);
    return { has: among(columnNames, columnWildcard?.excludedColumnNames), rows: isAll ? undefined : expression };
}

function among(names: readonly string[] | undefined, excluded: readonly string[] = []): VisiblePart["has"] {
    const lower = (list: readonly string[]) => new Set(list.map((name) => name.toLowerCase()));
    if (!names?.length) {
        const hidden = lower(excluded);
        return (column) => !hidden.has(column.toLowerCase());
    }
    const shown = lower(names);
    return (column) => shown.has(column.toLowerCase());
}

/** Every filter of cells. */
export function cellsFilters({ resources }: GrantServices): readonly CellsFilter[] {
    return resources.all<FilterInputs>(FILTER_TYPE).map(({ inputs }) => inputs.tableData);
}

/** Names of permissions as Lake Formation's sentences have them: `Create Table`. */
function insufficient(permission: string, on: string, how = ""): Error {
    const words = permission.split("_").map((word) => word[0] + word.slice(1).toLowerCase());
    const sentence = how
        ? `${how} ${on}`
        : `Insufficient Lake Formation permission(s): Required ${words.join(" ")} on ${on}`;
    return serviceError("AccessDeniedException", sentence);
}
