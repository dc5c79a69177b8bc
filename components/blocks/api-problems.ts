import type * as z from "zod";
import type { authOptions, corsOptions } from "./option-groups";
import type { Problem } from "./pipeline";
import { problem } from "./problem";
import type { RestApiArgs } from "./rest-api";

/** Options of a pipeline with an API. */
export interface ApiOptions {
    readonly auth: z.output<typeof authOptions>;
    readonly cors?: z.output<typeof corsOptions>;
}

/** What AWS would accept in the options of an API although nobody can mean it. */
export function apiProblems(options: ApiOptions): readonly Problem[] {
    return RULES.flatMap((rule) => rule(options));
}

/** With keys, the throttle is each key's as well, so that one client cannot use up what all may send. */
export function access({ mode, throttle, quota }: ApiOptions["auth"]): Pick<RestApiArgs, "throttle" | "key"> {
    return { throttle, ...(mode === "api-key" && { key: { throttle, quota } }) };
}

const RULES: readonly ((options: ApiOptions) => readonly Problem[])[] = [
    openWithoutThrottle,
    keyWithoutThrottle,
    quotaWithoutKey,
    everyOriginWithCredentials,
    corsProblems,
];

function openWithoutThrottle({ auth }: ApiOptions) {
    if (auth.mode !== "none" || auth.throttle) return [];
    return problem(
        "auth.throttle",
        "Without authentication anybody on the internet can write, so a throttle must say how much.",
        "Set auth.throttle.rate and auth.throttle.burst, or auth.mode to iam or api-key.",
    );
}

function keyWithoutThrottle({ auth }: ApiOptions) {
    if (auth.mode !== "api-key" || auth.throttle) return [];
    return problem(
        "auth.throttle",
        "An API key names a client and limits it, and without a throttle it limits nothing.",
        "Set auth.throttle.rate and auth.throttle.burst.",
    );
}

function quotaWithoutKey({ auth }: ApiOptions) {
    if (auth.mode === "api-key" || !auth.quota) return [];
    return problem(
        "auth.quota",
        "A quota is counted by API key, and there are keys only where auth.mode is api-key.",
        "Set auth.mode to api-key, or remove auth.quota.",
    );
}

function everyOriginWithCredentials({ auth, cors }: ApiOptions) {
    if (auth.mode === "none" || !cors?.origins.includes("*")) return [];
    return problem(
        "cors.origins",
        "The origin * lets every web page call the API with the credentials of whoever looks at it.",
        "Name the origins that may, or set auth.mode to none if nobody is to be kept out.",
    );
}

/** Origins that contradict each other. */
export function corsProblems({ cors }: Pick<ApiOptions, "cors">): readonly Problem[] {
    if (cors?.origins.length === 0) {
        return problem("cors.origins", "There is no origin in the list.", "Name one, or remove cors.");
    }
    if (!cors?.origins.includes("*") || cors.origins.length === 1) return [];
    return problem(
        "cors.origins",
        "The origin * stands for all, so the others beside it mean nothing.",
        "Keep *, or the others.",
    );
}
