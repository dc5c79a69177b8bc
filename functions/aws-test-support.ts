import { type BatchWriteItemCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Item } from "./dynamodb-item";

/** What DynamoDB answers to a call with these items, unless it takes them all: the items that it left, or an error. */
export type Behaviour = (items: readonly Item[], call: number) => readonly Item[] | Error;

/** The AWS that handlers meet in tests, as written and as deployed alike: the clients are the SDK's, and what they send ends here. */
export interface FakeAws {
    /** Items by their JSON key attributes, as they were written last. */
    readonly items: Map<string, Item>;
    /** Numbers of items in the calls of BatchWriteItem. */
    readonly calls: number[];
    /** Clients that were made. */
    readonly clients: Set<unknown>;
    /** Objects by key. */
    readonly objects: Map<string, string>;
    behave(behaviour: Behaviour): void;
    /** How many of the next objects are refused. */
    refuseObjects(count: number): void;
    restore(): void;
}

/** An error as the SDK throws it. */
export function serviceError(name: string, status: number | undefined, message = name): Error {
    return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

/** Takes the place of DynamoDB and S3, and of chance, until it is restored: pauses are over at once. */
export function fakeAws(keys: readonly string[]): FakeAws {
    const items = new Map<string, Item>();
    const objects = new Map<string, string>();
    const calls: number[] = [];
    const clients = new Set<unknown>();
    let behaviour: Behaviour = () => [];
    let refusals = 0;
    const { random } = Math;
    Math.random = () => 0;

    Object.assign(DynamoDBClient.prototype, {
        async send(this: unknown, { input }: BatchWriteItemCommand) {
            clients.add(this);
            const [[table, requests] = ["", []]] = Object.entries(input.RequestItems ?? {});
            const given = requests.map(({ PutRequest }) => PutRequest?.Item as Item);
            calls.push(given.length);
            const left = behaviour(given, calls.length);
            if (left instanceof Error) throw left;
            const keyOf = (item: Item) => JSON.stringify(keys.map((key) => item[key]));
            if (new Set(given.map(keyOf)).size < given.length || given.length > 25) {
                throw serviceError("ValidationException", 400, "Provided list of item keys contains duplicates");
            }
            for (const item of given) if (!left.includes(item)) items.set(keyOf(item), item);
            // The service sends copies.
            const requestsLeft = left.map((Item) => ({ PutRequest: { Item: structuredClone(Item) } }));
            return { UnprocessedItems: left.length > 0 ? { [table]: requestsLeft } : {} };
        },
    });
    Object.assign(S3Client.prototype, {
        async send(this: unknown, { input }: PutObjectCommand) {
            clients.add(this);
            if (refusals-- > 0) throw serviceError("SlowDown", 503);
            objects.set(`${input.Bucket}/${input.Key}`, String(input.Body));
            return {};
        },
    });
    return {
        items,
        calls,
        clients,
        objects,
        behave: (given) => {
            behaviour = given;
        },
        refuseObjects: (count) => {
            refusals = count;
        },
        restore: () => {
            Math.random = random;
            // What they inherit comes to light again.
            for (const { prototype } of [DynamoDBClient, S3Client]) Reflect.deleteProperty(prototype, "send");
        },
    };
}
