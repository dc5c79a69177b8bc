/** What goes wrong on purpose, for tests of who calls a function. */
export interface LambdaFaults {
    /** Milliseconds after which the execution environment of a call is killed, in the midst of it or not; 0 before it begins, undefined to let it live. */
    readonly killed?: (functionName: string, payload: string) => number | undefined;
}
