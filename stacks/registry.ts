import type { PipelineKind } from "../components/blocks/pipeline";
import { eventLake } from "../components/event-lake";
import { likes } from "../components/likes";
import { orders } from "../components/orders";
import { saasMetering } from "../components/saas-metering";
import { webAnalytics } from "../components/web-analytics";

/** Every kind of pipeline, by the name that config knows it by. */
export const registry: Readonly<Record<string, PipelineKind>> = {
    "web-analytics": webAnalytics,
    likes,
    orders,
    "event-lake": eventLake,
    "saas-metering": saasMetering,
};
