import { icebergLocation, OPTIMIZER_TYPE, TABLE_TYPE, type TableInputs } from "../glue/catalog";
import type { Properties } from "../resources";
import type { Services } from "../services";

/** When to rewrite a partition's files. */
export interface CompactionRules {
    /** Small files, or files with deletions, that a partition must have. */
    readonly minInputFiles: number;
    /** Files of deletions that a file must have to count among them whatever its size. */
    readonly deleteFileThreshold: number;
}

interface OptimizerInputs extends Properties {
    readonly databaseName: string;
    readonly tableName: string;
    readonly type: string;
    readonly configuration?: {
        readonly enabled?: boolean;
        readonly compactionConfiguration?: { readonly icebergConfiguration?: Partial<CompactionRules> };
    };
}

/** AWS's own. https://docs.aws.amazon.com/glue/latest/webapi/API_IcebergCompactionConfiguration.html */
const DEFAULTS: CompactionRules = { minInputFiles: 100, deleteFileThreshold: 1 };

/** What the program's optimizer of the table at a location asks for, or undefined when it has none or it is off. */
export function compactionRules(
    { resources }: Pick<Services, "resources">,
    location: string,
): CompactionRules | undefined {
    const optimizers = resources
        .all<OptimizerInputs>(OPTIMIZER_TYPE)
        .filter(({ inputs }) => inputs.type === "compaction" && inputs.configuration?.enabled);
    if (optimizers.length === 0) return undefined;
    const tables = resources.all<TableInputs>(TABLE_TYPE).filter((table) => icebergLocation(table) === location);
    const found = optimizers.find(({ inputs }) =>
        tables.some(
            (table) => table.inputs.databaseName === inputs.databaseName && table.inputs.name === inputs.tableName,
        ),
    );
    return found && { ...DEFAULTS, ...found.inputs.configuration?.compactionConfiguration?.icebergConfiguration };
}
