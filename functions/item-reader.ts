import { type Item, isSmall, itemOf, plainItemOf } from "./dynamodb-item";
import { type KeyAttribute, keyOf } from "./dynamodb-key";
import { examined, type ParsedRecord, parseRecord, type ReadRecord, type Rejected } from "./record";

/** A record as the item of a table. */
export interface ReadItem {
    /** The record's text. */
    readonly text: string;
    /** {@link keyOf} the item. */
    readonly key: string;
    readonly item: Item;
}

/** What is asked of a record beside that it fits the table. */
export interface ItemRules {
    /** Says what is wrong with a record, if anything. It may give fields another name. */
    readonly check: (record: ReadRecord) => string | Rejected;
    /** Gives fields the names that `check` gives them. */
    readonly rename: (fields: Record<string, unknown>) => unknown;
}

/**
 * Makes the function that reads the data of a record, in base64, as an item. Nearly every record is small and plain, so each is taken for that
 * at first: whether it is shows in the pass that makes an item of it. One that is not, or has a problem, is read again and looked at closely.
 */
export function itemReader(keys: readonly KeyAttribute[], rules?: ItemRules): (data: unknown) => ReadItem | Rejected {
    return (data) => {
        const record = parseRecord(data);
        if ("problems" in record) return record;
        const { text } = record;
        const item = isSmall(text) ? quickly(record) : undefined;
        return item ? withKey(text, item) : closely(text);
    };

    function quickly({ text, value }: ParsedRecord): Item | undefined {
        const checked = rules?.check({ text, value, isPlain: true });
        return typeof checked === "object" ? undefined : plainItemOf({ text, value });
    }

    function closely(text: string): ReadItem | Rejected {
        const record = examined({ text, value: JSON.parse(text) });
        if ("problems" in record) return record;
        const checked = rules?.check(record);
        if (typeof checked === "object") return checked;
        const made = itemOf(record, rules?.rename);
        return "problems" in made ? made : withKey(text, made.item);
    }

    function withKey(text: string, item: Item): ReadItem | Rejected {
        const key = keyOf(item, keys);
        return typeof key === "string" ? { text, key, item } : key;
    }
}
