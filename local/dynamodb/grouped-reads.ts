import type { Level } from "dynalite/db";
import type { Item } from "./model";

/** Reads of one turn of the event loop go to the database together: a batch of 25 is one read, not 25. */
export function groupedReads(db: Level): (key: string) => Promise<Item | undefined> {
    let keys: string[] = [];
    let items: Promise<readonly (Item | undefined)[]> | undefined;
    return async (key) => {
        const index = keys.push(key) - 1;
        items ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
            const wanted = keys;
            keys = [];
            items = undefined;
            return db.getMany<Item>(wanted);
        });
        return (await items)[index];
    };
}
