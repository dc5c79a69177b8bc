import type { Resource } from "../resources";
import type { Services } from "../services";
import type { AccessLogSettings } from "./access-log";
import type { Deployed, Deployments } from "./deployments";
import { ACCOUNT_RATE, type Rate } from "./throttle";

/** Inputs of a stage that requests depend on. */
export interface StageInputs {
    readonly restApi: string;
    readonly stageName: string;
    readonly deployment: string;
    readonly variables?: Readonly<Record<string, string>>;
    readonly accessLogSettings?: AccessLogSettings;
}

/** A stage, its API and what is deployed on it. */
export interface Stage {
    readonly resource: Resource<StageInputs>;
    readonly api: Resource<{ name?: string; disableExecuteApiEndpoint?: boolean }, { name: string }>;
    readonly deployed: Deployed;
}

/** The stage of that API and name, or undefined. */
export function findStage(
    resources: Services["resources"],
    deployments: Deployments,
    apiId: string,
    name: string,
): Stage | undefined {
    const resource = resources
        .all<StageInputs>("aws:apigateway/stage:Stage")
        .find(({ inputs }) => inputs.restApi === apiId && inputs.stageName === name);
    const api = resources.get<{ disableExecuteApiEndpoint?: boolean }, { name: string }>(
        "aws:apigateway/restApi:RestApi",
        apiId,
    );
    const deployment = resource && resources.get("aws:apigateway/deployment:Deployment", resource.inputs.deployment);
    return resource && api && deployment && { resource, api, deployed: deployments.load(deployment) };
}

interface MethodSettings {
    readonly restApi: string;
    readonly stageName: string;
    readonly methodPath: string;
    readonly settings: {
        readonly throttlingRateLimit?: number;
        readonly throttlingBurstLimit?: number;
        readonly loggingLevel?: string;
    };
}

/** The settings of a method: its own, and those of the whole stage behind them. `method` is `/path/METHOD`. */
export function settingsOf(
    resources: Services["resources"],
    stage: StageInputs,
    method: string,
): readonly MethodSettings["settings"][] {
    const all = resources
        .all<MethodSettings>("aws:apigateway/methodSettings:MethodSettings")
        .filter(({ inputs }) => inputs.restApi === stage.restApi && inputs.stageName === stage.stageName);
    const under = (wanted: string) =>
        all.filter(({ inputs }) => methodOf(inputs.methodPath) === wanted).map(({ inputs }) => inputs.settings);
    return [...under(method), ...under("/*/*")];
}

/** `/path/METHOD` of a methodPath, which is written with or without the slash at its start, and with `~1` for the others. */
function methodOf(methodPath: string): string {
    return `/${methodPath.replaceAll("~1", "/").replace(/^\/+/, "")}`;
}

/** How fast a method may be called: its settings where they set a limit, the account's elsewhere. */
export function rateOf(settings: readonly MethodSettings["settings"][]): Rate {
    const first = (limits: readonly (number | undefined)[]) =>
        limits.find((limit) => limit !== undefined && limit >= 0);
    return {
        rate: first(settings.map(({ throttlingRateLimit }) => throttlingRateLimit)) ?? ACCOUNT_RATE.rate,
        burst: first(settings.map(({ throttlingBurstLimit }) => throttlingBurstLimit)) ?? ACCOUNT_RATE.burst,
    };
}
