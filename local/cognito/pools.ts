import * as path from "node:path";
import { serviceError } from "../errors";
import type { Caller, Services } from "../services";
import {
    CLIENT_TYPE,
    type ClientInputs,
    type ClientOutputs,
    type ClientResource,
    invalidParameter,
    POOL_TYPE,
    type PoolInputs,
    type PoolOutputs,
    type PoolResource,
    poolArn,
} from "./config";
import { openKey, type Signer } from "./keys";
import { openUsers, type User, type Users } from "./users";

/** A user pool at work. */
export interface Pool {
    readonly id: string;
    readonly inputs: PoolInputs;
    readonly resource: PoolResource;
    readonly users: Users;
    readonly signer: Signer;
    /** The user that a name means: his user name, his `sub`, or an alias of his. */
    find(name: string): User | undefined;
}

/** The pools of the table of resources, opened when they are first used. */
export interface Pools {
    /** A pool, or AWS's error when there is none. */
    pool(id: string): Pool;
    /** A pool for a caller who may do this to it. */
    enter(caller: Caller, action: string, id: string): Pool;
    /** A client with its pool, or AWS's error when there is none. */
    client(id: string): { readonly client: ClientResource; readonly pool: Pool };
    /** A client of this very pool, or AWS's error when it has none of that id. */
    clientOf(pool: Pool, id: string): ClientResource;
    /** The pool that has this id, or undefined. */
    lookUp(id: string): Pool | undefined;
    /** Forgets a pool that is deleted. */
    forget(id: string): void;
}

/** What the pools need. */
export type PoolServices = Pick<Services, "clock" | "iam" | "place" | "resources">;

/** The folder of a pool: its key and its users. */
export function poolFolder(data: string, id: string): string {
    return path.join(data, "cognito", id);
}

/** Makes {@link Pools}. */
export function createPools({ clock, iam, place, resources }: PoolServices): Pools {
    const opened = new Map<string, Pick<Pool, "users" | "signer">>();

    function lookUp(id: string): Pool | undefined {
        const resource = resources.get<PoolInputs, PoolOutputs>(POOL_TYPE, id);
        if (!resource) return undefined;
        const folder = poolFolder(place.data, id);
        const known = opened.get(id) ?? {
            users: openUsers(path.join(folder, "users.jsonl"), clock.now()),
            signer: openKey(path.join(folder, "key.json")),
        };
        opened.set(id, known);
        const { inputs } = resource;
        return { id, inputs, resource, ...known, find: (name) => find(inputs, known.users, name) };
    }

    function pool(id: string): Pool {
        if (!/^[\w-]+_[0-9a-zA-Z]+$/.test(id)) {
            throw invalidParameter(
                `1 validation error detected: Value '${id}' at 'userPoolId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+`,
            );
        }
        const found = lookUp(id);
        if (!found) throw serviceError("ResourceNotFoundException", `User pool ${id} does not exist.`);
        return found;
    }

    function client(id: string): ClientResource {
        const found = resources.get<ClientInputs, ClientOutputs>(CLIENT_TYPE, id);
        if (!found) throw serviceError("ResourceNotFoundException", `User pool client ${id} does not exist.`);
        return found;
    }

    return {
        pool,
        lookUp,
        enter(caller, action, id) {
            iam.authorize(caller, `cognito-idp:${action}`, poolArn(place, id));
            return pool(id);
        },
        client(id) {
            const found = client(id);
            return { client: found, pool: pool(found.inputs.userPoolId) };
        },
        clientOf({ id: poolId }, id) {
            const found = client(id);
            if (found.inputs.userPoolId === poolId) return found;
            throw serviceError("ResourceNotFoundException", `User pool client ${id} does not exist.`);
        },
        forget: (id) => void opened.delete(id),
    };
}

/** Names are compared as the pool was told to: by default with their case. */
function find(inputs: PoolInputs, users: Users, name: string): User | undefined {
    const exact = users.byName(name);
    if (exact) return exact;
    const folds = inputs.usernameConfiguration?.caseSensitive === false;
    const fold = (text: string | undefined) => (folds ? text?.toLowerCase() : text);
    const wanted = fold(name);
    const means = (user: User) =>
        user.sub === name ||
        fold(user.username) === wanted ||
        inputs.usernameAttributes?.some((attribute) => fold(user.attributes[attribute]) === wanted) ||
        inputs.aliasAttributes?.some((alias) => isAlias(user, alias) && fold(user.attributes[alias]) === wanted);
    return users.all().find(means);
}

/** An address is an alias once it is verified; a preferred user name at once. */
function isAlias(user: User, attribute: string): boolean {
    return attribute === "preferred_username" || user.attributes[`${attribute}_verified`] === "true";
}
