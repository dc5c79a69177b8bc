import type { Resource } from "../resources";
import type { Services } from "../services";
import type { Rate } from "./throttle";

/** The key of a request and the usage plan that lets it in. */
export interface Usage {
    readonly keyId: string;
    readonly value: string;
    readonly plan: Resource<PlanInputs>;
}

interface PlanInputs {
    readonly apiStages?: readonly {
        readonly apiId: string;
        readonly stage: string;
        readonly throttles?: readonly {
            readonly path: string;
            readonly rateLimit?: number;
            readonly burstLimit?: number;
        }[];
    }[];
    readonly throttleSettings?: { readonly rateLimit?: number; readonly burstLimit?: number };
    readonly quotaSettings?: {
        readonly limit: number;
        readonly offset?: number;
        readonly period: "DAY" | "WEEK" | "MONTH";
    };
}

/** API keys, usage plans and quotas. */
export interface UsagePlans {
    /** The usage of a key on a stage, or undefined when no enabled key of a plan of that stage has the value. */
    find(value: string | undefined, apiId: string, stage: string): Usage | undefined;
    /** The buckets that a request with this key takes from. `method` is `/path/METHOD`. */
    buckets(usage: Usage, apiId: string, stage: string, method: string): ReadonlyMap<string, Rate>;
    /** Counts a request; false when the quota of the period is used up. Counts start anew when the process does. */
    count(usage: Usage): boolean;
}

/** Makes {@link UsagePlans} over the resources. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html */
export function createUsagePlans({ resources, clock }: Pick<Services, "resources" | "clock">): UsagePlans {
    const used = new Map<string, { period: number; requests: number }>();
    return {
        find(value, apiId, stage) {
            const key = resources
                .all<{ enabled?: boolean }, { value: string }>("aws:apigateway/apiKey:ApiKey")
                .find(({ inputs, outputs }) => outputs.value === value && inputs.enabled !== false);
            if (!key || value === undefined) return undefined;
            const plans = resources
                .all<{ keyId: string; usagePlanId: string }>("aws:apigateway/usagePlanKey:UsagePlanKey")
                .filter(({ inputs }) => inputs.keyId === key.id)
                .map(({ inputs }) =>
                    resources.get<PlanInputs>("aws:apigateway/usagePlan:UsagePlan", inputs.usagePlanId),
                );
            const plan = plans.find((candidate) => candidate && stageOf(candidate.inputs, apiId, stage));
            return plan && { keyId: key.id, value, plan };
        },
        buckets({ keyId, plan }, apiId, stage, method) {
            const buckets = new Map<string, Rate>();
            const own = stageOf(plan.inputs, apiId, stage)?.throttles?.find(({ path }) => path === method);
            if (own) buckets.set(`${plan.id} ${keyId} ${method}`, rateOf(own));
            if (plan.inputs.throttleSettings) buckets.set(`${plan.id} ${keyId}`, rateOf(plan.inputs.throttleSettings));
            return buckets;
        },
        count({ keyId, plan }) {
            const { quotaSettings } = plan.inputs;
            if (!quotaSettings) return true;
            const name = `${plan.id} ${keyId}`;
            const period = periodOf(clock.now(), quotaSettings.period);
            const known = used.get(name);
            const requests = known?.period === period ? known.requests : (quotaSettings.offset ?? 0);
            if (requests >= quotaSettings.limit) return false;
            used.set(name, { period, requests: requests + 1 });
            return true;
        },
    };
}

function stageOf(plan: PlanInputs, apiId: string, stage: string) {
    return plan.apiStages?.find((candidate) => candidate.apiId === apiId && candidate.stage === stage);
}

/** The provider leaves a limit that is not set at 0, which lets nothing through: so does AWS. */
function rateOf({ rateLimit = 0, burstLimit = 0 }: { rateLimit?: number; burstLimit?: number }): Rate {
    return { rate: rateLimit, burst: burstLimit };
}

/** Number of the period that a time is in, UTC. Weeks start on Sunday. */
function periodOf(now: number, period: "DAY" | "WEEK" | "MONTH"): number {
    const day = Math.floor(now / 86_400_000);
    if (period === "DAY") return day;
    if (period === "WEEK") return Math.floor((day + 4) / 7);
    const date = new Date(now);
    return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
