import { serviceError } from "../errors";
import type { Bindings, Properties } from "../resources";
import type { Services } from "../services";
import {
    NAMED_QUERY_TYPE,
    type NamedQueryInputs,
    WORKGROUP_TYPE,
    type WorkgroupInputs,
    workgroupArn,
    workgroups,
} from "./workgroups";

type BindingServices = Pick<Services, "place" | "resources" | "randomHex">;

/** Least bytes that a workgroup may set as its limit. https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfiguration.html */
const LEAST_CUTOFF = 10_000_000;

/** The bindings of Athena's resource types. */
export function athenaBindings(services: BindingServices): Bindings {
    const { resources, place, randomHex } = services;
    return {
        [WORKGROUP_TYPE]: {
            name: { property: "name", maxLength: 128 },
            check: (inputs) => workgroupProblems(inputs as Partial<WorkgroupInputs>),
            create(inputs) {
                const name = String(inputs.name);
                if (workgroups(services).some((other) => other.name === name)) {
                    throw serviceError("InvalidRequestException", "WorkGroup is already created");
                }
                return madeWorkgroup(inputs);
            },
            update: (_old, inputs) => madeWorkgroup(inputs),
            delete({ inputs }) {
                const used = resources
                    .all<NamedQueryInputs>(NAMED_QUERY_TYPE)
                    .some((query) => query.inputs.workgroup === inputs.name);
                if (used && !inputs.forceDestroy) {
                    throw serviceError("InvalidRequestException", `WorkGroup ${inputs.name} is not empty`);
                }
            },
        },
        [NAMED_QUERY_TYPE]: {
            name: { property: "name", maxLength: 128 },
            check: ({ query }) =>
                typeof query === "string" && (query.length < 1 || query.length > 262_144)
                    ? [`"query" must have 1 to 262144 characters: it has ${query.length}.`]
                    : [],
            create: (inputs) => ({
                id: uuidOf(randomHex(32)),
                outputs: { region: place.region, workgroup: "primary", ...inputs },
            }),
        },
    };

    function madeWorkgroup(inputs: Properties) {
        const name = String(inputs.name);
        return {
            id: name,
            outputs: {
                region: place.region,
                state: "ENABLED",
                forceDestroy: false,
                tagsAll: inputs.tags ?? {},
                ...inputs,
                arn: workgroupArn(services, name),
            },
        };
    }
}

function uuidOf(hex: string): string {
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}

function workgroupProblems({ name, configuration }: Partial<WorkgroupInputs>): readonly string[] {
    const cutoff = configuration?.bytesScannedCutoffPerQuery;
    const output = configuration?.resultConfiguration?.outputLocation;
    return [
        ...(typeof name !== "string" || /^[a-zA-Z0-9._-]{1,128}$/.test(name)
            ? []
            : [`"name" may have letters, digits, dots, hyphens and underscores only: "${name}".`]),
        ...(typeof cutoff !== "number" || cutoff >= LEAST_CUTOFF
            ? []
            : [`"configuration.bytesScannedCutoffPerQuery" must be at least ${LEAST_CUTOFF}: it is ${cutoff}.`]),
        ...(typeof output !== "string" || /^s3:\/\/[^/]+(\/|$)/.test(output)
            ? []
            : [`"configuration.resultConfiguration.outputLocation" must be s3://bucket/folder/: it is "${output}".`]),
    ];
}
