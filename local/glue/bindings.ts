import { serviceError } from "../errors";
import type { IcebergTables } from "../iceberg";
import { type IcebergTableInput, tableInput } from "../iceberg/input";
import { problemsIn } from "../iceberg/metadata";
import type { Binding, Bindings, Properties, Resource } from "../resources";
import type { Services } from "../services";
import {
    catalogArns,
    DATABASE_TYPE,
    databases,
    icebergLocation,
    OPTIMIZER_TYPE,
    TABLE_TYPE,
    type TableInputs,
    type TableResource,
    tables,
} from "./catalog";

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
    const { account, region } = services.place;
    return {
        name: { property: "name", maxLength: 255, lower: true },
        check: ({ name, targetDatabase, federatedDatabase }) => [
            ...nameProblems(name),
            ...(targetDatabase || federatedDatabase
                ? ["The local runtime has no databases of other accounts or catalogs."]
                : []),
        ],
        create(inputs) {
            const name = String(inputs.name);
            if (databases(services).some((database) => database.inputs.name === name)) {
                throw serviceError("AlreadyExistsException", "Database already exists.");
            }
            return made(inputs, name);
        },
        update: (_old, inputs) => made(inputs, String(inputs.name)),
    };

    function made(inputs: Properties, name: string) {
        const arn = catalogArns(services).database(name);
        return {
            id: `${inputs.catalogId ?? account}:${name}`,
            outputs: { catalogId: account, region, tagsAll: inputs.tags ?? {}, ...inputs, arn },
        };
    }
}

function tableBinding(services: BindingServices): Binding {
    const { account, region } = services.place;
    return {
        name: { property: "name", maxLength: 255, lower: true },
        check: tableProblems,
        async create(inputs) {
            const table = inputs as TableInputs;
            if (!databases(services).some((database) => database.inputs.name === table.databaseName)) {
                throw serviceError("EntityNotFoundException", `Database ${table.databaseName} not found.`);
            }
            if (tables(services, table.databaseName).some((other) => other.inputs.name === table.name)) {
                throw serviceError("AlreadyExistsException", "Table already exists.");
            }
            await makeIceberg(table);
            return made(table);
        },
        async update(_old, inputs) {
            await makeIceberg(inputs as TableInputs);
            return made(inputs as TableInputs);
        },
        /** Files stay in the bucket, as on AWS. */
        async delete(resource) {
            const location = icebergLocation(resource as TableResource);
            if (location && !othersAt(location, resource).length) await services.iceberg.drop(location);
        },
    };

    async function makeIceberg(inputs: TableInputs): Promise<void> {
        const input = icebergInput(inputs);
        if (!input) return;
        const location = inputs.storageDescriptor?.location ?? input.location;
        await services.iceberg.create(tableInput({ ...input, location }));
    }

    /** A replacement is made before what it replaces is deleted, and may lie where that lay. */
    function othersAt(location: string, { id }: Resource): readonly TableResource[] {
        return services.resources
            .all<TableInputs>(TABLE_TYPE)
            .filter((table) => table.id !== id && icebergLocation(table) === location);
    }

    function made(inputs: TableInputs) {
        const catalogId = String(inputs.catalogId ?? account);
        return {
            id: `${catalogId}:${inputs.databaseName}:${inputs.name}`,
            outputs: {
                catalogId,
                region,
                ...inputs,
                arn: catalogArns(services).table(inputs.databaseName, inputs.name),
            },
        };
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
