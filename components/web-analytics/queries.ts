import type { NamedQuery } from "../blocks/workgroup";
import { pageEvents } from "./dataset";

const table = pageEvents.name;

/** The questions that come ready to run. */
export const queries: Readonly<Record<string, NamedQuery>> = {
    "events-by-type": {
        description: "How often each event happened, and by how many users.",
        sql: `SELECT event, count(*) AS events, count(DISTINCT user_id) AS users FROM ${table} GROUP BY event ORDER BY events DESC, event`,
    },
    "events-per-hour": {
        description: "Events and sessions of each hour.",
        sql: `SELECT date_trunc('hour', timestamp) AS hour, count(*) AS events, count(DISTINCT session_id) AS sessions FROM ${table} GROUP BY 1 ORDER BY 1`,
    },
    "top-pages": {
        description: "The twenty pages that were viewed most.",
        sql: `SELECT hostname, uri, count(*) AS views FROM ${table} WHERE event = 'view' GROUP BY hostname, uri ORDER BY views DESC, hostname, uri LIMIT 20`,
    },
    "top-referrers": {
        description: "The twenty pages that led most visitors here.",
        sql: `SELECT referrer, count(DISTINCT session_id) AS sessions FROM ${table} WHERE referrer IS NOT NULL GROUP BY referrer ORDER BY sessions DESC, referrer LIMIT 20`,
    },
    "from-view-to-purchase": {
        description: "Sessions that saw something, put something in the cart, and bought something.",
        sql:
            "SELECT count(DISTINCT CASE WHEN event = 'view' THEN session_id END) AS viewed, " +
            "count(DISTINCT CASE WHEN event = 'cart' THEN session_id END) AS carted, " +
            `count(DISTINCT CASE WHEN event = 'purchase' THEN session_id END) AS purchased FROM ${table}`,
    },
};
