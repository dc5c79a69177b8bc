import type { Metrics, Services } from "../services";

/** What was put under one name with the same dimensions within one minute. */
export interface MetricMinute {
    readonly namespace: string;
    readonly name: string;
    readonly dimensions: Readonly<Record<string, string>>;
    /** Start of the minute, in milliseconds since 1970. */
    readonly minute: number;
    readonly count: number;
    readonly sum: number;
    readonly min: number;
    readonly max: number;
}

/** {@link Metrics} that can be looked at. */
export interface MetricsInMemory extends Metrics {
    /** Every minute that is still kept, oldest first for each metric. */
    snapshot(): readonly MetricMinute[];
    /** The sum of a metric's values over the minutes that are still kept, over all dimensions unless some are given. */
    sum(namespace: string, name: string, dimensions?: Readonly<Record<string, string>>): number;
}

const MINUTE = 60_000;

/** Minutes that are kept for each metric: three hours, the time for which CloudWatch keeps seconds. */
const MINUTES_KEPT = 180;

/** Counters in memory, a bucket for each minute. They start from nothing at each start. */
export function createMetrics({ clock }: Pick<Services, "clock">): MetricsInMemory {
    const series = new Map<string, MetricMinute[]>();

    function put(namespace: string, name: string, dimensions: Readonly<Record<string, string>>, value: number): void {
        const key = JSON.stringify([namespace, name, ...Object.entries(dimensions).sort()]);
        const minutes = series.get(key) ?? [];
        series.set(key, minutes);
        const minute = Math.floor(clock.now() / MINUTE) * MINUTE;
        const last = minutes.at(-1);
        if (last?.minute !== minute) {
            minutes.push({ namespace, name, dimensions, minute, count: 1, sum: value, min: value, max: value });
            if (minutes.length > MINUTES_KEPT) minutes.shift();
            return;
        }
        const { count, sum, min, max } = last;
        minutes[minutes.length - 1] = {
            ...last,
            count: count + 1,
            sum: sum + value,
            min: Math.min(min, value),
            max: Math.max(max, value),
        };
    }

    const snapshot = () => [...series.values()].flat();
    return {
        put,
        snapshot,
        sum: (namespace, name, dimensions = {}) =>
            snapshot()
                .filter((each) => each.namespace === namespace && each.name === name)
                .filter((each) => Object.entries(dimensions).every(([key, value]) => each.dimensions[key] === value))
                .reduce((total, each) => total + each.sum, 0),
    };
}
