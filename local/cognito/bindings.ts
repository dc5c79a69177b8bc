import * as fs from "node:fs/promises";
import * as path from "node:path";
import { serviceError } from "../errors";
import type { Bindings, Made, Properties, Resource } from "../resources";
import type { Services } from "../services";
import { clientProblems, poolProblems } from "./check";
import { CLIENT_TYPE, invalidParameter, POOL_TYPE, type PoolInputs, poolArn } from "./config";
import { type createKey, saveKey } from "./keys";
import { type Pools, poolFolder } from "./pools";

/** What the bindings need. */
export type CognitoBindingServices = Pick<Services, "clock" | "place" | "randomHex" | "resources">;

/** Bindings of user pools and their app clients. */
export function cognitoBindings(services: CognitoBindingServices, pools: Pools, newKey: typeof createKey): Bindings {
    return { [POOL_TYPE]: poolBinding(services, pools, newKey), [CLIENT_TYPE]: clientBinding(services) };
}

/** When a resource was made and changed, in the provider's format. */
function dates({ clock }: CognitoBindingServices, old?: Resource) {
    const now = new Date(clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
    return { creationDate: String(old?.outputs.creationDate ?? now), lastModifiedDate: now };
}

function poolBinding(services: CognitoBindingServices, pools: Pools, newKey: typeof createKey): Bindings[string] {
    const { place, randomHex } = services;
    const made = (id: string, inputs: Properties, old?: Resource): Made => ({
        id,
        outputs: {
            deletionProtection: "INACTIVE",
            mfaConfiguration: "OFF",
            userPoolTier: "ESSENTIALS",
            ...inputs,
            ...dates(services, old),
            arn: poolArn(place, id),
            customDomain: "",
            domain: "",
            endpoint: `cognito-idp.${place.region}.amazonaws.com/${id}`,
            estimatedNumberOfUsers: 0,
            region: place.region,
            tagsAll: inputs.tags ?? {},
        },
    });
    return {
        name: { property: "name", maxLength: 128 },
        check: poolProblems,
        async create(inputs) {
            const id = `${place.region}_${randomHex(9)}`;
            saveKey(path.join(poolFolder(place.data, id), "key.json"), await newKey());
            return made(id, inputs);
        },
        update(old, inputs) {
            refuseSchemaChange(old.inputs, inputs);
            return made(old.id, inputs, old);
        },
        async delete({ id, inputs }) {
            if (inputs.deletionProtection === "ACTIVE") {
                throw invalidParameter(
                    "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.",
                );
            }
            pools.forget(id);
            await fs.rm(poolFolder(place.data, id), { recursive: true, force: true });
        },
    };
}

/** A pool's schema only grows: the real provider refuses the rest. */
function refuseSchemaChange(old: PoolInputs, { schemas = [] }: PoolInputs): void {
    const kept = new Set(schemas.map((schema) => JSON.stringify(schema)));
    if (!(old.schemas ?? []).every((schema) => kept.has(JSON.stringify(schema))))
        throw invalidParameter("cannot modify or remove schema items");
}

function clientBinding(services: CognitoBindingServices): Bindings[string] {
    const { place, randomHex, resources } = services;
    const made = (id: string, inputs: Properties, clientSecret: string, old?: Resource): Made => ({
        id,
        outputs: {
            accessTokenValidity: 0,
            authSessionValidity: 3,
            enableTokenRevocation: true,
            explicitAuthFlows: [],
            idTokenValidity: 0,
            preventUserExistenceErrors: "",
            refreshTokenValidity: 30,
            ...inputs,
            ...dates(services, old),
            clientSecret,
            region: place.region,
        },
    });
    return {
        name: { property: "name", maxLength: 128 },
        check: clientProblems,
        create(inputs) {
            const pool = String(inputs.userPoolId);
            if (!resources.get(POOL_TYPE, pool))
                throw serviceError("ResourceNotFoundException", `User pool ${pool} does not exist.`);
            return made(randomHex(26), inputs, inputs.generateSecret === true ? randomHex(52) : "");
        },
        update: (old, inputs) => made(old.id, inputs, String(old.outputs.clientSecret), old),
    };
}
