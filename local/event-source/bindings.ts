import { unsupported } from "../errors";
import type { Bindings, Made, Properties, Resource } from "../resources";
import type { Services } from "../services";
import { mappingProblems, unsupportedIn } from "./check";
import { MAPPING_TYPE, type MappingInputs } from "./config";
import { functionNameOf } from "./permissions";
import { uuidOf } from "./uuid";

/** What the binding asks of the service at work. */
export interface MappingLife {
    /** AWS's words for how a mapping went last. */
    lastResult(uuid: string): string;
    /** Stops a mapping for good, and forgets how far it has come. */
    retire(uuid: string): Promise<void>;
}

/** The binding of event-source mappings. */
export function eventSourceBindings(
    { clock, place, randomHex }: Pick<Services, "clock" | "place" | "randomHex">,
    life: MappingLife,
): Bindings {
    const made = (uuid: string, properties: Properties): Made => {
        const inputs = properties as unknown as MappingInputs;
        const [lacking] = unsupportedIn(inputs);
        if (lacking) throw unsupported(lacking);
        const own = `arn:aws:lambda:${place.region}:${place.account}`;
        const outputs = {
            batchSize: 100,
            bisectBatchOnFunctionError: false,
            enabled: true,
            maximumBatchingWindowInSeconds: 0,
            maximumRecordAgeInSeconds: -1,
            maximumRetryAttempts: -1,
            parallelizationFactor: 1,
            region: place.region,
            tagsAll: inputs.tags ?? {},
            tumblingWindowInSeconds: 0,
            ...properties,
            arn: `${own}:event-source-mapping:${uuid}`,
            functionArn: `${own}:function:${functionNameOf(inputs.functionName)}`,
            lastModified: new Date(clock.now()).toISOString(),
            lastProcessingResult: life.lastResult(uuid),
            state: inputs.enabled === false ? "Disabled" : "Enabled",
            stateTransitionReason: "USER_INITIATED",
            uuid,
        };
        return { id: uuid, outputs };
    };
    return {
        [MAPPING_TYPE]: {
            check: mappingProblems,
            create: (inputs) => made(uuidOf(randomHex(32)), inputs),
            update: (old: Resource, inputs) => made(old.id, inputs),
            read: ({ id, outputs }) => ({ id, outputs: { ...outputs, lastProcessingResult: life.lastResult(id) } }),
            delete: ({ id }) => life.retire(id),
        },
    };
}
