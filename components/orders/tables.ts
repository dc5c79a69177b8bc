import { type Column, type Dataset, defineDataset } from "../../schema/dataset";
import { ORDER_DATE, orders } from "./dataset";

/** A table that the orders are projected to: a row for each order, or for each element of a list in it. */
export interface OrderTable extends Dataset {
    /** Columns with the places in an order that they come from. */
    readonly columns: readonly Column[];
    /** The list of whose elements each makes a row. */
    readonly each?: string;
}

const isPlain = ({ type }: Column) => typeof type === "string";
const plain: readonly Column[] = orders.columns.filter(isPlain);
/** What tells a row's order, in every table. */
const identity = plain.filter(({ name }) => [...orders.key, ORDER_DATE].includes(name));

/** Tells the newest of rows with the same key. */
export const SEQUENCE_NUMBER = "sequence_number";
const sequenceNumber: Column = {
    name: SEQUENCE_NUMBER,
    type: "string",
    optional: true,
    from: "$sequenceNumber",
    doc: "Place in the stream: of what has the same key, the highest is the newest.",
};

const line: Column = {
    name: "line",
    type: "int",
    from: "$line",
    doc: "Place among the products of the order, from 1.",
};

/** Every table, by the name of the part of an order that it holds. */
export const tables: readonly OrderTable[] = [
    table("orders", "Orders.", plain),
    table("product_details", "Products of the orders.", [line, ...parts("product_details")], "product_details"),
    table("purchase_details", "What orders cost and how they are paid.", parts("purchase_details")),
    table("shipping_addresses", "Where orders go.", parts("shipping_address")),
];

function table(name: string, doc: string, columns: readonly Column[], each?: string): OrderTable {
    const others = columns.filter((column) => !identity.includes(column));
    const defined = defineDataset({
        name,
        doc,
        columns: [...identity, ...others, sequenceNumber],
        partitionBy: [`day(${ORDER_DATE})`],
        key: [...orders.key, ...(each ? [line.name] : [])],
    });
    return { ...defined, ...(each && { each }) };
}

/** The fields below a column of the order, each as a column of its own. */
function parts(name: string): readonly Column[] {
    const column = orders.columns.find((candidate) => candidate.name === name) as Column;
    return flattened(column, name);
}

function flattened(column: Column, from: string): readonly Column[] {
    const { type } = column;
    if (typeof type === "string") return [{ ...column, from }];
    if ("array" in type) return flattened({ ...column, type: type.array }, `${from}[]`);
    if ("struct" in type) return type.struct.flatMap((field) => flattened(field, `${from}.${field.name}`));
    throw new Error(`The orders' "${from}" cannot be flattened.`);
}
