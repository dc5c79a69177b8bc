import { unsupported } from "../errors";
import type { JsonService, Logs, Services } from "../services";
import { describeLogGroups, describeLogStreams } from "./describe";
import { createGroups } from "./groups";
import { filterLogEvents, getLogEvents } from "./read";
import { createLogStream, putLines, putLogEvents } from "./write";

export { LOG_GROUP } from "./groups";

/** {@link Logs} with their API. */
export interface LocalLogs extends Logs {
    readonly service: JsonService;
}

/**
 * CloudWatch Logs: groups are those of the program, streams lie on disk. Events older than the group's retention are not given out, and a
 * stream that has only such events is removed when the group gets its next stream.
 */
export function createLogs(services: Pick<Services, "clock" | "place" | "resources" | "iam">): LocalLogs {
    const groups = createGroups(services);
    return {
        putLogEvents: putLines(groups),
        service: {
            target: "Logs_20140328",
            name: "logs",
            client: "@aws-sdk/client-cloudwatch-logs",
            operations: {
                CreateLogGroup() {
                    throw unsupported("logs:CreateLogGroup (log groups are made by the program)");
                },
                CreateLogStream: createLogStream(groups),
                DescribeLogGroups: describeLogGroups(groups),
                DescribeLogStreams: describeLogStreams(groups),
                FilterLogEvents: filterLogEvents(groups),
                GetLogEvents: getLogEvents(groups),
                PutLogEvents: putLogEvents(groups),
            },
        },
    };
}
