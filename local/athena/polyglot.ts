import * as v8 from "node:v8";
import type { parse, transpile } from "@polyglot-sql/sdk";

/** The dialect bridge, ready for use. */
export interface Polyglot {
    readonly parse: typeof parse;
    readonly transpile: typeof transpile;
    generate(
        ast: unknown,
        dialect: string,
    ): { readonly success: boolean; readonly sql?: readonly string[]; readonly error?: string | null };
}

/** Queries in Athena are Trino's; the bridge's own "athena" mixes in Hive, and reads a backslash in a text as Hive does. */
export const DIALECT = "trino";

let loading: Promise<Polyglot> | undefined;

/**
 * Loads the dialect bridge on first use: 23 MB of WebAssembly, a third of a second with the first query.
 *
 * V8 would go on to optimize it in the background, which takes 80 MB and a core for seconds; a query takes a millisecond without it.
 */
export function loadPolyglot(): Promise<Polyglot> {
    if (!loading) v8.setFlagsFromString("--liftoff-only");
    loading ??= import("@polyglot-sql/sdk").then(async (sdk) => {
        await sdk.init();
        return sdk as unknown as Polyglot;
    });
    return loading;
}
