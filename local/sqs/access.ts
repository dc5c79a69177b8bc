import { serviceError } from "../errors";
import type { Caller, Services } from "../services";
import type { QueueConfig } from "./config";
import type { Queue } from "./queue";

/** A queue, and how it is configured. */
export interface OpenedQueue {
    readonly queue: Queue;
    readonly config: QueueConfig;
}

/** What every operation on a queue needs. */
export interface QueueAccess {
    readonly services: Pick<Services, "clock" | "iam" | "metrics" | "place" | "randomHex">;
    arn(queueName: string): string;
    /** The queue of that name, or undefined when there is none. */
    find(queueName: string): OpenedQueue | undefined;
}

/** Lets a caller do something with the queue of a URL, and gives the queue; throws AWS's errors when it may not, or when there is none. */
export function enter(access: QueueAccess, caller: Caller, action: string, url: string): OpenedQueue {
    return enterByName(access, caller, action, url.slice(url.lastIndexOf("/") + 1));
}

/** As {@link enter}, by the queue's name. */
export function enterByName(access: QueueAccess, caller: Caller, action: string, name: string): OpenedQueue {
    access.services.iam.authorize(caller, `sqs:${action}`, access.arn(name));
    const found = access.find(name);
    if (found) return found;
    throw serviceError("QueueDoesNotExist", "The specified queue does not exist.");
}

/** Makes AWS's error for a value that is out of its range. */
export function invalid(value: unknown, parameter: string, reason: string): Error {
    return serviceError(
        "InvalidParameterValue",
        `Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`,
    );
}

/** Throws AWS's error unless a number of seconds is in its range. */
export function requireSeconds(value: number | undefined, parameter: string, most: number): void {
    if (value === undefined || (value >= 0 && value <= most)) return;
    throw invalid(value, parameter, `Must be between 0 and ${most}, if provided.`);
}
