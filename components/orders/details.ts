import type { Pipeline } from "../blocks/pipeline";
import type { Place } from "../blocks/place";
import type { Orders, OrdersArgs } from ".";
import { mapped } from "./branch";
import { queries } from "./queries";

/** What the stack says of the pipeline. */
export function detailsOf(orders: Orders, { auth }: OrdersArgs, { region }: Place): Pipeline["details"] {
    return {
        region,
        url: orders.api.url,
        auth: auth.mode,
        stream: orders.stream.stream.name,
        deliveryStreams: mapped(orders.branches, ({ stream }) => stream.stream.name),
        itemTable: orders.itemTable.table.name,
        database: orders.database.name,
        tables: mapped(orders.branches, ({ table }) => table.table.name),
        bucket: orders.bucket.bucket.bucket,
        deadLetters: orders.deadLetters.queue.url,
        crawler: orders.crawler.crawler.name,
        workgroup: orders.workgroup.workgroup.name,
        functions: {
            consumer: orders.consumer.function.name,
            ...mapped(orders.branches, ({ rows }) => rows.function.name),
        },
        logs: {
            consumer: orders.consumer.logGroup.name,
            ...mapped(orders.branches, ({ rows }) => rows.logGroup.name),
        },
        queries: Object.keys(queries),
        ...(orders.api.key && { apiKeyId: orders.api.key.id }),
    };
}
