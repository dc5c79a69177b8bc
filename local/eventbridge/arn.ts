import type { Place } from "../services";

/** Name of the bus that every account has. */
export const DEFAULT_BUS = "default";

/** ARN of something in EventBridge: `event-bus/<name>`, `rule/<bus>/<name>`, `archive/<name>`, `replay/<name>`. */
export function eventsArn({ region, account }: Place, resource: string): string {
    return `arn:aws:events:${region}:${account}:${resource}`;
}

/** ARN of a bus. */
export function busArn(place: Place, name: string): string {
    return eventsArn(place, `event-bus/${name}`);
}

/** ARN of a rule; those of the default bus do not name it. */
export function ruleArn(place: Place, bus: string, name: string): string {
    return eventsArn(place, bus === DEFAULT_BUS ? `rule/${name}` : `rule/${bus}/${name}`);
}

/** Name of a bus that is given by name or ARN, the default one when it is not given. */
export function busNameOf(reference: string | undefined): string {
    return reference?.replace(/^arn:[^:]*:events:[^:]*:\d*:event-bus\//, "") ?? DEFAULT_BUS;
}
