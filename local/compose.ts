import { randomBytes } from "node:crypto";
import * as path from "node:path";
import { createApiGateway } from "./apigateway";
import { apiGatewayBindings } from "./apigateway/bindings";
import { createApiGatewayControl } from "./apigateway/control";
import { createAthena } from "./athena";
import { athenaBindings } from "./athena/bindings";
import type { Clock } from "./clock";
import { createCognito } from "./cognito";
import { createCrawlers } from "./crawler";
import { createDuck } from "./duck";
import { createDynamoDB } from "./dynamodb";
import { createEventSources } from "./event-source";
import { createEventBridge } from "./eventbridge";
import type { Announcement } from "./eventbridge/event";
import type { Faults } from "./faults";
import { createFirehose } from "./firehose";
import { createGlue } from "./glue";
import { glueBindings } from "./glue/bindings";
import { createGlueJobs } from "./glue-jobs";
import { createIam } from "./iam";
import { iamBindings } from "./iam/bindings";
import { createIceberg } from "./iceberg";
import { createKinesis } from "./kinesis";
import { createLakeFormation } from "./lakeformation";
import { lakeFormationBindings } from "./lakeformation/bindings";
import { createLambda } from "./lambda";
import { lambdaBindings } from "./lambda/bindings";
import { createLogs } from "./logs";
import { logsBindings } from "./logs/bindings";
import { createMetrics } from "./metrics";
import { bindingsWithoutEffect } from "./no-effect";
import { createProvider } from "./provider";
import { openResourceTable } from "./resource-table";
import { createS3 } from "./s3";
import { s3Bindings } from "./s3/bindings";
import { createSecretsManager } from "./secretsmanager";
import { createServer, type HttpHandler } from "./server";
import type { JsonService, Place } from "./services";
import { createSqs } from "./sqs";
import { createSts } from "./sts";
import { createWire } from "./wire";

/** What {@link compose} needs. */
export interface Composition {
    /** Folder that holds everything that must survive a restart. */
    readonly data: string;
    readonly account: string;
    readonly region: string;
    readonly clock: Clock;
    /** Answers `/_tributary/`. */
    readonly status: HttpHandler;
    /** What goes wrong on purpose, for tests. @default nothing does */
    readonly faults?: Faults;
}

/** Makes every local service, each with the others that it uses. The one place where they are put together. */
export function compose({ data, account, region, clock, status, faults = {} }: Composition) {
    let endpoint = "";
    const place: Place = { account, region, data, endpoint: () => endpoint };
    const randomHex = (digits: number) =>
        randomBytes(Math.ceil(digits / 2))
            .toString("hex")
            .slice(0, digits);
    const table = openResourceTable(path.join(data, "resources.jsonl"));
    const base = { clock, place, resources: table, randomHex };

    const iam = createIam(base);
    const metrics = createMetrics(base);
    const logs = createLogs({ ...base, iam });
    const s3 = createS3({ ...base, iam });
    const duck = createDuck({ place });
    const iceberg = createIceberg({ ...base, s3, duck });
    const glue = createGlue({ ...base, iam, iceberg });
    const announce = (announcement: Announcement): Promise<void> => events.announce(announcement);
    const crawlers = createCrawlers({ ...base, iam, s3, logs, announce });
    const lakeFormation = createLakeFormation({ ...base, iam });
    const athena = createAthena({ ...base, iam, s3, duck, iceberg });
    const kinesis = createKinesis({ ...base, iam, metrics });
    const dynamodb = createDynamoDB({ ...base, iam, metrics }, { faults: faults.dynamodb });
    const sqs = createSqs({ ...base, iam, metrics });
    const secrets = createSecretsManager({ ...base, iam });
    const { crawl } = crawlers;
    const glueJobs = createGlueJobs({ ...base, iam, s3, duck, logs, metrics, secrets, crawl, announce });
    const lambda = createLambda({ ...base, iam, logs, metrics }, { faults: faults.lambda });
    const eventSources = createEventSources({
        ...base,
        iam,
        lambda,
        metrics,
        kinesis,
        dynamodb,
        sqs,
    });
    const firehose = createFirehose({ ...base, iam, s3, lambda, logs, metrics, iceberg, duck, kinesis });
    const events = createEventBridge({ ...base, iam, lambda, metrics, firehose, sqs });
    // What a client or a user has to be told beside an answer.
    const tell = { log: (line: string) => void process.stderr.write(`${line}\n`) };
    const cognito = createCognito({ ...base, iam }, tell);
    const catalog = {
        service: {
            ...glue.service,
            operations: { ...glue.service.operations, ...crawlers.operations, ...glueJobs.operations },
        },
    };
    const json = { logs, catalog, lakeFormation, athena, kinesis, dynamodb, sqs, secrets, firehose, events, cognito };
    const jsonServices: readonly JsonService[] = Object.values(json).map(({ service }) => service);
    const wire = createWire(() => jsonServices);
    const { gateway } = wire;
    // A client sees "Internal server error" and no more, so the reason is told.
    const apigateway = createApiGateway({ ...base, iam, lambda, logs, metrics, gateway, userPools: cognito }, tell);
    const bindings = {
        ...bindingsWithoutEffect(base),
        ...iamBindings(base),
        ...logsBindings(base),
        ...s3Bindings({ ...base, iam }, s3),
        ...glueBindings({ ...base, iceberg }),
        ...crawlers.bindings,
        ...glueJobs.bindings,
        ...lakeFormationBindings(base),
        ...athenaBindings(base),
        ...lambdaBindings({ ...base, iam }),
        ...kinesis.bindings,
        ...dynamodb.bindings,
        ...sqs.bindings,
        ...secrets.bindings,
        ...eventSources.bindings,
        ...firehose.bindings,
        ...events.bindings,
        ...cognito.bindings,
        ...apiGatewayBindings({ ...base, iam }),
    };
    const server = createServer({
        iam,
        wire,
        queryServices: [createSts({ ...base, iam })],
        http: {
            apigateway: apigateway.handle,
            apigatewayControl: createApiGatewayControl({ ...base, iam }).handle,
            s3: s3.handle,
            cognito: cognito.handle,
            lambda: lambda.handle,
            status,
        },
    });
    return {
        provider: createProvider(bindings, table, place),
        table,
        randomHex,
        firehose,
        events,
        metrics,
        /** Listens on loopback and gives the endpoint. */
        async listen(port: number): Promise<string> {
            endpoint = await server.listen({ port });
            return endpoint;
        },
        /** Goes on with what an earlier run left undone. */
        start(): void {
            kinesis.start();
            dynamodb.start();
            eventSources.start();
            lambda.start();
            firehose.start();
            events.start();
            crawlers.start();
            glueJobs.start();
        },
        async close(): Promise<void> {
            await server.close();
            await glueJobs.close();
            await crawlers.close();
            await events.close();
            await eventSources.close();
            await firehose.close();
            await lambda.close();
            await kinesis.close();
            await dynamodb.close();
            sqs.close();
            await athena.close();
            await duck.close();
        },
    };
}
