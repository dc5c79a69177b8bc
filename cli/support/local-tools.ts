import * as path from "node:path";
import { type LocalProject, localProject } from "./local-project";
import { readState } from "./local-state";
import { type LocalPulumi, type LocalPulumiOptions, localPulumi } from "./pulumi";

/** Pulumi's CLI as it works over the data folder of a local runtime. */
export interface LocalTools {
    readonly pulumi: LocalPulumi;
    readonly project: LocalProject;
    /** Folder of the backend. */
    readonly backend: string;
}

/** Makes {@link LocalTools} for the user's project in `root`. Without a runtime that serves, only commands that need none work. */
export function localTools(
    root: string,
    data: string,
    serving: Omit<LocalPulumiOptions, "project" | "backend"> = {},
): LocalTools {
    const backend = path.join(data, "pulumi", "backend");
    const project = localProject(root, path.join(data, "pulumi", "projects"));
    return { backend, project, pulumi: localPulumi({ project, backend, ...serving }) };
}

/** The outputs of a stack in the backend of a local runtime; undefined when it has no such stack. */
export async function localOutputs(
    root: string,
    data: string,
    stack: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { pulumi } = localTools(root, data);
    if (!(await readState(pulumi, stack))) return undefined;
    const command = ["stack", "output", "--json", "--show-secrets", "--stack", stack];
    return JSON.parse(await pulumi.read(command)) as Record<string, unknown>;
}
