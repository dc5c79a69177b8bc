import type {
    Archive as ArchiveShape,
    CancelReplayRequest,
    DescribeArchiveRequest,
    DescribeReplayRequest,
    ListArchivesRequest,
    ListReplaysRequest,
    Replay as ReplayShape,
    StartReplayRequest,
} from "@aws-sdk/client-eventbridge";
import { serviceError } from "../errors";
import type { Caller, Operation, Services } from "../services";
import type { Archive, Archives } from "./archives";
import { busNameOf, eventsArn } from "./arn";
import { paged } from "./paging";
import type { Replay, Replays } from "./replays";

/** What the operations on archives and replays need. */
export interface ArchiveAccess {
    readonly services: Pick<Services, "clock" | "iam" | "place">;
    readonly archives: Archives;
    readonly replays: Replays;
}

/** The operations on archives and replays. */
export function archiveOperations(access: ArchiveAccess): Readonly<Record<string, Operation>> {
    return {
        DescribeArchive: describeArchive(access),
        ListArchives: listArchives(access),
        StartReplay: startReplay(access),
        CancelReplay: cancelReplay(access),
        DescribeReplay: describeReplay(access),
        ListReplays: listReplays(access),
    };
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeArchive.html */
const describeArchive =
    (access: ArchiveAccess) =>
    async ({ ArchiveName: name = "" }: DescribeArchiveRequest, caller: Caller) => {
        authorize(access, caller, "DescribeArchive", `archive/${name}`);
        const archive = archiveOf(access, name);
        const { description, eventPattern } = archive.inputs;
        return {
            ArchiveArn: archive.arn,
            ...(description !== undefined && { Description: description }),
            ...(eventPattern !== undefined && { EventPattern: eventPattern }),
            ...(await describedArchive(access, archive)),
        };
    };

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListArchives.html */
const listArchives =
    (access: ArchiveAccess) =>
    async (
        { NamePrefix: prefix = "", EventSourceArn: source, State: state, ...page }: ListArchivesRequest,
        caller: Caller,
    ) => {
        authorize(access, caller, "ListArchives", "archive/*");
        const wanted = access.archives
            .all()
            .filter(
                ({ name, inputs }) =>
                    name.startsWith(prefix) && (source ?? inputs.eventSourceArn) === inputs.eventSourceArn,
            )
            .filter(() => (state ?? "ENABLED") === "ENABLED");
        const { items, more } = paged(wanted, page);
        return { Archives: await Promise.all(items.map((archive) => describedArchive(access, archive))), ...more };
    };

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_StartReplay.html */
const startReplay =
    (access: ArchiveAccess) =>
    (
        {
            ReplayName: name = "",
            Description: description,
            EventSourceArn: source = "",
            EventStartTime: start = new Date(Number.NaN),
            EventEndTime: end = new Date(Number.NaN),
            Destination: destination,
        }: StartReplayRequest,
        caller: Caller,
    ) => {
        const { services, archives, replays } = access;
        authorize(access, caller, "StartReplay", `replay/${name}`);
        const archiveName = /^arn:aws:events:[^:]*:\d{12}:archive\/(.+)$/.exec(source)?.[1];
        if (archiveName === undefined) throw notValid("EventSourceArn", "Must contain an archive ARN.");
        const archive = archives.find(archiveName);
        if (!archive) throw notValid("EventSourceArn", `Archive ${archiveName} does not exist.`);
        const bus = String(destination?.Arn);
        if (!/^arn:aws:events:[^:]*:\d{12}:event-bus\//.test(bus))
            throw notValid("Destination.Arn", "Must contain an event bus ARN.");
        if (busNameOf(bus) !== archive.bus)
            throw notValid("Destination.Arn", "Cross event bus replay is not permitted.");
        if (!(start < end)) throw notValid("EventEndTime", "EventStartTime must be before EventEndTime.");
        if (replays.find(name)) throw serviceError("ResourceAlreadyExistsException", `Replay ${name} already exists.`);
        const now = services.clock.now();
        replays.begin({
            id: name,
            description,
            archive: archiveName,
            bus: archive.bus,
            rules: destination?.FilterArns ?? [],
            from: start.getTime(),
            to: end.getTime(),
            state: "STARTING",
            started: now,
            position: 0,
        });
        return { ReplayArn: replayArn(access, name), State: "STARTING", ReplayStartTime: new Date(now) };
    };

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CancelReplay.html */
const cancelReplay =
    (access: ArchiveAccess) =>
    ({ ReplayName: name = "" }: CancelReplayRequest, caller: Caller) => {
        const replay = replayOf(access, caller, "CancelReplay", name);
        if (replay.state !== "STARTING" && replay.state !== "RUNNING")
            throw serviceError("IllegalStatusException", `Replay ${name} is not in a valid state for this operation.`);
        return { ReplayArn: replayArn(access, name), State: access.replays.cancel(replay).state };
    };

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeReplay.html */
const describeReplay =
    (access: ArchiveAccess) =>
    ({ ReplayName: name = "" }: DescribeReplayRequest, caller: Caller) => {
        const replay = replayOf(access, caller, "DescribeReplay", name);
        return {
            ReplayArn: replayArn(access, name),
            ...(replay.description !== undefined && { Description: replay.description }),
            Destination: {
                Arn: eventsArn(access.services.place, `event-bus/${replay.bus}`),
                FilterArns: [...replay.rules],
            },
            ...describedReplay(access, replay),
        };
    };

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListReplays.html */
const listReplays =
    (access: ArchiveAccess) =>
    (
        { NamePrefix: prefix = "", State: state, EventSourceArn: source, ...page }: ListReplaysRequest,
        caller: Caller,
    ) => {
        authorize(access, caller, "ListReplays", "replay/*");
        const wanted = access.replays
            .all()
            .filter((replay) => replay.id.startsWith(prefix) && (state ?? replay.state) === replay.state)
            .filter(({ archive }) => source === undefined || source === archiveArn(access, archive));
        const { items, more } = paged(wanted, page);
        return { Replays: items.map((replay) => describedReplay(access, replay)), ...more };
    };

function authorize({ services }: ArchiveAccess, caller: Caller, action: string, resource: string): void {
    services.iam.authorize(caller, `events:${action}`, eventsArn(services.place, resource));
}

function notValid(parameter: string, reason: string): Error {
    return serviceError("ValidationException", `Parameter ${parameter} is not valid. Reason: ${reason}`);
}

function archiveOf({ archives }: ArchiveAccess, name: string): Archive {
    const archive = archives.find(name);
    if (archive) return archive;
    throw serviceError("ResourceNotFoundException", `Archive ${name} does not exist.`);
}

function replayOf(access: ArchiveAccess, caller: Caller, action: string, name: string): Replay {
    authorize(access, caller, action, `replay/${name}`);
    const replay = access.replays.find(name);
    if (replay) return replay;
    throw serviceError("ResourceNotFoundException", `Replay ${name} does not exist.`);
}

function archiveArn({ services }: ArchiveAccess, name: string): string {
    return eventsArn(services.place, `archive/${name}`);
}

function replayArn({ services }: ArchiveAccess, name: string): string {
    return eventsArn(services.place, `replay/${name}`);
}

async function describedArchive(
    { archives }: ArchiveAccess,
    { name, inputs, created }: Archive,
): Promise<ArchiveShape> {
    let [count, bytes] = [0, 0];
    for await (const text of archives.read(name)) {
        count += 1;
        bytes += Buffer.byteLength(text);
    }
    return {
        ArchiveName: name,
        EventSourceArn: inputs.eventSourceArn,
        State: "ENABLED",
        RetentionDays: inputs.retentionDays ?? 0,
        SizeBytes: bytes,
        EventCount: count,
        CreationTime: created,
    };
}

function describedReplay(access: ArchiveAccess, replay: Replay): ReplayShape {
    return {
        ReplayName: replay.id,
        EventSourceArn: archiveArn(access, replay.archive),
        State: replay.state,
        EventStartTime: new Date(replay.from),
        EventEndTime: new Date(replay.to),
        ...(replay.last !== undefined && { EventLastReplayedTime: new Date(replay.last) }),
        ReplayStartTime: new Date(replay.started),
        ...(replay.ended !== undefined && { ReplayEndTime: new Date(replay.ended) }),
    };
}
