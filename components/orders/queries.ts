import type { NamedQuery } from "../blocks/workgroup";
import { orders } from "./dataset";
import { type OrderTable, tables } from "./tables";

/** By the place in the stream, the newest first. Numbers of so many digits are compared as texts: the longer one is the higher. */
const NEWEST = "length(sequence_number) DESC, sequence_number DESC";

const SAME_ORDER = orders.key.map((name) => `a.${name} = b.${name}`).join(" AND ");

/**
 * Two common table expressions, of which the one called `name` has every order once: as it was sent last, however often it was sent or
 * delivered.
 */
function once(name: string, { dataset }: OrderTable): string {
    const copy = `row_number() OVER (PARTITION BY ${orders.key.join(", ")} ORDER BY ${NEWEST}) AS nth_copy`;
    return (
        `all_${name} AS (SELECT *, ${copy} FROM ${dataset.name}), ` +
        `${name} AS (SELECT * FROM all_${name} WHERE nth_copy = 1)`
    );
}

/**
 * The same for what an order has several rows of, or none: `name` has those that belong to the order as it was sent last, which only the table
 * of orders knows. They came by the same record of the stream.
 */
function onceEach(name: string, { dataset }: OrderTable): string {
    const copy = `row_number() OVER (PARTITION BY ${dataset.key?.map((key) => `a.${key}`).join(", ")}) AS nth_copy`;
    const same = `${SAME_ORDER} AND a.sequence_number = b.sequence_number`;
    return (
        `${once("newest_orders", tables.orders)}, ` +
        `all_${name} AS (SELECT a.*, ${copy} FROM ${dataset.name} a JOIN newest_orders b ON ${same}), ` +
        `${name} AS (SELECT * FROM all_${name} WHERE nth_copy = 1)`
    );
}

const AMOUNT = "CAST(amount AS decimal(18,2))";

/** The questions that come ready to run. Amounts of different currencies are never added. */
export const queries: Readonly<Record<string, NamedQuery>> = {
    "average-order-value": {
        description: "What an order is worth on average, by currency.",
        sql:
            `WITH ${once("purchases", tables.purchases)} SELECT currency, count(*) AS orders, round(avg(amount), 2) AS average_value ` +
            "FROM purchases GROUP BY currency ORDER BY currency",
    },
    "most-sold-products": {
        description: "The twenty products of which most were sold.",
        sql:
            `WITH ${onceEach("products", tables.products)} SELECT product_id, max(name) AS name, sum(quantity) AS sold ` +
            "FROM products GROUP BY product_id ORDER BY sold DESC, product_id LIMIT 20",
    },
    "order-and-client-details": {
        description: "The hundred latest orders, and where they go.",
        sql:
            `WITH ${once("newest_orders", tables.orders)}, ${once("addresses", tables.addresses)} ` +
            "SELECT a.customer_id, a.order_id, a.order_date, a.status, b.country, b.state, b.city, b.street, b.zip " +
            `FROM newest_orders a LEFT JOIN addresses b ON ${SAME_ORDER} ` +
            "ORDER BY a.order_date DESC, a.customer_id, a.order_id LIMIT 100",
    },
    "income-per-payment-method": {
        description: "What was paid by each method, by currency.",
        sql:
            `WITH ${once("purchases", tables.purchases)} SELECT payment_type, currency, count(*) AS orders, sum(${AMOUNT}) AS income ` +
            "FROM purchases GROUP BY payment_type, currency ORDER BY payment_type, currency",
    },
    "sales-per-country": {
        description: "What was sold to each country, by currency.",
        sql:
            `WITH ${once("purchases", tables.purchases)}, ${once("addresses", tables.addresses)} ` +
            `SELECT b.country, a.currency, count(*) AS orders, sum(${AMOUNT}) AS sales ` +
            `FROM purchases a LEFT JOIN addresses b ON ${SAME_ORDER} ` +
            "GROUP BY b.country, a.currency ORDER BY b.country, a.currency",
    },
};
