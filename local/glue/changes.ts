import { serviceError } from "../errors";
import type { IcebergTables } from "../iceberg";
import type { Caller, Services } from "../services";
import {
    catalogArns,
    DATABASE_TYPE,
    type DatabaseInputs,
    databases,
    findDatabase,
    findTable,
    icebergLocation,
    TABLE_TYPE,
    type TableInputs,
    type TableResource,
    tables,
} from "./catalog";
import { openPartitions } from "./partitions";

/** What the catalog is changed with. */
export type ChangeServices = Pick<Services, "place" | "resources"> & { readonly iceberg?: Pick<IcebergTables, "drop"> };

/** Adds a database that no program owns. Throws AlreadyExistsException. */
export function addDatabase(services: ChangeServices, inputs: DatabaseInputs): void {
    requireNewDatabase(services, inputs.name);
    services.resources.put({ type: DATABASE_TYPE, inputs, ...databaseState(services, inputs) });
}

/** Removes a database and all that is in it, as Glue does. Throws EntityNotFoundException. */
export async function removeDatabase(services: ChangeServices, name: string): Promise<void> {
    const { id, inputs } = findDatabase(services, name);
    await emptyDatabase(services, inputs.name);
    services.resources.remove(DATABASE_TYPE, id);
}

/** Removes the tables of a database. */
export async function emptyDatabase(services: ChangeServices, database: string): Promise<void> {
    for (const table of tables(services, database)) await removeTable(services, database, table.inputs.name);
    openPartitions(services.place).forget(database);
}

/**
 * Adds a table that no program owns; to Lake Formation it is the role's that makes it. Throws EntityNotFoundException without its database, and
 * AlreadyExistsException.
 */
export function addTable(services: ChangeServices, given: TableInputs, { roleArn }: Caller): void {
    const inputs = { ...given, ...(roleArn && { createdBy: roleArn }) };
    requireNewTable(services, inputs);
    openPartitions(services.place).forget(inputs.databaseName, inputs.name);
    services.resources.put({ type: TABLE_TYPE, inputs, ...tableState(services, inputs) });
}

/** Puts a table in the place of the one of its name, whoever owns it. Throws EntityNotFoundException. */
export function replaceTable(services: ChangeServices, inputs: TableInputs): void {
    const { id, inputs: old } = findTable(services, inputs.databaseName, inputs.name);
    const { openTableFormatInput, createdBy } = old;
    const whole = {
        ...inputs,
        ...(openTableFormatInput && { openTableFormatInput }),
        ...(createdBy && { createdBy }),
    };
    services.resources.put({ type: TABLE_TYPE, inputs: whole, ...tableState(services, whole), id });
}

/** Removes a table and its partitions. Its files stay in the bucket. Throws EntityNotFoundException. */
export async function removeTable(services: ChangeServices, database: string, name: string): Promise<void> {
    const table = findTable(services, database, name);
    await forgetTable(services, table);
    services.resources.remove(TABLE_TYPE, table.id);
}

/** Lets go of what is kept for a table beside its own entry. A replacement is made before what it replaces is removed, and may lie where that lay. */
export async function forgetTable({ place, resources, iceberg }: ChangeServices, table: TableResource): Promise<void> {
    const { databaseName, name } = table.inputs;
    const others = resources.all<TableInputs>(TABLE_TYPE).filter(({ id }) => id !== table.id);
    const location = icebergLocation(table);
    if (location && !others.some((other) => icebergLocation(other) === location)) await iceberg?.drop(location);
    openPartitions(place).forget(databaseName, name);
}

/** Throws AlreadyExistsException when there is a database of that name. */
export function requireNewDatabase(services: ChangeServices, name: string): void {
    if (!databases(services).some(({ inputs }) => inputs.name === name)) return;
    throw serviceError("AlreadyExistsException", "Database already exists.");
}

/** Throws when there is a table of that name, or no such database. */
export function requireNewTable(services: ChangeServices, { databaseName, name }: TableInputs): void {
    findDatabase(services, databaseName);
    if (!tables(services, databaseName).some(({ inputs }) => inputs.name === name)) return;
    throw serviceError("AlreadyExistsException", "Table already exists.");
}

/** The state of a database with these inputs. */
export function databaseState({ place }: Pick<Services, "place">, inputs: DatabaseInputs) {
    const { account, region } = place;
    const arn = catalogArns({ place }).database(inputs.name);
    return {
        id: `${inputs.catalogId ?? account}:${inputs.name}`,
        outputs: { catalogId: account, region, tagsAll: inputs.tags ?? {}, ...inputs, arn },
    };
}

/** The state of a table with these inputs. */
export function tableState({ place }: Pick<Services, "place">, inputs: TableInputs) {
    const catalogId = String(inputs.catalogId ?? place.account);
    const arn = catalogArns({ place }).table(inputs.databaseName, inputs.name);
    return {
        id: `${catalogId}:${inputs.databaseName}:${inputs.name}`,
        outputs: { catalogId, region: place.region, ...inputs, arn },
    };
}
