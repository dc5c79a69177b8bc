import type { Place, Services } from "../services";
import { DEFAULT_BUS } from "./arn";

/** An event on its way. */
export interface BusEvent {
    /** Name of the bus that it came to. */
    readonly bus: string;
    readonly id: string;
    /** The whole event as JSON. Numbers stand in it as its sender wrote them. */
    readonly text: string;
    /** When it came, in milliseconds since 1970. */
    readonly ingested: number;
    /** Whether a rule sent it here from another bus: then it goes to no further bus. */
    readonly isForwarded?: boolean;
    /** Whether it comes from an archive: then it goes to none. */
    readonly isReplayed?: boolean;
}

/** What an event says of itself. */
export interface EventParts {
    readonly id: string;
    readonly detailType: string;
    readonly source: string;
    /** Milliseconds since 1970. */
    readonly time: number;
    readonly resources: readonly string[];
    /** A JSON object. */
    readonly detail: string;
}

/** The event as JSON, in the order in which AWS writes it: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
export function eventText({ account, region }: Pick<Place, "account" | "region">, parts: EventParts): string {
    const head = JSON.stringify({
        version: "0",
        id: parts.id,
        "detail-type": parts.detailType,
        source: parts.source,
        account,
        time: secondsOf(parts.time),
        region,
        resources: parts.resources,
    });
    return `${head.slice(0, -1)},"detail":${minified(parts.detail)}}`;
}

/** The event that a rule with a schedule sends its targets. */
export function scheduledEvent(
    { clock, place, randomHex }: Pick<Services, "clock" | "place" | "randomHex">,
    { arn, bus }: { readonly arn: string; readonly bus: string },
    due: number,
): BusEvent {
    const id = uuidOf(randomHex(32));
    const parts = {
        id,
        detailType: "Scheduled Event",
        source: "aws.events",
        time: due,
        resources: [arn],
        detail: "{}",
    };
    return { bus, id, text: eventText(place, parts), ingested: clock.now() };
}

/** What a service of AWS says of itself. */
export interface Announcement {
    /** Such as `aws.glue`. */
    readonly source: string;
    readonly detailType: string;
    readonly detail: Readonly<Record<string, unknown>>;
}

/** The event by which a service tells an account what has happened in it. */
export function announcedEvent(
    { clock, place, randomHex }: Pick<Services, "clock" | "place" | "randomHex">,
    { source, detailType, detail }: Announcement,
): BusEvent {
    const id = uuidOf(randomHex(32));
    const parts = { id, detailType, source, time: clock.now(), resources: [], detail: JSON.stringify(detail) };
    return { bus: DEFAULT_BUS, id, text: eventText(place, parts), ingested: clock.now() };
}

/** A time as events carry it, to the second. */
export function secondsOf(time: number): string {
    return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

/** A JSON text without the white space around its values. */
function minified(json: string): string {
    return /[\s]/.test(json) ? json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1") : json;
}

/** 32 hex digits in the form of a UUID. */
export function uuidOf(hex: string): string {
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
