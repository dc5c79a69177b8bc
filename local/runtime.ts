import * as fs from "node:fs";
import * as path from "node:path";
import { type Clock, systemClock } from "./clock";
import { compose } from "./compose";
import { requireFormat } from "./data-format";
import { type Deployed, deploy } from "./deployment";
import type { Faults } from "./faults";
import type { DeliveryStatus } from "./firehose";
import { lockFolder } from "./lock";
import type { Evaluator, Program } from "./program";
import type { OwnedResource, ResourceTable } from "./resource-table";
import type { Properties, Resource } from "./resources";
import type { HttpHandler } from "./server";
import type { HttpResponse } from "./services";

/** How to start a {@link Runtime}. */
export interface RuntimeOptions {
    /** The program to bring to life. Without one, what an earlier run has left is served as it is. */
    readonly program?: Program;
    /** Folder that holds everything that must survive a restart. */
    readonly data: string;
    /** Port on loopback; 0 takes a free one. */
    readonly port: number;
    /** Whether Pulumi's own engine may attach to it, instead of a program. */
    readonly engine?: boolean;
    /** What evaluates the program, now and at each {@link Runtime.deploy}. @default a process for each time */
    readonly evaluator?: Evaluator;
    /** Region of what is made in a folder that is still empty, where no program says it. @default us-east-1 */
    readonly region?: string;
    /** @default the clock on the wall */
    readonly clock?: Clock;
    /** What goes wrong on purpose, for tests. @default nothing does */
    readonly faults?: Faults;
}

/** What a runtime tells about itself, at `/_tributary/status`. */
export interface RuntimeStatus {
    readonly stack: string;
    readonly region: string;
    readonly endpoint: string;
    /** The process that serves. */
    readonly pid: number;
    /** Folder that holds everything that survives a restart. */
    readonly data: string;
    /** Port of the provider protocol, where Pulumi's own engine may attach. */
    readonly providerPort?: number;
    /** The stack's outputs. */
    readonly outputs: Properties;
    /** What became of the records of each delivery stream, ever, by its name. */
    readonly delivery: Readonly<Record<string, DeliveryStatus>>;
}

/** The local runtime: every service on one port, with the resources of a program. */
export interface Runtime {
    /** How many resources there are. */
    readonly resources: number;
    status(): RuntimeStatus;
    /** Brings what runs in step with a program, as `pulumi up` would. Rejects with the program's own sentence when it fails. */
    deploy(program: Program): Promise<Deployed>;
    /** A live resource by type and id, for what no output may tell: the value of an API key. */
    resource(type: string, id: string): Resource | undefined;
    /** Delivers what every stream has taken so far, however long its buffers would keep it. */
    flush(): Promise<void>;
    /** Stops taking requests and ends everything that runs; what was taken stays on disk. */
    close(): Promise<void>;
}

/** A live resource, as `/_tributary/resources` lists it. */
export type ListedResource = Pick<OwnedResource, "urn" | "type" | "id">;

/** What a run leaves for the next one. */
type Known = Omit<RuntimeStatus, "delivery">;

const ACCOUNT = "000000000000";

/**
 * Starts the services, then evaluates the program and makes what it declares. Rejects with one sentence when either fails, when another
 * runtime has the folder, or when another version has written it.
 */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
    const { program, data, port, clock = systemClock } = options;
    fs.mkdirSync(data, { recursive: true });
    requireFormat(data);
    const unlock = lockFolder(data);
    const before = readKnown(data);
    const region = program?.config["aws:region"] ?? before?.region ?? options.region ?? "us-east-1";
    let known: Known | undefined;
    const status = (): RuntimeStatus => ({ ...(known as Known), delivery: services.firehose.status() });
    const about: HttpHandler = ({ url }) => {
        if (!url.startsWith("/_tributary/resources")) return answer(known && status());
        return answer(services.table.list().map(({ urn, type, id }): ListedResource => ({ urn, type, id })));
    };
    const services = compose({ data, account: ACCOUNT, region, clock, status: about, faults: options.faults });
    const door = options.engine ? await engineDoor().serveProvider(services.provider, region) : undefined;
    const deploying = { ...services, evaluate: options.evaluator?.evaluate };
    const close = async () => {
        await door?.close();
        await services.close();
        unlock();
    };
    const know = (now: Known) => {
        known = now;
        writeKnown(data, now);
    };
    try {
        const endpoint = await services.listen(port);
        const moved = before ? { from: before.endpoint, to: endpoint } : undefined;
        if (moved) moveResources(services.table, moved);
        services.start();
        const outputs = program ? (await deploy(program, deploying)).outputs : move(before?.outputs ?? {}, moved);
        const stack = program?.stack ?? before?.stack ?? "";
        know({ stack, region, endpoint, pid: process.pid, data, providerPort: door?.port, outputs });
        return {
            resources: services.table.list().length,
            status,
            deploy: async (next) => {
                const deployed = await deploy(next, deploying);
                know({ ...(known as Known), outputs: deployed.outputs });
                return deployed;
            },
            resource: (type, id) => services.table.get(type, id),
            flush: async () => {
                await services.events.idle();
                await Promise.all(Object.keys(services.firehose.status()).map((name) => services.firehose.flush(name)));
            },
            close,
        };
    } catch (error) {
        await close();
        throw error;
    }
}

/** Loaded where it is asked for: gRPC and Pulumi's messages take a third of a second, and memory, that `npm start` has no use for. */
function engineDoor(): typeof import("./engine") {
    return require("./engine") as typeof import("./engine");
}

/** Until the program is evaluated there is nothing to tell. */
function answer(what: object | undefined): HttpResponse {
    const headers = { "content-type": "application/json" };
    if (!what) return { status: 503, headers: { ...headers, "retry-after": "1" }, body: '{"message":"Starting."}' };
    return { status: 200, headers, body: JSON.stringify(what) };
}

interface Move {
    readonly from: string;
    readonly to: string;
}

/** URLs in the resources name the endpoint, and the port may be another one this time. */
function moveResources(table: ResourceTable, moved: Move): void {
    if (moved.from === moved.to) return;
    for (const resource of table.list()) {
        if (!JSON.stringify(resource).includes(moved.from)) continue;
        const there = move(resource, moved);
        table.put(there);
        // A queue's id is its URL.
        if (there.id !== resource.id) table.remove(resource.type, resource.id);
    }
}

function move<T>(value: T, moved: Move | undefined): T {
    return moved ? (JSON.parse(JSON.stringify(value).replaceAll(moved.from, moved.to)) as T) : value;
}

function knownFile(data: string): string {
    return path.join(data, "stack.json");
}

function readKnown(data: string): Known | undefined {
    const file = knownFile(data);
    return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, "utf8")) as Known) : undefined;
}

function writeKnown(data: string, known: Known): void {
    const file = knownFile(data);
    fs.writeFileSync(`${file}.new`, JSON.stringify(known));
    fs.renameSync(`${file}.new`, file);
}
