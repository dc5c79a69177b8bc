import * as path from "node:path";
import type { Resource } from "@aws-sdk/client-lakeformation";
import { readJson, writeJson } from "../firehose/files";
import { DATABASE_TYPE, type DatabaseInputs, TABLE_TYPE, type TableInputs } from "../glue/catalog";
import type { Services } from "../services";
import { PERMISSIONS_TYPE, type PermissionsInputs, resourceOf } from "./inputs";

/** What a principal may do with a resource, and what of it he may pass on. */
export interface Grant {
    readonly principal: string;
    readonly resource: Resource;
    readonly permissions: readonly string[];
    readonly grantable: readonly string[];
}

/** Everybody whom IAM lets. A table on which it holds ALL is governed by IAM alone. */
export const EVERYBODY = "IAM_ALLOWED_PRINCIPALS";

/** What the API has changed beside what programs say: grants, and permissions that were taken from those of a program or of a database's defaults. */
interface Changes {
    readonly granted: readonly Grant[];
    readonly revoked: readonly Omit<Grant, "grantable">[];
}

/** What grants are read from. */
export type GrantServices = Pick<Services, "place" | "resources">;

/** Every grant: those of programs, those that new tables and databases have from the start, and what the API has made of them. */
export function grantsOf(services: GrantServices): readonly Grant[] {
    const { granted, revoked } = readChanges(services);
    const own = services.resources.all<PermissionsInputs>(PERMISSIONS_TYPE).map(({ inputs }) => grantOf(inputs));
    const left = [...own, ...defaults(services)].map((grant) => {
        const gone = revoked.filter((each) => isSame(each, grant)).flatMap(({ permissions }) => permissions);
        return { ...grant, permissions: without(grant.permissions, gone), grantable: without(grant.grantable, gone) };
    });
    return [...left, ...granted].filter(({ permissions }) => permissions.length > 0);
}

function grantOf(inputs: PermissionsInputs): Grant {
    const { principal, permissions, permissionsWithGrantOptions: grantable = [] } = inputs;
    return { principal, resource: resourceOf(inputs), permissions, grantable };
}

/**
 * What databases and tables grant by themselves: everything to everybody, unless the table's database says something else.
 * https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html
 */
function defaults({ resources }: GrantServices): readonly Grant[] {
    const databases = resources.all<DatabaseInputs>(DATABASE_TYPE).map(({ inputs }) => inputs);
    const given = new Map(databases.map((each) => [each.name, each.createTableDefaultPermissions]));
    const tables = resources.all<TableInputs>(TABLE_TYPE).flatMap(({ inputs: { databaseName, name, createdBy } }) => {
        const resource = { Table: { DatabaseName: databaseName, Name: name } };
        const creator =
            typeof createdBy === "string"
                ? [{ principal: createdBy, resource, permissions: ["ALL"], grantable: ["ALL"] }]
                : [];
        const all = (given.get(databaseName) ?? [EVERYTHING]).flatMap(({ permissions = [], principal }) => {
            const id = principal?.dataLakePrincipalIdentifier;
            return id ? [{ principal: id, resource, permissions, grantable: [] }] : [];
        });
        return [...all, ...creator];
    });
    const everybody = { principal: EVERYBODY, permissions: ["ALL"], grantable: [] };
    return [...databases.map(({ name }) => ({ ...everybody, resource: { Database: { Name: name } } })), ...tables];
}

const EVERYTHING = { permissions: ["ALL"], principal: { dataLakePrincipalIdentifier: EVERYBODY } };

/** Grants something. What was revoked of it before is there again. */
export function addGrant(services: GrantServices, grant: Grant): void {
    const { granted, revoked } = readChanges(services);
    const before = granted.find((each) => isSame(each, grant));
    const merged = {
        ...grant,
        permissions: union(before?.permissions ?? [], grant.permissions),
        grantable: union(before?.grantable ?? [], grant.grantable),
    };
    writeChanges(services, {
        granted: [...granted.filter((each) => each !== before), merged],
        revoked: take(revoked, grant),
    });
}

/** Takes something back, whoever granted it. */
export function takeGrant(services: GrantServices, grant: Omit<Grant, "grantable">): void {
    const { granted, revoked } = readChanges(services);
    writeChanges(services, { granted: take(granted, grant), revoked: [...take(revoked, grant), grant] });
}

/** Forgets that something was taken back, when a program grants it anew. */
export function forgetTaken(services: GrantServices, inputs: PermissionsInputs): void {
    const { granted, revoked } = readChanges(services);
    const left = take(revoked, grantOf(inputs));
    if (left.length < revoked.length) writeChanges(services, { granted, revoked: left });
}

function take<G extends Omit<Grant, "grantable">>(
    from: readonly G[],
    { principal, resource, permissions }: Omit<Grant, "grantable">,
): G[] {
    return from
        .map((each) => {
            if (!isSame(each, { principal, resource })) return each;
            const grantable = (each as unknown as Partial<Grant>).grantable;
            return {
                ...each,
                permissions: without(each.permissions, permissions),
                ...(grantable && { grantable: without(grantable, permissions) }),
            };
        })
        .filter((each) => each.permissions.length > 0);
}

/** To take ALL takes each of them. */
function without(from: readonly string[], gone: readonly string[]): readonly string[] {
    return gone.includes("ALL") ? [] : from.filter((each) => !gone.includes(each));
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
    return [...new Set([...a, ...b])].sort();
}

type Whose = Pick<Grant, "principal" | "resource">;

/** Whether two grants are of one principal on one resource. */
export function isSame(a: Whose, b: Whose): boolean {
    return a.principal === b.principal && keyOf(a.resource) === keyOf(b.resource);
}

/** What tells a resource from all others. The account's own catalog may be named or not. */
export function keyOf(resource: Resource): string {
    return JSON.stringify(resource, (key, value) => {
        if (/CatalogId$/.test(key)) return undefined;
        if (Array.isArray(value)) return [...value].sort();
        if (typeof value !== "object" || value === null) return value;
        return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
    });
}

function fileOf({ place }: GrantServices): string {
    return path.join(place.data, "lakeformation", "grants.json");
}

function readChanges(services: GrantServices): Changes {
    return readJson<Changes>(fileOf(services)) ?? { granted: [], revoked: [] };
}

function writeChanges(services: GrantServices, changes: Changes): void {
    writeJson(fileOf(services), changes);
}
