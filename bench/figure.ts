/** One measured figure of the benchmark. */
export interface Figure {
    /** Name with its part in front, such as `handlers.firehose-transform.records_per_second`. */
    readonly name: string;
    readonly value: number;
    readonly unit: string;
    /** What the value should reach. @default it is only reported */
    readonly target?: number;
    /** Whether a value above the target is the better one. @default true */
    readonly higherIsBetter?: boolean;
}
