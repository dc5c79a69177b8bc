import type { JsonService, Services } from "../services";
import type { AccessServices } from "./access";
import { lakeFormationOperations } from "./operations";

/** Lake Formation: who may do what with the catalog, and which rows and columns he sees. Its grants are obeyed by Glue, Athena and Firehose. */
export function createLakeFormation(services: AccessServices & Pick<Services, "clock">): {
    readonly service: JsonService;
} {
    return {
        service: {
            target: "AWSLakeFormation",
            name: "lakeformation",
            client: "@aws-sdk/client-lakeformation",
            operations: lakeFormationOperations(services),
        },
    };
}
