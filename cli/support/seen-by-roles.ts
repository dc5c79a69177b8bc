import { AthenaClient } from "@aws-sdk/client-athena";
import { runQuery } from "./athena";
import { grouped } from "./numbers";
import { asRole } from "./role";
import type { PipelineOutputs, RunningStack } from "./stack";
import { table } from "./table";

/** What each of a pipeline's roles sees of its table, by the same queries; undefined when it has no roles. */
export async function seenByRoles(stack: RunningStack, outputs: PipelineOutputs): Promise<string | undefined> {
    const { roles, table: name } = outputs;
    if (!roles || !name) return undefined;
    const seen: string[][] = [];
    for (const role of Object.keys(roles)) {
        const as = await asRole(stack, outputs, role);
        const client = new AthenaClient(as.stack.client);
        const { rows } = await runQuery(client, as.outputs, `SELECT COUNT(*) FROM "${name}"`);
        const { columns } = await runQuery(client, as.outputs, `SELECT * FROM "${name}" LIMIT 1`);
        client.destroy();
        seen.push([role, grouped(Number(rows[0]?.[0])), String(columns.length)]);
    }
    return table([`${name} as seen by`, "rows", "columns"], seen);
}
