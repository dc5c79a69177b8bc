import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { type FakeClock, fakeClock } from "../../tests/support/clock";
import { type Cognito, createCognito } from "../cognito";
import { type ServiceError, serviceError } from "../errors";
import type { Bindings, Properties, Resource } from "../resources";
import type { Caller, HttpRequest } from "../services";
import { apiGatewayBindings } from "./bindings";
import { type ApiGateway, createApiGateway } from "./index";

/** A call of a backend, as the API made it. */
export interface Call {
    readonly caller: string;
    readonly operation: string;
    readonly body: string;
}

/** An API Gateway with a table of resources, and backends that note what they are called with. */
export interface TestGateway {
    readonly gateway: ApiGateway;
    /** Folder of everything that survives a restart. */
    readonly data: string;
    /** Another gateway over the same resources and the same folder, as after a restart. */
    restart(): ApiGateway;
    readonly clock: FakeClock;
    readonly calls: Call[];
    readonly logged: string[];
    readonly metrics: { name: string; dimensions: Readonly<Record<string, string>>; value: number }[];
    readonly logLines: { group: string; line: string }[];
    /** What backends answer; tests replace it. */
    answer: { status: number; body: string };
    /** What Lambda refuses a call with. */
    refusal: ServiceError | undefined;
    /** How long a backend takes. */
    delay: number;
    /** The user pools of the authorizers. */
    readonly cognito: Cognito;
    /** Makes a resource through its binding: a type of API Gateway, or any whole type token. */
    make(type: string, inputs: Properties, name?: string): Promise<Resource>;
    /** Changes a resource through its binding. */
    change(resource: Resource, inputs: Properties): Promise<Resource>;
    /** Every resource of a type. */
    all(type: string): readonly Resource[];
    /** Puts a resource of another service into the table. */
    add(type: string, id: string, inputs: Properties, outputs?: Properties): void;
    /** Takes a resource out of the table, through its binding. */
    remove(resource: Resource): Promise<void>;
    /** Makes API, deployment and stage `v1` of a document. */
    deploy(document: object, stage?: Properties): Promise<{ api: Resource; deployment: Resource; stage: Resource }>;
    /** Sends a request to the stage `v1` of the API that was made first. */
    send(method: string, path: string, options?: SendOptions, through?: ApiGateway): Promise<Reply>;
    close(): void;
}

/** What a request has beside its method and path. */
export interface SendOptions {
    readonly body?: string | Buffer | object;
    readonly headers?: Readonly<Record<string, string>>;
    /** Every header, where one comes more than once. */
    readonly lines?: readonly (readonly [string, string])[];
    readonly caller?: Caller;
    /** Why the signature was refused. */
    readonly refused?: ServiceError;
    /** The API, when it is not the one that was made first. */
    readonly api?: Resource;
}

/** An answer, with its JSON parsed when it is that. */
export interface Reply {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | readonly string[]>>;
    readonly body: string;
    readonly json: unknown;
}

/** Role that the test's API may use. */
export const ROLE = "arn:aws:iam::000000000000:role/api";
/** Somebody whose policies allow nothing. */
export const STRANGER: Caller = {
    arn: "arn:aws:sts::000000000000:assumed-role/stranger/s",
    roleArn: "arn:aws:iam::000000000000:role/stranger",
};
/** The account's root. */
export const ROOT: Caller = { arn: "arn:aws:iam::000000000000:root" };

const PREFIX = "aws:apigateway/";

/** Makes a {@link TestGateway}; `close` removes its folder. */
export function testGateway(): TestGateway {
    const clock = fakeClock();
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "apigateway-"));
    const table = new Map<string, Resource>();
    let ids = 0;
    const test: Pick<TestGateway, "calls" | "logged" | "metrics" | "logLines" | "answer" | "refusal" | "delay"> = {
        calls: [],
        logged: [],
        metrics: [],
        logLines: [],
        answer: { status: 200, body: "{}" },
        refusal: undefined,
        delay: 0,
    };
    const services = {
        clock,
        place: { account: "000000000000", region: "us-east-1", endpoint: () => "http://127.0.0.1:4566", data },
        resources: {
            all: <I, O>(type: string) => [...table.values()].filter((r) => r.type === type) as Resource<I, O>[],
            get: <I, O>(type: string, id: string) => table.get(`${type} ${id}`) as Resource<I, O> | undefined,
            onChange: () => undefined,
            put: () => undefined,
            remove: () => undefined,
        },
        iam: {
            root: ROOT,
            authorize(caller: Caller, action: string, resource: string) {
                if (caller.arn === ROOT.arn) return;
                const sentence = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
                throw serviceError("AccessDeniedException", sentence, 403);
            },
            assume(roleArn: string, service: string, _source: string, session: string): Caller {
                if (roleArn !== ROLE) throw serviceError("AccessDenied", `Not authorized: ${service}`, 403);
                return { arn: `arn:aws:sts::000000000000:assumed-role/api/${session}`, roleArn };
            },
            credentials: () => ({ accessKeyId: "a", secretAccessKey: "s" }),
            identify: () => undefined,
        },
        gateway: {
            async call(caller: Caller, service: string, operation: string, body: string) {
                test.calls.push({ caller: caller.arn, operation: `${service}:${operation}`, body });
                if (test.delay > 0) await clock.sleep(test.delay);
                return test.answer;
            },
        },
        lambda: {
            async invoke(caller: Caller, name: string, body: string) {
                test.calls.push({ caller: caller.arn, operation: `invoke ${name}`, body });
                if (test.refusal) throw test.refusal;
                const answer = test.answer;
                return {
                    payload: answer.body,
                    requestId: "r",
                    ...(answer.status !== 200 && { functionError: "Unhandled" as const }),
                };
            },
        },
        logs: {
            putLogEvents: (_caller: Caller, group: string, _stream: string, lines: readonly string[]) => {
                test.logLines.push(...lines.map((line) => ({ group, line })));
            },
        },
        metrics: {
            put: (_namespace: string, name: string, dimensions: Readonly<Record<string, string>>, value: number) => {
                test.metrics.push({ name, dimensions, value });
            },
        },
        randomHex: (digits: number) => (++ids).toString(16).padStart(digits, "0").slice(-digits),
    };
    const cognito = createCognito(services);
    const bindings: Bindings = { ...apiGatewayBindings(services), ...cognito.bindings };
    const restart = () =>
        createApiGateway({ ...services, userPools: cognito }, { log: (line) => test.logged.push(line) });
    const gateway = restart();
    const add = (resource: Resource) => {
        table.set(`${resource.type} ${resource.id}`, resource);
        return resource;
    };
    const make: TestGateway["make"] = async (type, inputs, name = "web") => {
        const token = type.startsWith("aws:") ? type : PREFIX + type;
        const binding = bindings[token];
        if (!binding) throw new Error(`No binding for ${token}`);
        const problems = binding.check?.(inputs) ?? [];
        if (problems.length > 0) throw new Error(problems.join("\n"));
        return add({ type: token, inputs, ...(await binding.create(inputs, name)) });
    };
    return Object.assign(test, {
        gateway,
        cognito,
        data,
        restart,
        clock,
        make,
        async change(resource: Resource, inputs: Properties) {
            const made = await bindings[resource.type]?.update?.(resource, inputs, "web");
            if (!made) throw new Error(`${resource.type} is not updated in place`);
            return add({ type: resource.type, inputs, ...made });
        },
        add: (type: string, id: string, inputs: Properties, outputs: Properties = inputs) =>
            void add({ type, id, inputs, outputs }),
        all: (type: string) => [...table.values()].filter((resource) => resource.type === PREFIX + type),
        async remove(resource: Resource) {
            await bindings[resource.type]?.delete?.(resource);
            table.delete(`${resource.type} ${resource.id}`);
        },
        async deploy(document: object, stage: Properties = {}) {
            const api = await make("restApi:RestApi", { name: "web-1234567", body: JSON.stringify(document) });
            const deployment = await make("deployment:Deployment", { restApi: api.id });
            const inputs = { restApi: api.id, deployment: deployment.id, stageName: "v1", ...stage };
            return { api, deployment, stage: await make("stage:Stage", inputs) };
        },
        async send(method: string, url: string, options: SendOptions = {}, through = gateway) {
            const api = options.api ?? [...table.values()].find(({ type }) => type === `${PREFIX}restApi:RestApi`);
            return send(through, method, `/_aws/execute-api/${api?.id}/v1${url}`, options);
        },
        close: () => fs.rmSync(data, { recursive: true, force: true }),
    });
}

async function send(
    gateway: ApiGateway,
    method: string,
    url: string,
    { body = "", headers = {}, lines, caller, refused }: SendOptions,
): Promise<Reply> {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    const all = { host: "127.0.0.1:4566", ...headers };
    const request = {
        method,
        url,
        headers: Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toLowerCase(), value])),
        headerLines: () => lines ?? Object.entries(all),
        caller,
        refused,
        sourceIp: "192.0.2.1",
        async body(limit = Number.POSITIVE_INFINITY) {
            if (bytes.length > limit) throw serviceError("RequestEntityTooLarge", "Too long", 413);
            return bytes;
        },
    } as unknown as HttpRequest;
    const answer = await gateway.handle(request);
    const text = String(answer.body);
    return { status: answer.status, headers: answer.headers ?? {}, body: text, json: parsed(text) };
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return undefined;
    }
}
