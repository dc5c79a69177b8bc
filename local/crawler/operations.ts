import type {
    Crawler,
    GetCrawlerRequest,
    GetCrawlerResponse,
    GetCrawlersRequest,
    GetCrawlersResponse,
    StartCrawlerRequest,
    StopCrawlerRequest,
} from "@aws-sdk/client-glue";
import { serviceError } from "../errors";
import type { Caller, Operation, Services } from "../services";
import { type CrawlerInputs, type CrawlerResource, crawlerArn, roleArnOf } from "./config";
import type { CrawlerState, LastCrawl } from "./state";

/** What the operations need. */
export interface CrawlerAccess {
    readonly services: Pick<Services, "clock" | "iam" | "place">;
    all(): readonly CrawlerResource[];
    find(name: string): CrawlerResource | undefined;
    stateOf(crawler: CrawlerResource): CrawlerState;
    /** Since when a crawler runs, in milliseconds since 1970; undefined when it does not. */
    runningSince(name: string): number | undefined;
    start(crawler: CrawlerResource): unknown;
}

/** The operations of Glue that are about crawlers, for whoever serves Glue. */
export function crawlerOperations(access: CrawlerAccess): Readonly<Record<string, Operation>> {
    return {
        GetCrawler: getCrawler(access),
        GetCrawlers: getCrawlers(access),
        StartCrawler: startCrawler(access),
        StopCrawler: stopCrawler(access),
    };
}

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetCrawler.html */
const getCrawler =
    (access: CrawlerAccess) =>
    ({ Name: name }: GetCrawlerRequest, caller: Caller): GetCrawlerResponse => {
        authorize(access, caller, "GetCrawler", name);
        const crawler = access.find(String(name));
        if (crawler) return { Crawler: described(access, crawler) };
        throw serviceError("EntityNotFoundException", `Crawler entry with name ${name} does not exist`);
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_GetCrawlers.html */
const getCrawlers =
    (access: CrawlerAccess) =>
    ({ MaxResults: limit = 100, NextToken: token }: GetCrawlersRequest, caller: Caller): GetCrawlersResponse => {
        access.services.iam.authorize(caller, "glue:GetCrawlers", "*");
        const all = access.all();
        const from = token ? Number(token) : 0;
        if (!Number.isSafeInteger(from) || from < 0) throw serviceError("InvalidInputException", "Invalid NextToken.");
        const to = from + limit;
        const Crawlers = all.slice(from, to).map((crawler) => described(access, crawler));
        return { Crawlers, ...(to < all.length && { NextToken: String(to) }) };
    };

/** https://docs.aws.amazon.com/glue/latest/webapi/API_StartCrawler.html */
const startCrawler =
    (access: CrawlerAccess) =>
    ({ Name: name }: StartCrawlerRequest, caller: Caller) => {
        access.start(idle(access, caller, "StartCrawler", name));
        return {};
    };

/** A crawl is over as soon as it is asked to stop, or has done its work before: it takes no time worth stopping. */
const stopCrawler =
    (access: CrawlerAccess) =>
    ({ Name: name }: StopCrawlerRequest, caller: Caller) => {
        idle(access, caller, "StopCrawler", name);
        throw serviceError("CrawlerNotRunningException", `Crawler with name ${name} isn't running`);
    };

function idle(access: CrawlerAccess, caller: Caller, action: string, name: string | undefined): CrawlerResource {
    authorize(access, caller, action, name);
    const crawler = access.find(String(name));
    if (!crawler) throw serviceError("EntityNotFoundException", `Crawler with name ${name} does not exist`);
    if (access.runningSince(crawler.inputs.name) === undefined) return crawler;
    throw serviceError("CrawlerRunningException", `Crawler with name ${name} has already started`);
}

function authorize({ services }: CrawlerAccess, caller: Caller, action: string, name: string | undefined): void {
    services.iam.authorize(caller, `glue:${action}`, crawlerArn(services.place, String(name)));
}

function described(access: CrawlerAccess, crawler: CrawlerResource): Crawler {
    const { clock, place } = access.services;
    const { inputs } = crawler;
    const { created, updated, version, lastCrawl } = access.stateOf(crawler);
    const since = access.runningSince(inputs.name);
    return {
        Name: inputs.name,
        Role: roleArnOf(place, inputs.role).split("/").slice(1).join("/"),
        Targets: targets(inputs),
        DatabaseName: inputs.databaseName,
        ...(inputs.description && { Description: inputs.description }),
        Classifiers: [...(inputs.classifiers ?? [])],
        ...policies(inputs),
        State: since === undefined ? "READY" : "RUNNING",
        ...(inputs.tablePrefix && { TablePrefix: inputs.tablePrefix }),
        ...(inputs.schedule && { Schedule: { ScheduleExpression: inputs.schedule, State: "SCHEDULED" } }),
        CrawlElapsedTime: since === undefined ? 0 : clock.now() - since,
        CreationTime: new Date(created),
        LastUpdated: new Date(updated),
        ...(lastCrawl && { LastCrawl: describedCrawl(lastCrawl) }),
        Version: version,
        ...(inputs.configuration && { Configuration: inputs.configuration }),
    };
}

function targets({ s3Targets = [], catalogTargets = [] }: CrawlerInputs): Crawler["Targets"] {
    return {
        S3Targets: s3Targets.map(({ path, exclusions = [] }) => ({ Path: path, Exclusions: [...exclusions] })),
        JdbcTargets: [],
        MongoDBTargets: [],
        DynamoDBTargets: [],
        CatalogTargets: catalogTargets.map(({ databaseName, tables }) => ({
            DatabaseName: databaseName,
            Tables: [...tables],
        })),
        DeltaTargets: [],
        IcebergTargets: [],
        HudiTargets: [],
    };
}

function policies({ recrawlPolicy, schemaChangePolicy, lineageConfiguration }: CrawlerInputs) {
    return {
        RecrawlPolicy: { RecrawlBehavior: recrawlPolicy?.recrawlBehavior ?? "CRAWL_EVERYTHING" },
        SchemaChangePolicy: {
            UpdateBehavior: schemaChangePolicy?.updateBehavior ?? "UPDATE_IN_DATABASE",
            DeleteBehavior: schemaChangePolicy?.deleteBehavior ?? "DEPRECATE_IN_DATABASE",
        },
        LineageConfiguration: { CrawlerLineageSettings: lineageConfiguration?.crawlerLineageSettings ?? "DISABLE" },
    } as Pick<Crawler, "RecrawlPolicy" | "SchemaChangePolicy" | "LineageConfiguration">;
}

function describedCrawl({ status, error, started, log }: LastCrawl): Crawler["LastCrawl"] {
    return {
        Status: status,
        ...(error !== undefined && { ErrorMessage: error }),
        LogGroup: log.group,
        LogStream: log.stream,
        StartTime: new Date(started),
    };
}
