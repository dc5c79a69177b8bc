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

let loading: Promise<Polyglot> | undefined;

/** Loads the dialect bridge on first use: 24 MB of WebAssembly, a quarter of a second. */
export function loadPolyglot(): Promise<Polyglot> {
    loading ??= import("@polyglot-sql/sdk").then(async (sdk) => {
        await sdk.init();
        return sdk as unknown as Polyglot;
    });
    return loading;
}
