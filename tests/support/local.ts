import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { serviceError } from "../../local/errors";
import { textOf } from "../../local/payload";
import type { Properties, Resource, Resources } from "../../local/resources";
import { createServer, type ServerOptions } from "../../local/server";
import type {
    Caller,
    Gateway,
    Iam,
    JsonService,
    Lambda,
    Logs,
    Metrics,
    Place,
    S3,
    Services,
} from "../../local/services";
import { createWire } from "../../local/wire";
import { fakeClock } from "./clock";

/** The account of every test. */
export const ACCOUNT = "000000000000";

/** The region of every test. */
export const REGION = "us-east-1";

/** The root of {@link ACCOUNT}. */
export const ROOT: Caller = { arn: `arn:aws:iam::${ACCOUNT}:root` };

/** A table of resources that a test fills by hand. */
export interface FakeResources extends Resources {
    /** Adds a resource, or replaces the one with its type and id, and tells the listeners. Outputs default to the inputs. */
    put(resource: { type: string; id: string; inputs?: Properties; outputs?: Properties }): Resource;
    /** Removes a resource and tells the listeners. */
    remove(type: string, id: string): void;
}

/** Makes a {@link FakeResources} that holds these resources. */
export function fakeResources(initial: readonly Parameters<FakeResources["put"]>[0][] = []): FakeResources {
    let table: Resource[] = [];
    const listeners: { type: string; listener: () => void }[] = [];
    const tell = (type: string) => {
        for (const each of listeners) if (each.type === type) each.listener();
    };
    const resources: FakeResources = {
        all: <I, O>(type: string) => table.filter((r) => r.type === type) as unknown as Resource<I, O>[],
        get: <I, O>(type: string, id: string) =>
            table.find((r) => r.type === type && r.id === id) as unknown as Resource<I, O> | undefined,
        onChange: (type, listener) => void listeners.push({ type, listener }),
        put({ type, id, inputs = {}, outputs }) {
            const resource = { type, id, inputs, outputs: { ...inputs, ...outputs } };
            const at = table.findIndex((r) => r.type === type && r.id === id);
            table = at < 0 ? [...table, resource] : table.with(at, resource);
            tell(type);
            return resource;
        },
        remove(type, id) {
            table = table.filter((r) => r.type !== type || r.id !== id);
            tell(type);
        },
    };
    for (const resource of initial) resources.put(resource);
    return resources;
}

/** A {@link Place} in a temporary folder. */
export interface TemporaryPlace extends Place {
    /** Tells the place where the server listens. */
    listens(endpoint: string): void;
    /** Removes the folder. */
    remove(): void;
}

/** Makes a {@link TemporaryPlace}. Its endpoint is `http://127.0.0.1:4566` until a server listens. */
export function temporaryPlace(): TemporaryPlace {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-"));
    let endpoint = "http://127.0.0.1:4566";
    return {
        account: ACCOUNT,
        region: REGION,
        data,
        endpoint: () => endpoint,
        listens: (at) => {
            endpoint = at;
        },
        remove: () => fs.rmSync(data, { recursive: true, force: true }),
    };
}

/** An {@link Iam} that allows everything, lets every service take every role, and knows the key `local` (secret `local`) as root. */
export function permissiveIam(): Iam {
    const sessions = new Map<string, Caller>();
    return {
        root: ROOT,
        authorize: () => undefined,
        assume: (roleArn, _service, _sourceArn, session) => ({
            arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${roleArn.split("/").at(-1)}/${session}`,
            roleArn,
        }),
        credentials(caller) {
            if (caller.arn === ROOT.arn) return { accessKeyId: "local", secretAccessKey: "local" };
            const accessKeyId = `ASIA${createHash("sha256").update(caller.arn).digest("hex").slice(0, 16).toUpperCase()}`;
            sessions.set(accessKeyId, caller);
            return { accessKeyId, secretAccessKey: accessKeyId, sessionToken: accessKeyId };
        },
        identify(accessKeyId) {
            if (accessKeyId === "local") return { caller: ROOT, secretAccessKey: "local" };
            const caller = sessions.get(accessKeyId);
            return caller && { caller, secretAccessKey: accessKeyId };
        },
    };
}

/** An {@link Iam} that allows what `allows` says, and answers AWS's AccessDeniedException otherwise. */
export function iamWith(allows: (caller: Caller, action: string, resource: string) => boolean): Iam {
    return {
        ...permissiveIam(),
        authorize(caller, action, resource) {
            if (allows(caller, action, resource)) return;
            throw serviceError(
                "AccessDeniedException",
                `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
            );
        },
    };
}

/** {@link Logs} that a test can read. */
export interface MemoryLogs extends Logs {
    /** Every message of a group, or of one of its streams, in the order in which they came. */
    messages(group: string, stream?: string): readonly string[];
}

/** Makes {@link MemoryLogs}. Every group exists. */
export function memoryLogs(): MemoryLogs {
    const events: { group: string; stream: string; message: string }[] = [];
    return {
        putLogEvents: (_caller, group, stream, messages) => {
            for (const message of messages) events.push({ group, stream, message });
        },
        messages: (group, stream) =>
            events.filter((e) => e.group === group && (!stream || e.stream === stream)).map((e) => e.message),
    };
}

/** {@link Metrics} that a test can read. */
export interface MemoryMetrics extends Metrics {
    /** The sum of the values put under a name, over all dimensions unless some are given. */
    sum(namespace: string, name: string, dimensions?: Readonly<Record<string, string>>): number;
}

/** Makes {@link MemoryMetrics}. */
export function memoryMetrics(): MemoryMetrics {
    const values: { namespace: string; name: string; dimensions: Readonly<Record<string, string>>; value: number }[] =
        [];
    return {
        put: (namespace, name, dimensions, value) => void values.push({ namespace, name, dimensions, value }),
        sum: (namespace, name, dimensions = {}) =>
            values
                .filter((v) => v.namespace === namespace && v.name === name)
                .filter((v) => Object.entries(dimensions).every(([key, wanted]) => v.dimensions[key] === wanted))
                .reduce((total, v) => total + v.value, 0),
    };
}

/** An {@link S3} that keeps its objects in memory. Every bucket exists; `file` gives a path that holds nothing. */
export function memoryS3(): S3 & { readonly objects: ReadonlyMap<string, Buffer> } {
    const objects = new Map<string, Buffer>();
    return {
        objects,
        putObject: async (_caller, bucket, key, body) => void objects.set(`${bucket}/${key}`, Buffer.from(body)),
        async getObject(_caller, bucket, key) {
            const body = objects.get(`${bucket}/${key}`);
            if (!body) throw serviceError("NoSuchKey", "The specified key does not exist.", 404);
            return body;
        },
        listObjects: async (_caller, bucket, prefix) =>
            [...objects]
                .filter(([name]) => name.startsWith(`${bucket}/${prefix}`))
                .map(([name, body]) => ({ key: name.slice(bucket.length + 1), size: body.length, modified: 0 }))
                .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))),
        deleteObject: async (_caller, bucket, key) => void objects.delete(`${bucket}/${key}`),
        file: (bucket, key) => path.join("/nonexistent", bucket, key),
    };
}

/** A {@link Lambda} whose functions are the test's own, by name: parsed payload in, answer out; what they throw is a `functionError`. */
export function fakeLambda(functions: Readonly<Record<string, (payload: never) => unknown>>): Lambda {
    let requests = 0;
    return {
        async invoke(_caller, functionName, payload) {
            const name = functionName.replace(/^arn:aws:lambda:[^:]*:\d*:function:/, "").replace(/:.*$/, "");
            const run = functions[name];
            if (!run) throw serviceError("ResourceNotFoundException", `Function not found: ${functionName}`, 404);
            const requestId = `request-${++requests}`;
            try {
                return {
                    payload: JSON.stringify((await run(JSON.parse(textOf(payload)) as never)) ?? null),
                    requestId,
                };
            } catch (error) {
                const { name: errorType, message: errorMessage } = error as Error;
                return { payload: JSON.stringify({ errorType, errorMessage }), functionError: "Unhandled", requestId };
            }
        },
    };
}

/** Hex digits that differ at each call and are the same in each run. */
export function countingHex(): Services["randomHex"] {
    let calls = 0;
    return (digits) =>
        createHash("sha512")
            .update(String(++calls))
            .digest("hex")
            .repeat(Math.ceil(digits / 128))
            .slice(0, digits);
}

/**
 * Services for a test: fake clock, temporary place, empty table of resources, permissive IAM, logs, metrics and objects in memory.
 * Whatever else is needed is given in `own`, which also replaces the former; a service that nobody gave throws when it is used.
 */
export function fakeServices<Own extends Partial<Services>>(own: Own = {} as Own) {
    const missing = (service: string) =>
        new Proxy(
            {},
            {
                get: (_target, method) => () => {
                    throw new Error(`This test gives no service "${service}", and ${String(method)} was called on it.`);
                },
            },
        );
    return {
        clock: fakeClock(),
        place: temporaryPlace(),
        resources: fakeResources(),
        iam: permissiveIam(),
        s3: memoryS3(),
        logs: memoryLogs(),
        metrics: memoryMetrics(),
        lambda: missing("lambda") as Lambda,
        gateway: missing("gateway") as Services["gateway"],
        userPools: missing("userPools") as Services["userPools"],
        duck: missing("duck") as Services["duck"],
        iceberg: missing("iceberg") as Services["iceberg"],
        randomHex: countingHex(),
        ...own,
    };
}

/** A server in a test. */
export interface TestServer {
    /** `http://127.0.0.1:<port>`. */
    readonly endpoint: string;
    /** What the clients of the SDK are made with: endpoint, region, the operator's key, one attempt. */
    readonly client: {
        readonly endpoint: string;
        readonly region: string;
        readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
        readonly maxAttempts: 1;
    };
    /** The JSON services as other services call them. */
    readonly gateway: Gateway;
    close(graceMs?: number): Promise<void>;
}

/** Serves JSON services, query services and HTTP handlers on a free port of loopback; IAM is {@link permissiveIam} unless given. */
export async function serve({
    jsonServices = [],
    iam = permissiveIam(),
    ...options
}: { readonly jsonServices?: readonly JsonService[]; readonly iam?: Iam } & Pick<
    ServerOptions,
    "queryServices" | "http" | "clock" | "report"
>): Promise<TestServer> {
    const wire = createWire(() => jsonServices, options.report);
    const server = createServer({ ...options, iam, wire });
    const endpoint = await server.listen();
    const { accessKeyId, secretAccessKey } = iam.credentials(iam.root);
    const client = { endpoint, region: REGION, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 } as const;
    return { endpoint, client, gateway: wire.gateway, close: (graceMs) => server.close(graceMs) };
}
