import type { Bindings } from "../resources";
import { eventSourceBindings } from "./bindings";
import { checkpointFile, removeCheckpoints } from "./checkpoints";
import { MAPPING_TYPE, type MappingInputs, type MappingResource, mappingConfig } from "./config";
import { type Mapping, type MappingOptions, type MappingServices, startMapping } from "./mapping";

/** Lambda's event-source mappings: they read streams and call functions with what they read. */
export interface EventSources {
    readonly bindings: Bindings;
    /** Begins to read, from where a former run left off. */
    start(): void;
    /** Resolves when every mapping that can run has worked off what is in its stream now. */
    idle(): Promise<void>;
    /** How each mapping went last, in AWS's words, by its UUID. */
    status(): Readonly<Record<string, string>>;
    /** Stops reading; what is in the streams stays there. */
    close(): Promise<void>;
}

/** Makes the local {@link EventSources}. */
export function createEventSources(services: MappingServices, options: MappingOptions = {}): EventSources {
    const { resources, place } = services;
    const running = new Map<string, { readonly resource: MappingResource; readonly mapping: Mapping }>();
    const retired = new Set<string>();
    let started = false;
    /** Changes are made one after the other: a mapping that is changed has stopped before it starts anew. */
    let changing: Promise<void> = Promise.resolve();
    resources.onChange(MAPPING_TYPE, () => void change());

    return {
        bindings: eventSourceBindings(services, {
            lastResult: (uuid) => running.get(uuid)?.mapping.lastResult() ?? "No records processed",
            async retire(uuid) {
                retired.add(uuid);
                await change();
                removeCheckpoints(checkpointFile(place.data, uuid));
            },
        }),
        start() {
            started = true;
            void change();
        },
        async idle() {
            await changing;
            await Promise.all([...running.values()].map(({ mapping }) => mapping.idle()));
        },
        status: () => Object.fromEntries([...running].map(([uuid, { mapping }]) => [uuid, mapping.lastResult()])),
        async close() {
            started = false;
            await change();
        },
    };

    function change(): Promise<void> {
        changing = changing.then(adapt);
        return changing;
    }

    /** Lets exactly the mappings run that should. */
    async function adapt(): Promise<void> {
        const wanted = new Map(
            (started ? resources.all<MappingInputs>(MAPPING_TYPE) : [])
                .filter((resource) => mappingConfig(resource).enabled && !retired.has(resource.id))
                .map((resource) => [resource.id, resource]),
        );
        const gone = [...running].filter(([uuid, { resource }]) => wanted.get(uuid) !== resource);
        await Promise.all(
            gone.map(async ([uuid, { mapping }]) => {
                running.delete(uuid);
                await mapping.close();
            }),
        );
        for (const [uuid, resource] of wanted)
            if (!running.has(uuid))
                running.set(uuid, { resource, mapping: startMapping(services, mappingConfig(resource), options) });
    }
}
