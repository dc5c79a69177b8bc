import type { Pipeline } from "../blocks/pipeline";
import type { Place } from "../blocks/place";
import type { EventLake, EventLakeArgs } from ".";
import { ROLES } from "./access";
import { queries } from "./queries";
import { sentAs } from "./simulator";

/** What the stack says of the pipeline. */
export function detailsOf(lake: EventLake, args: EventLakeArgs, { region }: Place): Pipeline["details"] {
    const { access, roles } = lake;
    return {
        region,
        bus: lake.route.bus.name,
        ...sentAs(args),
        rule: lake.route.rule.name,
        ...(lake.route.archive && { archive: lake.route.archive.name }),
        deadLetters: lake.route.deadLetters.queue.url,
        stream: lake.stream.stream.name,
        bucket: lake.bucket.bucket.bucket,
        key: lake.key.arn,
        job: lake.job.job.name,
        workflow: lake.schedule.workflow.name,
        crawler: lake.crawler.crawler.name,
        failures: lake.failures.queue.queue.url,
        database: lake.database.name,
        table: lake.table.table.name,
        workgroup: lake.workgroup.workgroup.name,
        queries: Object.keys(queries),
        functions: { simulator: lake.simulator.function.name },
        logs: {
            simulator: lake.simulator.logGroup.name,
            stream: lake.stream.logGroup.name,
            job: lake.job.log.name,
        },
        ...(access &&
            roles && {
                roles: Object.fromEntries(ROLES.map((role) => [role, roles[role].arn])),
                workgroups: Object.fromEntries(ROLES.map((role) => [role, access.workgroups[role].workgroup.name])),
            }),
    };
}
