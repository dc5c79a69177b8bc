import { compact } from "./compaction";
import { compactionRules } from "./optimizer";
import type { Table, TableTools } from "./table";

/** Rewrites after one write; what is left waits for the next. */
const MOST_ROUNDS = 20;

/** Times that a rewrite may be beaten by writers before it takes its turn among them. */
const MOST_BEATEN = 2;

/** Compacts tables after writes, beside the next ones, when the program's optimizer asks for it. */
export function maintenanceOf(services: TableTools) {
    const busy = new Map<Table, Promise<void>>();
    const asked = new Set<Table>();
    const run = async (table: Table) => {
        while (asked.delete(table)) {
            // What fails now, such as the disk being full, is tried again after the next write.
            await maintain(services, table).catch(() => undefined);
        }
        busy.delete(table);
    };
    return {
        /** Looks after a table that was written to. */
        after(table: Table): void {
            asked.add(table);
            if (!busy.has(table)) busy.set(table, run(table));
        },
        /** Resolves when nothing is being compacted. */
        async idle(): Promise<void> {
            while (busy.size > 0) await Promise.all(busy.values());
        },
    };
}

async function maintain(services: TableTools, table: Table): Promise<void> {
    const rules = compactionRules(services, table.files.location);
    let beaten = 0;
    for (let round = 0; rules && round < MOST_ROUNDS; round++) {
        const outcome =
            beaten < MOST_BEATEN
                ? await compact(services, table, rules)
                : await table.exclusively(() => compact(services, table, rules, { inTurn: true }));
        if (outcome === "nothing to do") return;
        beaten = outcome === "beaten" ? beaten + 1 : 0;
    }
}
