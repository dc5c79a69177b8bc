import type { Column, DatabaseInput, PartitionInput, StorageDescriptor, TableInput } from "@aws-sdk/client-glue";
import { serviceError, unsupported } from "../errors";
import type { ColumnInputs, DatabaseInputs, StorageInputs, TableInputs } from "./catalog";
import type { Partition } from "./partitions";

/** A database as Glue's API is told of it, as a resource has it. https://docs.aws.amazon.com/glue/latest/webapi/API_DatabaseInput.html */
export function databaseInputs(input: DatabaseInput | undefined): DatabaseInputs {
    const { Name, Description, LocationUri, Parameters, CreateTableDefaultPermissions, TargetDatabase } = input ?? {};
    if (TargetDatabase) throw unsupported("A database of another account or catalog");
    return {
        name: nameOf(Name, "databaseInput.name"),
        ...(Description && { description: Description }),
        ...(LocationUri && { locationUri: LocationUri }),
        ...(Parameters && { parameters: Parameters }),
        ...(CreateTableDefaultPermissions && {
            createTableDefaultPermissions: CreateTableDefaultPermissions.map(({ Permissions = [], Principal }) => ({
                permissions: Permissions,
                principal: { dataLakePrincipalIdentifier: Principal?.DataLakePrincipalIdentifier },
            })),
        }),
    };
}

/** A table as Glue's API is told of it, as a resource has it. https://docs.aws.amazon.com/glue/latest/webapi/API_TableInput.html */
export function tableInputs(databaseName: string, input: TableInput | undefined): TableInputs {
    const { Name, Description, Owner, TableType, Parameters, PartitionKeys, StorageDescriptor: storage } = input ?? {};
    const { ViewOriginalText, ViewExpandedText, TargetTable } = input ?? {};
    if (TargetTable) throw unsupported("A table of another account or catalog");
    return {
        databaseName,
        name: nameOf(Name, "tableInput.name"),
        ...(Description && { description: Description }),
        ...(Owner && { owner: Owner }),
        ...(TableType && { tableType: TableType }),
        ...(Parameters && { parameters: Parameters }),
        ...(PartitionKeys && { partitionKeys: PartitionKeys.map(columnInputs) }),
        ...(ViewOriginalText && { viewOriginalText: ViewOriginalText }),
        ...(ViewExpandedText && { viewExpandedText: ViewExpandedText }),
        ...(storage && { storageDescriptor: storageInputs(storage) }),
    };
}

/** A partition as Glue's API is told of it. https://docs.aws.amazon.com/glue/latest/webapi/API_PartitionInput.html */
export function partitionOf(table: TableInputs, input: PartitionInput | undefined, created: number): Partition {
    const { Values = [], Parameters, StorageDescriptor: storage } = input ?? {};
    checkValues(table, Values);
    const location = storage?.Location;
    return {
        values: Values,
        location: location ?? defaultLocation(table, Values),
        created,
        ...(Parameters && { parameters: Parameters }),
        ...(storage && { storage: storageInputs(storage) }),
    };
}

/** Throws unless there is a value for each partition key. */
export function checkValues({ partitionKeys = [] }: TableInputs, values: readonly string[]): void {
    if (values.length === partitionKeys.length) return;
    throw serviceError(
        "InvalidInputException",
        "The number of partition keys do not match the number of partition values",
    );
}

/** The folder of a partition that names none: below its table, as Hive has it. */
export function defaultLocation({ partitionKeys = [], storageDescriptor }: TableInputs, values: readonly string[]) {
    const folders = partitionKeys.map(({ name }, at) => `${name}=${encodedValue(values[at])}/`).join("");
    return `${(storageDescriptor?.location ?? "").replace(/\/+$/, "")}/${folders}`;
}

/** A value as Hive writes it into a folder's name. https://github.com/apache/hive/blob/rel/release-3.1.3/common/src/java/org/apache/hadoop/hive/common/FileUtils.java */
export function encodedValue(value: string): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what Hive escapes.
    return value.replace(/[\x00-\x1f\x7f"#%'*/:=?\\{[\]^]/g, (character) => {
        const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
        return `%${code}`;
    });
}

function storageInputs(storage: StorageDescriptor): StorageInputs {
    const { Columns, Location, InputFormat, OutputFormat, Compressed, Parameters, SerdeInfo } = storage;
    return {
        ...(Columns && { columns: Columns.map(columnInputs) }),
        ...(Location && { location: Location }),
        ...(InputFormat && { inputFormat: InputFormat }),
        ...(OutputFormat && { outputFormat: OutputFormat }),
        ...(Compressed !== undefined && { compressed: Compressed }),
        ...(Parameters && { parameters: Parameters }),
        ...(SerdeInfo && {
            serDeInfo: {
                ...(SerdeInfo.Name && { name: SerdeInfo.Name }),
                ...(SerdeInfo.SerializationLibrary && { serializationLibrary: SerdeInfo.SerializationLibrary }),
                ...(SerdeInfo.Parameters && { parameters: SerdeInfo.Parameters }),
            },
        }),
    };
}

function columnInputs({ Name, Type, Comment, Parameters }: Column): ColumnInputs {
    return {
        name: nameOf(Name, "column.name"),
        ...(Type && { type: Type }),
        ...(Comment && { comment: Comment }),
        ...(Parameters && { parameters: Parameters }),
    };
}

/** Glue keeps names in lower case. */
function nameOf(name: string | undefined, member: string): string {
    return required(name, member).toLowerCase();
}

/** A member that a request must have. Throws ValidationException. */
export function required(value: string | undefined, member: string): string {
    if (value) return value;
    throw serviceError(
        "ValidationException",
        `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
    );
}
