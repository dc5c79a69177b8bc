import { serviceError } from "../errors";
import type { IcebergTables } from "../iceberg";
import { type IcebergTableInput, tableInput } from "../iceberg/input";
import { problemsIn } from "../iceberg/metadata";
import type { Binding, Bindings, Properties } from "../resources";
import type { Services } from "../services";
import {
    DATABASE_TYPE,
    type DatabaseInputs,
    icebergLocation,
    OPTIMIZER_TYPE,
    TABLE_TYPE,
    type TableInputs,
    type TableResource,
} from "./catalog";
import { databaseState, emptyDatabase, forgetTable, requireNewDatabase, requireNewTable, tableState } from "./changes";

type BindingServices = Pick<Services, "place" | "resources"> & { readonly iceberg: IcebergTables };

/** The bindings of the catalog's resource types. */
export function glueBindings(services: BindingServices): Bindings {
    return {
        [DATABASE_TYPE]: databaseBinding(services),
        [TABLE_TYPE]: tableBinding(services),
        [OPTIMIZER_TYPE]: optimizerBinding(services),
    };
}

function databaseBinding(services: BindingServices): Binding {
    return {
        name: { property: "name", maxLength: 255, lower: true },
        check: ({ name, targetDatabase, federatedDatabase }) => [
            ...nameProblems(name),
            ...(targetDatabase || federatedDatabase
                ? ["The local runtime has no databases of other accounts or catalogs."]
                : []),
        ],
        create(inputs) {
            requireNewDatabase(services, String(inputs.name));
            return databaseState(services, inputs as DatabaseInputs);
        },
        update: (_old, inputs) => databaseState(services, inputs as DatabaseInputs),
        /** What others have made in it goes with it. */
        delete: ({ inputs }) => emptyDatabase(services, String(inputs.name)),
    };
}

function tableBinding(services: BindingServices): Binding {
    return {
        name: { property: "name", maxLength: 255, lower: true },
        check: tableProblems,
        async create(inputs) {
            const table = inputs as TableInputs;
            requireNewTable(services, table);
            await makeIceberg(table);
            return tableState(services, table);
        },
        async update(_old, inputs) {
            await makeIceberg(inputs as TableInputs);
            return tableState(services, inputs as TableInputs);
        },
        /** Files stay in the bucket, as on AWS. */
        delete: (resource) => forgetTable(services, resource as TableResource),
    };

    async function makeIceberg(inputs: TableInputs): Promise<void> {
        const input = icebergInput(inputs);
        if (!input) return;
        const location = inputs.storageDescriptor?.location ?? input.location;
        await services.iceberg.create(tableInput({ ...input, location }));
    }
}

function optimizerBinding({ place, resources }: BindingServices): Binding {
    return {
        check: ({ type }) =>
            typeof type === "string" && !/^(compaction|retention|orphan_file_deletion)$/.test(type)
                ? [`"type" must be one of compaction, retention, orphan_file_deletion: it is "${type}".`]
                : [],
        create(inputs) {
            const { catalogId, databaseName, tableName, type } = inputs;
            const table = resources
                .all<TableInputs>(TABLE_TYPE)
                .find((each) => each.inputs.databaseName === databaseName && each.inputs.name === tableName);
            if (!table) throw serviceError("EntityNotFoundException", `Table ${databaseName}.${tableName} not found.`);
            if (!icebergLocation(table)) {
                throw serviceError(
                    "InvalidInputException",
                    `Table ${databaseName}.${tableName} is not an Iceberg table.`,
                );
            }
            return {
                id: [catalogId, databaseName, tableName, type].join(","),
                outputs: { region: place.region, ...inputs },
            };
        },
    };
}

/** https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html */
function nameProblems(name: unknown): readonly string[] {
    if (typeof name !== "string") return [];
    if (name !== name.toLowerCase()) return [`"name" must be in lower case, as Glue keeps it: "${name}".`];
    return /^[^/\\\s"'`.*]+$/u.test(name) ? [] : [`"name" may not have spaces, quotes, dots or slashes: "${name}".`];
}

function icebergInput(inputs: Properties): IcebergTableInput | undefined {
    return (inputs as TableInputs).openTableFormatInput?.icebergInput?.icebergTableInput;
}

function tableProblems(inputs: Properties): readonly string[] {
    const { name, openTableFormatInput } = inputs as Partial<TableInputs>;
    const iceberg = openTableFormatInput?.icebergInput;
    if (!iceberg) return nameProblems(name);
    const { metadataOperation, version = "2", icebergTableInput } = iceberg;
    return [
        ...nameProblems(name),
        ...(metadataOperation === undefined || metadataOperation === "CREATE"
            ? []
            : [`"openTableFormatInput.icebergInput.metadataOperation" must be CREATE: it is "${metadataOperation}".`]),
        ...(version === "2" ? [] : [`The local runtime has Iceberg tables of version 2 only, not "${version}".`]),
        ...(icebergTableInput ? icebergProblems(icebergTableInput) : []),
    ];
}

/** Values that are not known yet, as in a preview, are not looked at. */
function icebergProblems(input: IcebergTableInput): readonly string[] {
    const format = input.properties?.["write.format.default"] ?? "parquet";
    const location = input.location as unknown;
    const problems = [
        ...(format.toLowerCase() === "parquet"
            ? []
            : [`The local runtime writes Iceberg tables as parquet only, not "${format}".`]),
        ...(typeof location !== "string" || /^s3[an]?:\/\/[^/]+\/./.test(location)
            ? []
            : [`"location" must be a folder in a bucket, s3://bucket/folder: it is "${location}".`]),
    ];
    try {
        return [...problems, ...problemsIn(tableInput({ ...input, location: String(location) }))];
    } catch (error) {
        return [...problems, (error as Error).message];
    }
}
