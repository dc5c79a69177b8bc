import type { Clock } from "./clock";
import type { ServiceError } from "./errors";
import type { Payload } from "./payload";
import type { Resources } from "./resources";

/** Who makes a call: the account's root, or a role in a session. */
export interface Caller {
    /** `arn:aws:iam::<account>:root` or `arn:aws:sts::<account>:assumed-role/<role>/<session>`. */
    readonly arn: string;
    /** The role's own ARN when the caller is a session of one. */
    readonly roleArn?: string;
}

/** Where everything runs. */
export interface Place {
    /** Twelve digits. `000000000000` unless a test says otherwise. */
    readonly account: string;
    readonly region: string;
    /** `http://127.0.0.1:<port>`, without a slash at the end; known once the server listens, so read it late. */
    endpoint(): string;
    /** Absolute path of the folder that holds everything that must survive a restart. */
    readonly data: string;
}

/** Decides every call by the program's own policies. */
export interface Iam {
    /** The account's root: the operator at the terminal. It may do everything. */
    readonly root: Caller;
    /**
     * Throws AWS's AccessDenied error, with AWS's sentence, unless the caller's policies allow the action.
     * `action` is `firehose:PutRecordBatch`; `resource` an ARN or `*`.
     */
    authorize(caller: Caller, action: string, resource: string, context?: Readonly<Record<string, string>>): void;
    /**
     * The caller that a service becomes when it uses a role: throws when the role is missing or its trust policy does not let
     * the service principal (`firehose.amazonaws.com`) in. `sourceArn` is the resource on whose behalf it acts.
     */
    assume(roleArn: string, service: string, sourceArn: string, session: string): Caller;
    /** Credentials that a function's environment gets; the server knows the caller by them. */
    credentials(caller: Caller): {
        readonly accessKeyId: string;
        readonly secretAccessKey: string;
        readonly sessionToken?: string;
    };
    /** The caller behind an access key and its secret, or undefined when nobody has that key. */
    identify(accessKeyId: string): { readonly caller: Caller; readonly secretAccessKey: string } | undefined;
}

/** Buckets as folders on disk. */
export interface S3 {
    /** Writes an object whole, or not at all. */
    putObject(
        caller: Caller,
        bucket: string,
        key: string,
        body: Buffer | string,
        headers?: { contentType?: string; contentEncoding?: string },
    ): Promise<void>;
    getObject(caller: Caller, bucket: string, key: string): Promise<Buffer>;
    /** Keys below a prefix, in UTF-8 order, with size in bytes and time of the last change in milliseconds. */
    listObjects(
        caller: Caller,
        bucket: string,
        prefix: string,
    ): Promise<readonly { key: string; size: number; modified: number }[]>;
    deleteObject(caller: Caller, bucket: string, key: string): Promise<void>;
    /** Absolute path of the file that holds (or would hold) an object: what DuckDB reads and writes. Checks nothing. */
    file(bucket: string, key: string): string;
}

/** Functions in worker threads. */
export interface Lambda {
    /**
     * Runs a function by name or ARN (a qualifier `:$LATEST` is accepted). `payload` and the answer are JSON; the payload may be handed over.
     * A function that throws or times out is an answer with `functionError`, as on AWS; errors of the service itself are thrown.
     */
    invoke(
        caller: Caller,
        functionName: string,
        payload: Payload,
        type?: "RequestResponse" | "Event",
    ): Promise<{ payload: Payload; functionError?: "Unhandled"; requestId: string }>;
}

/** Log groups on disk. */
export interface Logs {
    /** Appends lines to a stream, which is made when it is missing; throws when the group is missing or the caller may not. */
    putLogEvents(caller: Caller, group: string, stream: string, messages: readonly string[]): void;
}

/** Counts and values that the alarms read. */
export interface Metrics {
    put(namespace: string, name: string, dimensions: Readonly<Record<string, string>>, value: number): void;
}

/** Cognito's user pools, for those who ask who somebody is. */
export interface UserPools {
    /** What a token says that one of these pools (by ARN) has signed, whether it has expired or not; undefined for any other text. */
    openToken(token: string, poolArns: readonly string[]): Readonly<Record<string, unknown>> | undefined;
}

/** Calls an operation of a JSON service with JSON text, as an API Gateway integration does. */
export interface Gateway {
    /** `service` as in `firehose:action/PutRecord`. Never throws for what AWS would answer: an error is `{ status: 400, body: '{"__type": …}' }`. */
    call(caller: Caller, service: string, operation: string, body: string): Promise<{ status: number; body: string }>;
}

/** DuckDB, shared by all that read or write columns. */
export interface Duck {
    /** Runs statements and gives the last one's rows, values as JSON types (big integers, decimals and timestamps as text). */
    query(sql: string): Promise<readonly Record<string, unknown>[]>;
}

/** What has been committed to an Iceberg table by one write. */
export interface IcebergWrite {
    /** Absolute path of a file of JSON documents, one per line. Each has `__seq` (a number that grows), `__op` (`insert`, `update` or `delete`), then the columns. */
    readonly file: string;
    /** Columns that identify a row for `update` and `delete`. */
    readonly uniqueKeys: readonly string[];
    /** Kept in the snapshot's summary, so that a writer finds after a crash what it had committed. */
    readonly summary?: Readonly<Record<string, string>>;
}

/** Iceberg v2 tables on disk. */
export interface Iceberg {
    /**
     * Commits a batch as one snapshot, or nothing. Within the batch and against the table: `insert` appends, `update` replaces the row with
     * the same keys or appends, `delete` removes; later documents win. A document that does not fit the schema is left out and reported.
     */
    write(
        location: string,
        write: IcebergWrite,
    ): Promise<{ rows: number; rejected: readonly { seq: number; reason: string }[] }>;
    /** A value of the summaries, newest first, or undefined. */
    summary(location: string, name: string): Promise<string | undefined>;
}

/** Everything that a local service may use. A service asks for the ones it needs with `Pick`. */
export interface Services {
    readonly clock: Clock;
    readonly place: Place;
    readonly resources: Resources;
    readonly iam: Iam;
    readonly s3: S3;
    readonly lambda: Lambda;
    readonly logs: Logs;
    readonly metrics: Metrics;
    readonly gateway: Gateway;
    readonly userPools: UserPools;
    readonly duck: Duck;
    readonly iceberg: Iceberg;
    /** Random bytes as hex digits: ids and names come from here, so that a test can fix them. */
    randomHex(digits: number): string;
}

/** What the server passes with a request to an operation of a JSON service. */
export type Operation = (input: never, caller: Caller) => unknown;

/** A JSON service (awsJson 1.0 or 1.1) as the server sees it. */
export interface JsonService {
    /** The part of `X-Amz-Target` before the dot, such as `Firehose_20150804`. */
    readonly target: string;
    /** The name in an API Gateway integration and in SigV4 scopes, such as `firehose`. */
    readonly name: string;
    /** The SDK client package whose schemas give the wire format, such as `@aws-sdk/client-firehose`. Loaded on first use. */
    readonly client: string;
    /** Operations by name. Input and output are as the SDK's commands have them (`Uint8Array`, `Date`). An operation authorizes its caller itself. */
    readonly operations: Readonly<Record<string, Operation>>;
    /** Other ways to read the body of a request than by the client's schema, by operation; what one gives undefined for is read by that. @default none */
    readonly readers?: Readonly<Record<string, (body: string) => object | undefined>>;
    /** Names of the operations that need no signature. @default none */
    readonly unsigned?: ReadonlySet<string>;
}

/** An HTTP request, read whole or as a stream, with the caller that its signature names. */
export interface HttpRequest {
    readonly method: string;
    /** Path and query as they came. */
    readonly url: string;
    readonly headers: Readonly<Record<string, string | undefined>>;
    /** Every header as it came: repeated ones, and names with their case. */
    headerLines(): readonly (readonly [name: string, value: string])[];
    /** The caller, or undefined when the request is not signed, or not rightly. */
    readonly caller: Caller | undefined;
    /** Why the signature was refused, where the handler is to say so itself: that of deployed APIs. */
    readonly refused?: ServiceError;
    /** The body, read whole; throws 413 when it is longer than `limit` bytes. */
    body(limit?: number): Promise<Buffer>;
    /** The body as a stream, for large objects. */
    readonly stream: NodeJS.ReadableStream;
    /** Address of the client. */
    readonly sourceIp: string;
}

/** The answer to an {@link HttpRequest}. */
export interface HttpResponse {
    readonly status: number;
    /** A header with several values is sent several times. */
    readonly headers?: Readonly<Record<string, string | readonly string[]>>;
    readonly body?: string | Buffer | NodeJS.ReadableStream;
}
