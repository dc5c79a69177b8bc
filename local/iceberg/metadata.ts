import { serviceError, unsupported } from "../errors";
import type { PartitionField } from "./transforms";
import { transformOf } from "./transforms";
import { duckType, type Field, type IcebergType, lastColumnId } from "./types";

/** A schema in Iceberg's JSON form. */
export interface Schema {
    readonly type: "struct";
    readonly "schema-id": number;
    readonly "identifier-field-ids"?: readonly number[];
    readonly fields: readonly Field[];
}

/** A partition spec in Iceberg's JSON form. */
export interface PartitionSpec {
    readonly "spec-id": number;
    readonly fields: readonly PartitionField[];
}

/** One field of a sort order in Iceberg's JSON form. */
export interface SortField {
    readonly transform: string;
    readonly "source-id": number;
    readonly direction: "asc" | "desc";
    readonly "null-order": "nulls-first" | "nulls-last";
}

/** A sort order in Iceberg's JSON form. */
export interface SortOrder {
    readonly "order-id": number;
    readonly fields: readonly SortField[];
}

/** A version of the table's content. */
export interface Snapshot {
    readonly "snapshot-id": number;
    readonly "parent-snapshot-id"?: number;
    readonly "sequence-number": number;
    readonly "timestamp-ms": number;
    readonly "manifest-list": string;
    readonly summary: Readonly<Record<string, string>>;
    readonly "schema-id": number;
}

/** A table's metadata file. https://iceberg.apache.org/spec/#table-metadata-fields */
export interface TableMetadata {
    readonly "format-version": 2;
    readonly "table-uuid": string;
    readonly location: string;
    readonly "last-sequence-number": number;
    readonly "last-updated-ms": number;
    readonly "last-column-id": number;
    readonly "current-schema-id": number;
    readonly schemas: readonly Schema[];
    readonly "default-spec-id": number;
    readonly "partition-specs": readonly PartitionSpec[];
    readonly "last-partition-id": number;
    readonly "default-sort-order-id": number;
    readonly "sort-orders": readonly SortOrder[];
    readonly properties: Readonly<Record<string, string>>;
    /** -1 before the first snapshot. */
    readonly "current-snapshot-id": number;
    readonly snapshots: readonly Snapshot[];
    readonly "snapshot-log": readonly { readonly "snapshot-id": number; readonly "timestamp-ms": number }[];
    readonly "metadata-log": readonly { readonly "metadata-file": string; readonly "timestamp-ms": number }[];
    readonly refs: Readonly<Record<string, { readonly "snapshot-id": number; readonly type: "branch" }>>;
}

/** What a table is made of: the program's `icebergTableInput`, read. */
export interface TableInput {
    readonly location: string;
    readonly fields: readonly Field[];
    readonly identifierFieldIds: readonly number[];
    readonly partition: readonly PartitionField[];
    readonly sort: readonly SortField[];
    readonly properties: Readonly<Record<string, string>>;
}

/** The metadata of a new, empty table. */
export function newMetadata(input: TableInput, uuid: string, now: number): TableMetadata {
    const sorted = input.sort.length > 0;
    const unsorted: SortOrder = { "order-id": 0, fields: [] };
    return {
        "format-version": 2,
        "table-uuid": uuid,
        location: input.location,
        "last-sequence-number": 0,
        "last-updated-ms": now,
        "last-column-id": lastColumnId(input.fields),
        "current-schema-id": 0,
        schemas: [schemaOf(input, 0)],
        "default-spec-id": 0,
        "partition-specs": [{ "spec-id": 0, fields: input.partition }],
        "last-partition-id": Math.max(999, ...input.partition.map((part) => part["field-id"])),
        "default-sort-order-id": sorted ? 1 : 0,
        "sort-orders": sorted ? [unsorted, { "order-id": 1, fields: input.sort }] : [unsorted],
        properties: input.properties,
        "current-snapshot-id": -1,
        snapshots: [],
        "snapshot-log": [],
        "metadata-log": [],
        refs: {},
    };
}

function schemaOf(input: TableInput, id: number): Schema {
    return {
        type: "struct",
        "schema-id": id,
        "identifier-field-ids": input.identifierFieldIds,
        fields: input.fields,
    };
}

/** The schema that new rows have. */
export function currentSchema(metadata: TableMetadata): Schema {
    return metadata.schemas.find((schema) => schema["schema-id"] === metadata["current-schema-id"]) as Schema;
}

/** The partition spec that new files have. */
export function currentSpec(metadata: TableMetadata): PartitionSpec {
    return metadata["partition-specs"].find((spec) => spec["spec-id"] === metadata["default-spec-id"]) as PartitionSpec;
}

/** The order of rows in new files. */
export function currentOrder(metadata: TableMetadata): SortOrder {
    const id = metadata["default-sort-order-id"];
    return metadata["sort-orders"].find((order) => order["order-id"] === id) as SortOrder;
}

/** The snapshot that a reader sees, or undefined before the first. */
export function currentSnapshot(metadata: TableMetadata): Snapshot | undefined {
    return metadata.snapshots.find((snapshot) => snapshot["snapshot-id"] === metadata["current-snapshot-id"]);
}

/**
 * The metadata after the program changed the table's input: a new schema where columns were added, renamed, widened or dropped, a new sort order,
 * new properties. Undefined when nothing changed. Throws where a reader of the rows of before would be lost.
 */
export function evolved(metadata: TableMetadata, input: TableInput, now: number): TableMetadata | undefined {
    const changes = { ...schemaChange(metadata, input), ...sortChange(metadata, input) };
    const sameProperties = equal(input.properties, metadata.properties);
    if (Object.keys(changes).length === 0 && sameProperties) return undefined;
    return { ...metadata, ...changes, "last-updated-ms": now, properties: input.properties };
}

function schemaChange(metadata: TableMetadata, input: TableInput): Partial<TableMetadata> {
    const current = currentSchema(metadata);
    const next = schemaOf(input, Math.max(...metadata.schemas.map((schema) => schema["schema-id"])) + 1);
    if (!equal(currentSpec(metadata).fields, input.partition)) {
        throw unsupported(`A change of the partition spec of the table at ${metadata.location}, which exists,`);
    }
    if (equal({ ...next, "schema-id": 0 }, { ...current, "schema-id": 0 })) return {};
    for (const field of next.fields) checkEvolution(current, field);
    return {
        schemas: [...metadata.schemas, next],
        "current-schema-id": next["schema-id"],
        "last-column-id": Math.max(metadata["last-column-id"], lastColumnId(input.fields)),
    };
}

function sortChange(metadata: TableMetadata, input: TableInput): Partial<TableMetadata> {
    if (equal(currentOrder(metadata).fields, input.sort)) return {};
    const known = metadata["sort-orders"].find((order) => equal(order.fields, input.sort));
    if (known) return { "default-sort-order-id": known["order-id"] };
    const id = Math.max(...metadata["sort-orders"].map((order) => order["order-id"])) + 1;
    const order = { "order-id": id, fields: input.sort };
    return { "sort-orders": [...metadata["sort-orders"], order], "default-sort-order-id": id };
}

function checkEvolution(current: Schema, field: Field): void {
    const refuse = (why: string) =>
        serviceError("InvalidInputException", `The column "${field.name}" of an Iceberg table ${why}.`);
    const before = current.fields.find((candidate) => candidate.id === field.id);
    if (!before) {
        if (field.required) throw refuse("that exists must be optional when it is added: the rows of before lack it");
        return;
    }
    if (field.required && !before.required) throw refuse("cannot become required");
    if (!equal(before.type, field.type) && !widened(before.type, field.type)) {
        throw refuse(`cannot become ${JSON.stringify(field.type)}: it is ${JSON.stringify(before.type)}`);
    }
}

/** https://iceberg.apache.org/spec/#schema-evolution */
function widened(before: IcebergType, after: IcebergType): boolean {
    return (before === "int" && after === "long") || (before === "float" && after === "double");
}

function equal(a: unknown, b: unknown): boolean {
    return JSON.stringify(a) === JSON.stringify(b);
}

/** Sentences on what is wrong with a table's input, none when all is well. */
export function problemsIn(input: TableInput): readonly string[] {
    const problems: string[] = [];
    const attempt = (check: () => unknown) => {
        try {
            check();
        } catch (error) {
            problems.push((error as Error).message);
        }
    };
    const fieldOf = (id: number, what: string) => {
        const field = input.fields.find((candidate) => candidate.id === id);
        if (!field) problems.push(`${what} names the field ${id}, which the schema does not have.`);
        return field;
    };
    for (const { name, type } of input.fields) {
        attempt(() => duckType(type));
        if (RESERVED.test(name)) problems.push(`The column "${name}" has a name that the local runtime uses itself.`);
        if (!mapsByText(type))
            problems.push(`The column "${name}" holds a map whose keys are not strings, as JSON's are.`);
    }
    for (const part of input.partition) {
        const source = fieldOf(part["source-id"], `The partition "${part.name}"`);
        if (source) attempt(() => transformOf(part.transform, source.type));
    }
    for (const { "source-id": id, transform } of input.sort) {
        const source = fieldOf(id, "The sort order");
        if (source) attempt(() => transformOf(transform, source.type));
    }
    for (const id of input.identifierFieldIds) {
        const field = fieldOf(id, "The identifier fields");
        if (field && !field.required) problems.push(`The identifier field "${field.name}" must be required.`);
    }
    return problems;
}

/** Names that a batch of documents uses beside the columns. */
const RESERVED = /^__(seq|op)$/;

function mapsByText(type: IcebergType): boolean {
    if (typeof type === "string") return true;
    if (type.type === "struct") return type.fields.every((field) => mapsByText(field.type));
    return type.type === "list" ? mapsByText(type.element) : type.key === "string" && mapsByText(type.value);
}
