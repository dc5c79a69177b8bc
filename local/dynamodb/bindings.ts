import { serviceError, unsupported } from "../errors";
import type { Bindings, Made, Properties, Resource } from "../resources";
import type { Services } from "../services";
import { tableProblems, unsupportedIn } from "./check";
import { TABLE_TYPE, type TableInputs, type TableResource, tableArn } from "./config";

/** What the bindings ask of the service at work. */
export interface TableLife {
    /** Deletes what an earlier table of that name may have left. */
    clear(resource: TableResource): Promise<void>;
    /** Lets a table be as `next` says: fills new indexes, empties old ones, drops the changes of a stream that is off. */
    change(old: TableResource, next: TableResource): Promise<void>;
    /** Stops a table for good and deletes its items. */
    retire(resource: TableResource): Promise<void>;
}

/** The bindings of DynamoDB's resource types. */
export function dynamodbBindings(
    { clock, place, randomHex, resources }: Pick<Services, "clock" | "place" | "randomHex" | "resources">,
    life: TableLife,
): Bindings {
    const made = (inputs: Properties, old?: Resource): Made => {
        const name = String(inputs.name);
        const arn = tableArn(place, name);
        const outputs = {
            billingMode: "PROVISIONED",
            deletionProtectionEnabled: false,
            readCapacity: 0,
            region: place.region,
            streamViewType: "",
            tableClass: "STANDARD",
            tagsAll: inputs.tags ?? {},
            writeCapacity: 0,
            ...inputs,
            arn,
            creationDate: old?.outputs.creationDate ?? new Date(clock.now()).toISOString(),
            tableId: old?.outputs.tableId ?? uuidOf(randomHex(32)),
            ...streamOutputs(arn, inputs as TableInputs, old),
        };
        return { id: name, outputs };
    };
    /** A stream keeps its label as long as it is on and shows the same images. */
    const streamOutputs = (arn: string, inputs: TableInputs, old?: Resource) => {
        if (!inputs.streamEnabled) return { streamArn: "", streamLabel: "" };
        const before = old?.inputs as TableInputs | undefined;
        const isSame = before?.streamEnabled && before.streamViewType === inputs.streamViewType;
        const label = isSame ? String(old?.outputs.streamLabel) : new Date(clock.now()).toISOString().replace("Z", "");
        return { streamArn: `${arn}/stream/${label}`, streamLabel: label };
    };
    return {
        [TABLE_TYPE]: {
            name: { property: "name", maxLength: 255 },
            check: tableProblems,
            async create(inputs) {
                const [lacking] = unsupportedIn(inputs as TableInputs);
                if (lacking) throw unsupported(lacking);
                const name = String(inputs.name);
                if (resources.get(TABLE_TYPE, name))
                    throw serviceError("ResourceInUseException", `Table already exists: ${name}`);
                const table = made(inputs);
                await life.clear({ type: TABLE_TYPE, inputs: inputs as TableInputs, ...table });
                return table;
            },
            async update(old: Resource, inputs) {
                const [lacking] = unsupportedIn(inputs as TableInputs);
                if (lacking) throw unsupported(lacking);
                const table = made(inputs, old);
                await life.change(old as TableResource, { type: TABLE_TYPE, inputs: inputs as TableInputs, ...table });
                return table;
            },
            async delete(resource) {
                const { inputs } = resource as TableResource;
                if (inputs.deletionProtectionEnabled)
                    throw serviceError(
                        "ValidationException",
                        `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
                    );
                await life.retire(resource as TableResource);
            },
        },
    };
}

/** 32 hex digits in the form of a UUID. */
function uuidOf(hex: string): string {
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
