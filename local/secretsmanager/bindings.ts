import { serviceError } from "../errors";
import { uuidOf } from "../event-source/uuid";
import type { Bindings, Made, Properties, Resource } from "../resources";
import type { SecretAccess } from "./access";
import { arnOfSecret, CURRENT, SECRET_TYPE, type SecretInputs, VERSION_TYPE } from "./config";
import { type StoredSecret, withVersion } from "./store";
import { contentOf } from "./values";

const DAY_MS = 86_400_000;

/** The days of a recovery window, unless the program says otherwise. */
const DEFAULT_WINDOW = 30;

/** The bindings of Secrets Manager's resource types. */
export function secretBindings(access: SecretAccess): Bindings {
    const { services, store } = access;
    const { clock, place, randomHex } = services;
    const made = (inputs: Properties, arn: string): Made => {
        const defaults = { region: place.region, replicas: [], tagsAll: inputs.tags ?? {} };
        const window = { recoveryWindowInDays: DEFAULT_WINDOW, forceOverwriteReplicaSecret: false };
        return { id: arn, outputs: { ...defaults, ...window, ...inputs, arn } };
    };
    return {
        [SECRET_TYPE]: {
            name: { property: "name", maxLength: 512 },
            check: secretProblems,
            create(inputs) {
                const name = String(inputs.name);
                requireFree(store.find(name), name);
                const arn = `${arnOfSecret(place, name)}-${randomHex(6)}`;
                store.put({ name, arn, created: clock.now(), changed: clock.now(), versions: [] });
                return made(inputs, arn);
            },
            update: ({ id }, inputs) => made(inputs, id),
            read: ({ id, inputs }) => (store.find(id) ? made(inputs, id) : undefined),
            delete({ id, inputs }) {
                const secret = store.find(id);
                const days = (inputs as SecretInputs).recoveryWindowInDays ?? DEFAULT_WINDOW;
                if (secret && days > 0) store.put({ ...secret, deletion: clock.now() + days * DAY_MS });
                else if (secret) store.remove(secret.name);
            },
        },
        [VERSION_TYPE]: {
            check: ({ secretStringWo }) =>
                secretStringWo === undefined
                    ? []
                    : ['"secretStringWo" of a secret is not supported by the local runtime. Use "secretString".'],
            create(inputs) {
                const secret = secretOf(access, inputs);
                const { secretString, secretBinary, versionStages } = inputs as Readonly<Record<string, never>>;
                const bytes = secretBinary === undefined ? undefined : Buffer.from(secretBinary, "base64");
                const stages = (versionStages as readonly string[] | undefined) ?? [CURRENT];
                const id = uuidOf(randomHex(32));
                const content = contentOf({ SecretId: secret.arn, SecretString: secretString, SecretBinary: bytes });
                store.put(withVersion(secret, { id, ...content, stages, created: clock.now() }));
                const outputs = {
                    region: place.region,
                    versionStages: stages,
                    ...inputs,
                    arn: secret.arn,
                    versionId: id,
                };
                return { id: `${secret.arn}|${id}`, outputs };
            },
            /** AWS deletes no version; without labels, one is as good as gone. */
            delete(resource) {
                const secret = store.find(String(resource.outputs.arn));
                if (secret) store.put(withoutVersion(secret, resource));
            },
        },
    };
}

function requireFree(secret: StoredSecret | undefined, name: string): void {
    if (secret?.deletion !== undefined)
        throw serviceError(
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        );
    if (secret)
        throw serviceError(
            "ResourceExistsException",
            `The operation failed because the secret ${name} already exists.`,
        );
}

function secretOf({ store }: SecretAccess, { secretId }: Properties): StoredSecret {
    const secret = store.find(String(secretId));
    if (secret) return secret;
    throw serviceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
}

function withoutVersion(secret: StoredSecret, { outputs }: Resource): StoredSecret {
    return { ...secret, versions: secret.versions.filter(({ id }) => id !== outputs.versionId) };
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
function secretProblems({ name, recoveryWindowInDays: days, replicas, policy }: Properties): readonly string[] {
    return [
        ...(typeof name === "string" && !/^[a-zA-Z0-9/_+=.@-]{1,512}$/.test(name)
            ? [`"name" must be 1 to 512 letters, digits or /_+=.@-, not "${name}".`]
            : []),
        ...(typeof days === "number" && days !== 0 && (days < 7 || days > 30)
            ? [`"recoveryWindowInDays" must be 0, or between 7 and 30: it is ${days}.`]
            : []),
        ...(Array.isArray(replicas) && replicas.length > 0
            ? ["A secret with replicas in other regions is not supported by the local runtime."]
            : []),
        ...(typeof policy === "string" && !isJson(policy) ? ['"policy" contains an invalid JSON'] : []),
    ];
}

function isJson(text: string): boolean {
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}
