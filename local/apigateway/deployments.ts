import * as fs from "node:fs";
import * as path from "node:path";
import { serviceError } from "../errors";
import type { Resource } from "../resources";
import type { Services } from "../services";
import { importApi } from "./import";
import type { Json } from "./import-document";
import { importGatewayResponse } from "./import-gateway-responses";
import type { Api } from "./model";
import { createRouter, type Router } from "./router";

/** What a deployment keeps of its API: the API may change afterwards, and nothing happens until the next deployment. */
interface Snapshot {
    readonly body: string;
    /** Customized gateway responses that are resources of their own, by type. */
    readonly responses: Readonly<Record<string, Json>>;
}

/** A deployment, ready for requests. */
export interface Deployed {
    readonly id: string;
    readonly api: Api;
    readonly router: Router;
}

/** The deployments of all APIs, kept in files of `<data>/apigateway`. */
export interface Deployments {
    /** Takes the snapshot of an API under a deployment's id. Throws what AWS says about an API that cannot be deployed. */
    save(id: string, restApi: string): void;
    /** Forgets a snapshot. */
    remove(id: string): void;
    /** The deployment of that resource, imported on first use. */
    load(deployment: Resource): Deployed;
}

/** Makes {@link Deployments}. */
export function createDeployments({ place, resources }: Pick<Services, "place" | "resources">): Deployments {
    const loaded = new WeakMap<Resource, Deployed>();
    const file = (id: string) => path.join(place.data, "apigateway", `${id}.json`);
    return {
        save(id, restApi) {
            const snapshot = takeSnapshot(resources, restApi);
            deployed(id, snapshot, place.region);
            fs.mkdirSync(path.dirname(file(id)), { recursive: true });
            fs.writeFileSync(file(id), JSON.stringify(snapshot));
        },
        remove: (id) => fs.rmSync(file(id), { force: true }),
        load(resource) {
            const known = loaded.get(resource);
            if (known) return known;
            const snapshot = JSON.parse(fs.readFileSync(file(resource.id), "utf8")) as Snapshot;
            const fresh = deployed(resource.id, snapshot, place.region);
            loaded.set(resource, fresh);
            return fresh;
        },
    };
}

function takeSnapshot(resources: Services["resources"], restApi: string): Snapshot {
    const api = resources.get<{ body?: string }>("aws:apigateway/restApi:RestApi", restApi);
    if (!api) throw serviceError("NotFoundException", "Invalid API identifier specified", 404);
    if (!api.inputs.body) throw serviceError("BadRequestException", "The REST API doesn't contain any methods");
    const responses = resources
        .all<Json & { restApiId: string; responseType: string }>("aws:apigateway/response:Response")
        .filter(({ inputs }) => inputs.restApiId === restApi)
        .map(({ inputs: { responseType, statusCode, responseParameters, responseTemplates } }) => {
            const response = { statusCode, responseParameters, responseTemplates };
            return [responseType, response] as const;
        });
    return { body: api.inputs.body, responses: Object.fromEntries(responses) };
}

function deployed(id: string, { body, responses }: Snapshot, region: string): Deployed {
    const api = importApi(body, region);
    if (!api.routes.some(({ methods }) => methods.size > 0)) {
        throw serviceError("BadRequestException", "The REST API doesn't contain any methods");
    }
    const own = Object.entries(responses).map(
        ([type, response]) => [type, importGatewayResponse(type, response, [])] as const,
    );
    const gatewayResponses = new Map([...api.gatewayResponses, ...own]);
    return { id, api: { ...api, gatewayResponses }, router: createRouter(api.routes) };
}
