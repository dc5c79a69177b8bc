import { serviceError } from "../errors";
import type { IcebergTableInput } from "../iceberg/input";
import type { Properties, Resource } from "../resources";
import type { Services } from "../services";

/** Resource types of the catalog. */
export const DATABASE_TYPE = "aws:glue/catalogDatabase:CatalogDatabase";
export const TABLE_TYPE = "aws:glue/catalogTable:CatalogTable";
export const OPTIMIZER_TYPE = "aws:glue/catalogTableOptimizer:CatalogTableOptimizer";

/** Inputs of aws.glue.CatalogDatabase, resolved. */
export interface DatabaseInputs extends Properties {
    readonly name: string;
    readonly description?: string;
    readonly locationUri?: string;
    readonly parameters?: Readonly<Record<string, string>>;
    /** What the tables made in it are granted from the start; everything to everybody when it is missing. */
    readonly createTableDefaultPermissions?: readonly {
        readonly permissions?: readonly string[];
        readonly principal?: { readonly dataLakePrincipalIdentifier?: string };
    }[];
}

/** A column of aws.glue.CatalogTable. */
export interface ColumnInputs {
    readonly name: string;
    readonly type?: string;
    readonly comment?: string;
    readonly parameters?: Readonly<Record<string, string>>;
}

/** Where the files of a table or partition are, and how they are read. */
export interface StorageInputs {
    readonly location?: string;
    readonly columns?: readonly ColumnInputs[];
    readonly inputFormat?: string;
    readonly outputFormat?: string;
    readonly compressed?: boolean;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly serDeInfo?: {
        readonly name?: string;
        readonly serializationLibrary?: string;
        readonly parameters?: Readonly<Record<string, string>>;
    };
}

/** Inputs of aws.glue.CatalogTable, resolved. */
export interface TableInputs extends Properties {
    readonly name: string;
    readonly databaseName: string;
    readonly description?: string;
    readonly tableType?: string;
    readonly owner?: string;
    /** ARN of the role that made it through the API or by SQL. */
    readonly createdBy?: string;
    readonly viewOriginalText?: string;
    readonly viewExpandedText?: string;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly partitionKeys?: readonly ColumnInputs[];
    readonly storageDescriptor?: StorageInputs;
    readonly openTableFormatInput?: {
        readonly icebergInput?: {
            readonly metadataOperation?: string;
            readonly version?: string;
            readonly icebergTableInput?: IcebergTableInput;
        };
    };
}

/** A database of the catalog. */
export type DatabaseResource = Resource<DatabaseInputs>;

/** A table of the catalog. */
export type TableResource = Resource<TableInputs>;

/** What the catalog of a program is read from. */
export type CatalogServices = Pick<Services, "resources" | "place" | "iam">;

/** Location of an Iceberg table, or undefined for any other table. */
export function icebergLocation({ inputs }: TableResource): string | undefined {
    const input = inputs.openTableFormatInput?.icebergInput?.icebergTableInput;
    return input && (inputs.storageDescriptor?.location ?? input.location).replace(/\/+$/, "");
}

/** Every database, in the order of their names. */
export function databases({ resources }: Pick<Services, "resources">): readonly DatabaseResource[] {
    return byName(resources.all<DatabaseInputs>(DATABASE_TYPE));
}

/** Every table of a database, in the order of their names. */
export function tables({ resources }: Pick<Services, "resources">, database: string): readonly TableResource[] {
    return byName(resources.all<TableInputs>(TABLE_TYPE)).filter(({ inputs }) => inputs.databaseName === database);
}

function byName<I extends { readonly name: string }>(resources: readonly Resource<I>[]): readonly Resource<I>[] {
    return [...resources].sort((a, b) => (a.inputs.name < b.inputs.name ? -1 : 1));
}

/** The database of that name, whatever its case. Throws EntityNotFoundException. */
export function findDatabase(services: Pick<Services, "resources">, name: string): DatabaseResource {
    const found = databases(services).find(({ inputs }) => inputs.name === name.toLowerCase());
    if (found) return found;
    throw serviceError("EntityNotFoundException", `Database ${name} not found.`);
}

/** The table of that name, whatever its case. Throws EntityNotFoundException. */
export function findTable(services: Pick<Services, "resources">, database: string, name: string): TableResource {
    const { inputs } = findDatabase(services, database);
    const found = tables(services, inputs.name).find((table) => table.inputs.name === name.toLowerCase());
    if (found) return found;
    throw serviceError("EntityNotFoundException", `Entity Not Found (Table ${name} not found.)`);
}

/** ARNs of the catalog and of what is in it. https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html */
export function catalogArns({ place }: Pick<Services, "place">) {
    const arn = (path: string) => `arn:aws:glue:${place.region}:${place.account}:${path}`;
    return {
        catalog: arn("catalog"),
        database: (name: string) => arn(`database/${name}`),
        table: (database: string, name: string) => arn(`table/${database}/${name}`),
    };
}
