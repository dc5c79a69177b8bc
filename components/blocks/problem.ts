import type { Problem } from "./pipeline";

/** One problem with the option at a path such as `auth.throttle`: a sentence on what is wrong, and one on the way out. */
export function problem(path: string, ...sentences: readonly string[]): readonly Problem[] {
    return [{ path: path.split("."), message: sentences.join(" ") }];
}
