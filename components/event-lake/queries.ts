import type { NamedQuery } from "../blocks/workgroup";
import { cardEvents } from "./dataset";

const table = cardEvents.name;

/** The questions that come ready to run. Each event is one row, and amounts of different currencies are never added. */
export const queries: Readonly<Record<string, NamedQuery>> = {
    "spend-per-country": {
        description: "What was paid in each country, by currency.",
        sql:
            `SELECT country, currency, count(*) AS payments, sum(amount) AS spend FROM ${table} ` +
            "GROUP BY country, currency ORDER BY country, currency",
    },
    "spend-per-day": {
        description: "What was paid on each day (UTC), by currency.",
        sql:
            `SELECT year, month, day, currency, count(*) AS payments, sum(amount) AS spend FROM ${table} ` +
            "GROUP BY year, month, day, currency ORDER BY year, month, day, currency",
    },
    "top-cards": {
        description: "The twenty cards that paid most often, each by its hash.",
        sql:
            `SELECT card_number, count(*) AS payments, count(DISTINCT country) AS countries FROM ${table} ` +
            "GROUP BY card_number ORDER BY payments DESC, card_number LIMIT 20",
    },
    "top-cities": {
        description: "The twenty cities with most payments.",
        sql:
            `SELECT country, city, count(*) AS payments FROM ${table} WHERE city IS NOT NULL ` +
            "GROUP BY country, city ORDER BY payments DESC, country, city LIMIT 20",
    },
};

/** The queries that those can run who do not see some columns. */
export function queriesWithout(hidden: readonly string[]): typeof queries {
    const entries = Object.entries(queries).filter(([, { sql }]) => !hidden.some((column) => mentions(sql, column)));
    return Object.fromEntries(entries);
}

function mentions(sql: string, column: string): boolean {
    return new RegExp(`\\b${column}\\b`).test(sql);
}
