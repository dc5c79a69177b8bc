import type { DocumentRules } from "../../functions/document-check";
import { validatorSource } from "../../schema/validator";
import { aliases, ORDER_DATE, orders } from "./dataset";

/** The years (UTC) of orders that the tables have partitions for. */
export interface Years {
    readonly first: number;
    readonly last: number;
}

/** What every reader of the stream expects of an order: the same, so that they agree on each. */
export function documentRules({ first, last }: Years): DocumentRules {
    return {
        validator: validatorSource(orders),
        aliases,
        time: { column: ORDER_DATE, firstYear: first, lastYear: last },
    };
}
