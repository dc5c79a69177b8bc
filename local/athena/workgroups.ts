import { serviceError } from "../errors";
import type { Properties } from "../resources";
import type { Services } from "../services";

/** Resource types of Athena. */
export const WORKGROUP_TYPE = "aws:athena/workgroup:Workgroup";
export const NAMED_QUERY_TYPE = "aws:athena/namedQuery:NamedQuery";

/** Inputs of aws.athena.Workgroup, resolved. */
export interface WorkgroupInputs extends Properties {
    readonly name: string;
    readonly description?: string;
    readonly state?: "ENABLED" | "DISABLED";
    readonly configuration?: {
        readonly bytesScannedCutoffPerQuery?: number;
        readonly enforceWorkgroupConfiguration?: boolean;
        readonly publishCloudwatchMetricsEnabled?: boolean;
        readonly requesterPaysEnabled?: boolean;
        readonly resultConfiguration?: {
            readonly outputLocation?: string;
            readonly encryptionConfiguration?: { readonly encryptionOption?: string; readonly kmsKeyArn?: string };
        };
    };
}

/** Inputs of aws.athena.NamedQuery, resolved. */
export interface NamedQueryInputs extends Properties {
    readonly name: string;
    readonly database: string;
    readonly query: string;
    readonly description?: string;
    readonly workgroup?: string;
}

/** Every account has this one. */
export const PRIMARY: WorkgroupInputs = { name: "primary" };

/** Every workgroup, `primary` included. */
export function workgroups({ resources }: Pick<Services, "resources">): readonly WorkgroupInputs[] {
    const own = resources.all<WorkgroupInputs>(WORKGROUP_TYPE).map(({ inputs }) => inputs);
    return own.some(({ name }) => name === PRIMARY.name) ? own : [PRIMARY, ...own];
}

/** The workgroup of that name. Throws InvalidRequestException. */
export function findWorkgroup(services: Pick<Services, "resources">, name: string): WorkgroupInputs {
    const found = workgroups(services).find((workgroup) => workgroup.name === name);
    if (found) return found;
    throw serviceError("InvalidRequestException", `WorkGroup ${name} is not found.`);
}

/** https://docs.aws.amazon.com/athena/latest/ug/workgroups-access.html */
export function workgroupArn({ place }: Pick<Services, "place">, name: string): string {
    return `arn:aws:athena:${place.region}:${place.account}:workgroup/${name}`;
}

/** Whether the workgroup's own settings win over the client's. On AWS they do unless it says otherwise. */
export function enforces({ name, configuration }: WorkgroupInputs): boolean {
    return configuration?.enforceWorkgroupConfiguration ?? name !== PRIMARY.name;
}
