import * as v8 from "node:v8";

/** Makes this process fit to be host to the local runtime, whose functions run in its threads. */
export function becomeHost(): void {
    // Lambda's time zone. Workers share the process's, whatever their own environment says.
    process.env.TZ = "UTC";
    // The start script's size is for this thread. V8 reads the flag again for each worker, where it would go before what the worker asks for.
    v8.setFlagsFromString("--max-semi-space-size=0");
}
