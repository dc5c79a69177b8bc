import type { DynamoDBFaults } from "./dynamodb/faults";
import type { LambdaFaults } from "./lambda/faults";

/** What goes wrong on purpose, for tests of what becomes of the data then. */
export interface Faults {
    readonly dynamodb?: DynamoDBFaults;
    readonly lambda?: LambdaFaults;
}
