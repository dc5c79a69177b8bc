import type { Column, Database, Partition as DescribedPartition, Table } from "@aws-sdk/client-glue";
import type { IcebergTables } from "../iceberg";
import { currentSchema } from "../iceberg/metadata";
import { hiveType } from "../iceberg/types";
import type { Services } from "../services";
import {
    type ColumnInputs,
    type DatabaseResource,
    icebergLocation,
    type StorageInputs,
    type TableInputs,
    type TableResource,
} from "./catalog";
import type { Partition } from "./partitions";

type DescribeServices = Pick<Services, "place"> & { readonly iceberg: Pick<IcebergTables, "describe"> };

/** A database as Glue answers it. https://docs.aws.amazon.com/glue/latest/webapi/API_Database.html */
export function describeDatabase({ place }: Pick<Services, "place">, { inputs }: DatabaseResource): Database {
    const { name, description, locationUri, parameters } = inputs;
    return {
        Name: name,
        CatalogId: place.account,
        ...(description && { Description: description }),
        ...(locationUri && { LocationUri: locationUri }),
        ...(parameters && { Parameters: parameters }),
    };
}

/** A table as Glue answers it; an Iceberg table says where its metadata is. https://docs.aws.amazon.com/glue/latest/webapi/API_Table.html */
export function describeTable(services: DescribeServices, table: TableResource): Table {
    const { name, databaseName, description, owner, tableType, parameters, partitionKeys = [] } = table.inputs;
    const { viewOriginalText, viewExpandedText } = table.inputs;
    return {
        Name: name,
        DatabaseName: databaseName,
        CatalogId: services.place.account,
        ...(description && { Description: description }),
        ...(owner && { Owner: owner }),
        ...(viewOriginalText && { ViewOriginalText: viewOriginalText }),
        ...(viewExpandedText && { ViewExpandedText: viewExpandedText }),
        PartitionKeys: partitionKeys.map(columnOf),
        ...(icebergLocation(table)
            ? icebergPart(services, table)
            : {
                  ...(tableType && { TableType: tableType }),
                  Parameters: parameters ?? {},
                  StorageDescriptor: storageOf(table.inputs.storageDescriptor),
              }),
    };
}

/** A partition as Glue answers it: what it does not say itself, its table says. https://docs.aws.amazon.com/glue/latest/webapi/API_Partition.html */
export function describePartition(table: TableInputs, partition: Partition): DescribedPartition {
    const { values, location, created, parameters, storage } = partition;
    return {
        Values: [...values],
        DatabaseName: table.databaseName,
        TableName: table.name,
        CreationTime: new Date(created),
        Parameters: parameters ?? {},
        StorageDescriptor: storageOf({ ...table.storageDescriptor, ...storage, location }),
    };
}

function columnOf({ name, type, comment, parameters }: ColumnInputs): Column {
    return {
        Name: name,
        ...(type && { Type: type }),
        ...(comment && { Comment: comment }),
        ...(parameters && { Parameters: parameters }),
    };
}

function storageOf(storage: StorageInputs = {}): Table["StorageDescriptor"] {
    const { location, columns = [], inputFormat, outputFormat, compressed = false, parameters, serDeInfo } = storage;
    return {
        Columns: columns.map(columnOf),
        Compressed: compressed,
        ...(location && { Location: location }),
        ...(inputFormat && { InputFormat: inputFormat }),
        ...(outputFormat && { OutputFormat: outputFormat }),
        ...(parameters && { Parameters: parameters }),
        ...(serDeInfo && {
            SerdeInfo: {
                ...(serDeInfo.name && { Name: serDeInfo.name }),
                ...(serDeInfo.serializationLibrary && { SerializationLibrary: serDeInfo.serializationLibrary }),
                ...(serDeInfo.parameters && { Parameters: serDeInfo.parameters }),
            },
        }),
    };
}

function icebergPart(services: DescribeServices, table: TableResource): Partial<Table> {
    const location = icebergLocation(table) as string;
    const found = services.iceberg.describe(location);
    return {
        TableType: "EXTERNAL_TABLE",
        Parameters: {
            ...table.inputs.parameters,
            table_type: "ICEBERG",
            ...(found && { metadata_location: found.metadataLocation }),
        },
        StorageDescriptor: {
            Location: location,
            Columns: found ? icebergColumns(found.metadata) : [],
        },
        ...(found && { UpdateTime: new Date(found.metadata["last-updated-ms"]) }),
    };
}

/** Columns with the parameters by which Iceberg's Glue catalog marks them. */
function icebergColumns(metadata: Parameters<typeof currentSchema>[0]): Column[] {
    return currentSchema(metadata).fields.map(({ id, name, type, required, doc }) => ({
        Name: name,
        Type: hiveType(type),
        ...(doc && { Comment: doc }),
        Parameters: {
            "iceberg.field.current": "true",
            "iceberg.field.id": String(id),
            "iceberg.field.optional": String(!required),
        },
    }));
}
