import type { PipelineKind } from "../components/blocks/pipeline";
import { webAnalytics } from "../components/web-analytics";

/** Every kind of pipeline, by the name that config knows it by. */
export const registry: Readonly<Record<string, PipelineKind>> = {
    "web-analytics": webAnalytics,
};
