import { type Column, type Dataset, defineDataset } from "../../schema/dataset";
import { ORDER_DATE, orders } from "./dataset";

/** A table that orders are projected to. */
export interface OrderTable {
    /** Its rows. */
    readonly dataset: Dataset;
    /** The same columns, each `from` a place in an order. */
    readonly columns: readonly Column[];
    /** The list in an order of which each element makes a row. @default an order makes one */
    readonly each?: string;
}

const plain: readonly Column[] = orders.columns.filter(({ type }: Column) => typeof type === "string");
/** What every row has of its order. */
const identity = plain.filter(({ name }) => [...orders.key, ORDER_DATE].includes(name));

const sequenceNumber: Column = {
    name: "sequence_number",
    type: "string",
    optional: true,
    from: "$sequenceNumber",
    doc: "Place in the stream: of what was sent more than once, the highest is the newest.",
};

const line: Column = {
    name: "line",
    type: "int",
    from: "$line",
    doc: "Place among the products of the order, from 1.",
};

/** The tables, by a short name for what is made for each. No column is spelled here: they are those of an order. */
export const tables = {
    orders: table("orders", "Orders.", plain),
    products: table(
        "product_details",
        "Products of the orders.",
        [line, ...parts("product_details")],
        "product_details",
    ),
    purchases: table("purchase_details", "What orders cost, and how they are paid.", parts("purchase_details")),
    addresses: table("shipping_addresses", "Where orders go.", parts("shipping_address")),
} satisfies Readonly<Record<string, OrderTable>>;

function table(name: string, doc: string, own: readonly Column[], each?: string): OrderTable {
    const columns = [...identity, ...own.filter((column) => !identity.includes(column)), sequenceNumber];
    const dataset = defineDataset({
        name,
        doc,
        columns: columns.map(({ from: _, ...column }) => column),
        partitionBy: [`day(${ORDER_DATE})`],
        key: [...orders.key, ...(each ? [line.name] : [])],
    });
    return { dataset, columns, ...(each && { each }) };
}

/** The fields below a column of an order, each as a column of its own. */
function parts(name: string): readonly Column[] {
    return orders.columns.flatMap((column: Column) => (column.name === name ? flattened(column, name) : []));
}

function flattened(column: Column, from: string): readonly Column[] {
    const { type } = column;
    if (typeof type === "string") return [{ ...column, from }];
    if ("array" in type) return flattened({ ...column, type: type.array }, `${from}[]`);
    if ("struct" in type) return type.struct.flatMap((field) => flattened(field, `${from}.${field.name}`));
    throw new Error(`Dataset "${orders.name}" has the map "${from}", of which no columns can be made.`);
}
