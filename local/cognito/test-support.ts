import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { fakeServices, serve } from "../../tests/support/local";
import type { Properties, Resource } from "../resources";
import type { Iam } from "../services";
import { CLIENT_TYPE, POOL_TYPE } from "./config";
import { type Cognito, createCognito } from "./index";
import { createKey } from "./keys";

/** A password that every policy takes. */
export const PASSWORD = "Passw0rd!";

let key: ReturnType<typeof createKey> | undefined;

/** One key pair for every pool of the tests: to make one takes a while. */
export function sharedKey(): ReturnType<typeof createKey> {
    key ??= createKey();
    return key;
}

/** Cognito behind a server, and a client of it. */
export async function cognitoBench(iam?: Iam) {
    const services = fakeServices(iam ? { iam } : {});
    const told: string[] = [];
    const make = () => createCognito(services, { log: (line) => told.push(line), newKey: sharedKey });
    let cognito: Cognito = make();
    const server = await serve({
        jsonServices: [
            {
                ...cognito.service,
                get operations() {
                    return cognito.service.operations;
                },
            },
        ],
        http: { cognito: (request) => cognito.handle(request) },
        ...(iam && { iam }),
    });
    services.place.listens(server.endpoint);
    const sdk = new CognitoIdentityProviderClient(server.client);

    const binding = (type: string) => {
        const found = cognito.bindings[type];
        if (!found) throw new Error(`No binding for ${type}`);
        return found;
    };
    const create = async (type: string, inputs: Properties): Promise<Resource> => {
        const problems = binding(type).check?.(inputs) ?? [];
        if (problems.length > 0) throw new Error(problems.join("\n"));
        return services.resources.put({ type, inputs, ...(await binding(type).create(inputs, "x")) });
    };
    return {
        services,
        sdk,
        endpoint: server.endpoint,
        clock: services.clock,
        /** What AWS would have mailed. */
        told,
        cognito: () => cognito,
        binding,
        pool: (inputs: Properties = {}) => create(POOL_TYPE, { name: "users", ...inputs }),
        client: (userPoolId: string, inputs: Properties = {}) =>
            create(CLIENT_TYPE, {
                name: "web",
                userPoolId,
                explicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                ...inputs,
            }),
        /** Another service over the same folder, as after a kill. */
        restart() {
            cognito = make();
        },
        async close() {
            sdk.destroy();
            await server.close();
            services.place.remove();
        },
    };
}

/** What {@link cognitoBench} makes. */
export type CognitoBench = Awaited<ReturnType<typeof cognitoBench>>;
