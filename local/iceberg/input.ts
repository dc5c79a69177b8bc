import type { SortField, TableInput } from "./metadata";
import type { PartitionField } from "./transforms";
import type { Field, IcebergType } from "./types";

/** `icebergTableInput` of aws.glue.CatalogTable, resolved. */
export interface IcebergTableInput {
    readonly location: string;
    readonly schema: {
        readonly schemaId?: number;
        readonly type?: string;
        readonly identifierFieldIds?: readonly number[];
        readonly fields: readonly {
            readonly id: number;
            readonly name: string;
            readonly required: boolean;
            /** A JSON document: `"string"` with the quotes, or an object. */
            readonly type: string;
            readonly doc?: string;
        }[];
    };
    readonly partitionSpec?: {
        readonly specId?: number;
        readonly fields: readonly {
            readonly name: string;
            readonly sourceId: number;
            readonly fieldId?: number;
            readonly transform: string;
        }[];
    };
    readonly sortOrder?: {
        readonly orderId: number;
        readonly fields: readonly {
            readonly direction: string;
            readonly nullOrder: string;
            readonly sourceId: number;
            readonly transform: string;
        }[];
    };
    readonly properties?: Readonly<Record<string, string>>;
}

/** Reads a program's `icebergTableInput`. Throws a sentence where a type is not a JSON document, as the real provider does. */
export function tableInput(input: IcebergTableInput): TableInput {
    return {
        location: input.location.replace(/\/+$/, ""),
        fields: input.schema.fields.map(
            ({ id, name, required, type, doc }): Field => ({
                id,
                name,
                required,
                type: parsedType(name, type),
                ...(doc && { doc }),
            }),
        ),
        identifierFieldIds: input.schema.identifierFieldIds ?? [],
        partition: (input.partitionSpec?.fields ?? []).map(
            (part, at): PartitionField => ({
                name: part.name,
                "source-id": part.sourceId,
                "field-id": part.fieldId ?? 1000 + at,
                transform: part.transform,
            }),
        ),
        sort: (input.sortOrder?.fields ?? []).map(
            (part): SortField => ({
                transform: part.transform,
                "source-id": part.sourceId,
                direction: part.direction === "desc" ? "desc" : "asc",
                "null-order": part.nullOrder === "nulls-last" ? "nulls-last" : "nulls-first",
            }),
        ),
        properties: input.properties ?? {},
    };
}

function parsedType(column: string, type: string): IcebergType {
    try {
        return JSON.parse(type) as IcebergType;
    } catch {
        throw new Error(
            `The type of the Iceberg field "${column}" must be a JSON document such as "\\"string\\"", but it is ${JSON.stringify(type)}.`,
        );
    }
}
