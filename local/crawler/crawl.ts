import { authorizeTable } from "../glue/authorize";
import { findDatabase, type TableResource, tables } from "../glue/catalog";
import { type Partition, type Partitions, partitionIn } from "../glue/partitions";
import { requireLocation } from "../lakeformation/access";
import type { Caller, Services } from "../services";
import { type CrawlerResource, crawlerArn, roleArnOf } from "./config";

/** What a crawl needs of other services. */
export type CrawlServices = Pick<Services, "clock" | "iam" | "logs" | "place" | "resources" | "s3">;

/** Where AWS's crawlers log. */
export const LOG_GROUP = "/aws-glue/crawlers";

/** What a role needs to register partitions of a table. https://docs.aws.amazon.com/glue/latest/dg/crawler-prereqs.html */
const ACTIONS = ["glue:GetTable", "glue:BatchGetPartition", "glue:BatchCreatePartition"];

/**
 * Looks for folders of partitions below the tables that a crawler is to see, and registers those that are new. Nothing else is changed: the
 * program defines the tables, and their columns stay. Throws when the role may not, or when a target has no table.
 */
export async function crawl(services: CrawlServices, partitions: Partitions, crawler: CrawlerResource): Promise<void> {
    const { iam, place } = services;
    const { name, role } = crawler.inputs;
    const caller = iam.assume(roleArnOf(place, role), "glue.amazonaws.com", crawlerArn(place, name), "AWS-Crawler");
    const log = (message: string) => logLine(services, caller, name, message);
    log(`[${name}] BENCHMARK : Running Start Crawl for Crawler ${name}`);
    for (const table of tablesOf(services, crawler)) {
        const added = await crawlTable(services, caller, partitions, table);
        log(`[${name}] INFO : Created ${added} partitions for table ${table.inputs.databaseName}.${table.inputs.name}`);
    }
    log(`[${name}] BENCHMARK : Finished writing to Catalog`);
}

/** The tables of a crawler: those that it names, and those whose folders lie in or around the ones that it names. */
function tablesOf(services: CrawlServices, { inputs }: CrawlerResource): readonly TableResource[] {
    const { catalogTargets = [], s3Targets = [], databaseName } = inputs;
    const all = (database: string) => tables(services, findDatabase(services, database).inputs.name);
    const named = catalogTargets.flatMap(({ databaseName: database, tables: names }) =>
        names.map((name) => {
            const table = all(database).find((each) => each.inputs.name === name.toLowerCase());
            if (table) return table;
            throw new Error(`Table ${database}.${name} not found`);
        }),
    );
    const located = s3Targets.flatMap(({ path }) => {
        const found = all(databaseName).filter((table) => `${locationOf(table)}/`.startsWith(`${bare(path)}/`));
        if (found.length > 0) return found;
        throw new Error(
            `No table of ${databaseName} lies in ${path}. The local runtime registers partitions of tables that the program defines, and makes no tables.`,
        );
    });
    return [...new Set([...named, ...located])];
}

async function crawlTable(
    services: CrawlServices,
    caller: Caller,
    partitions: Partitions,
    table: TableResource,
): Promise<number> {
    const { iam, s3, clock } = services;
    const { databaseName, name, partitionKeys = [] } = table.inputs;
    for (const action of ACTIONS) authorizeTable(services, caller, action, databaseName, name);
    const location = locationOf(table);
    if (partitionKeys.length === 0 || !location) return 0;
    requireLocation(services, caller, location);
    const [, bucket = "", folder = ""] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(location) ?? [];
    const prefix = folder && `${folder}/`;
    iam.authorize(caller, "s3:GetObject", `arn:aws:s3:::${bucket}/${prefix}*`);
    const keys = partitionKeys.map((key) => key.name);
    const found = new Map<string, Partition>();
    for (const { key } of await s3.listObjects(caller, bucket, prefix)) {
        const partition = partitionIn(key.slice(prefix.length), keys);
        if (!partition || /(^|\/)[._][^/]*$/.test(key) || found.has(partition.folder)) continue;
        const { values } = partition;
        found.set(partition.folder, { values, location: `${location}/${partition.folder}`, created: clock.now() });
    }
    return partitions.add(databaseName, name, [...found.values()]);
}

function locationOf({ inputs }: TableResource): string {
    return bare(inputs.storageDescriptor?.location ?? "");
}

/** A location without the slash at its end, and with AWS's own name of S3. */
function bare(location: string): string {
    return location.replace(/^s3[an]:/, "s3:").replace(/\/+$/, "");
}

/** The group is made by AWS; here it is there when the program makes it. */
function logLine({ logs }: CrawlServices, caller: Caller, stream: string, message: string): void {
    try {
        logs.putLogEvents(caller, LOG_GROUP, stream, [message]);
    } catch {
        // Without the group, or the right to write to it, a crawl goes on all the same.
    }
}
