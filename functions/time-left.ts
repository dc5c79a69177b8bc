/** What Lambda tells a handler of the call. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface LambdaContext {
    getRemainingTimeInMillis(): number;
}

/** Milliseconds that a call keeps for its answer. */
const RESERVE = 1000;

/** When a call must stop to wait for others, in milliseconds since 1970. @param context @default a minute, where there is no Lambda */
export function deadlineOf(context: LambdaContext | undefined): number {
    return Date.now() + (context?.getRemainingTimeInMillis() ?? 60_000) - RESERVE;
}
