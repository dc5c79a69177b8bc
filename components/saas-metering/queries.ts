import type { NamedQuery } from "../blocks/workgroup";
import { accessLog, usage } from "./dataset";

/** `month` and the partition keys above it are in the path, so a query reads the folders of the hours that it names and no others. */
function perTenant(unit: "hour" | "day" | "month", keys: readonly string[]): NamedQuery {
    const columns = keys.map((key) => `"${key}"`).join(", ");
    return {
        description: `Requests of each tenant in each ${unit}, and how many of them were answered as asked.`,
        sql:
            `SELECT ${columns}, tenant, count(*) AS requests, count(CASE WHEN status < 400 THEN 1 END) AS served, ` +
            `sum(response_bytes) AS bytes FROM ${usage.name} WHERE tenant IS NOT NULL GROUP BY ${columns}, tenant ORDER BY ${columns}, tenant`,
    };
}

/** The questions that come ready to run. A request without a valid token is nobody's. */
export const queries: Readonly<Record<string, NamedQuery>> = {
    "usage-per-tenant-per-hour": perTenant("hour", ["year", "month", "day", "hour"]),
    "usage-per-tenant-per-day": perTenant("day", ["year", "month", "day"]),
    "usage-per-tenant-per-month": perTenant("month", ["year", "month"]),
    errors: {
        description:
            "What was not answered as asked: by status, by the reason of API Gateway itself, and how many tenants met it.",
        sql:
            `SELECT status, error, count(*) AS requests, count(DISTINCT tenant) AS tenants FROM ${usage.name} ` +
            "WHERE status >= 400 OR status IS NULL GROUP BY status, error ORDER BY requests DESC, status, error",
    },
    "top-paths": {
        description: "The twenty resources that were asked for most.",
        sql:
            `SELECT http_method, resource_path, count(*) AS requests, round(avg(latency_ms), 1) AS average_ms FROM ${usage.name} ` +
            "GROUP BY http_method, resource_path ORDER BY requests DESC, http_method, resource_path LIMIT 20",
    },
    "malformed-lines": {
        description:
            "Lines of the access log that tell of no request, by the hour of their arrival. They are in the bucket as they came.",
        sql:
            `SELECT "year", "month", "day", "hour", count(*) AS lines FROM ${accessLog.name} ` +
            "WHERE request_id IS NULL OR request_id IN ('', '-') OR TRY_CAST(request_time AS bigint) IS NULL " +
            'GROUP BY "year", "month", "day", "hour" ORDER BY "year", "month", "day", "hour"',
    },
};
