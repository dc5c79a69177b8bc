import type { Leaf } from "./pattern-matchers";

/** The element of an array of the event in which a field is. */
interface Element {
    /** Tells the arrays of an event apart. */
    readonly array: number;
    readonly index: number;
}

/** A value of an event. */
export interface Field {
    readonly value: Leaf;
    /** The elements of arrays that lead to it. */
    readonly elements: readonly Element[];
}

/** The values of an event by path: the names on the way to them, joined with dots. */
export type Fields = ReadonlyMap<string, readonly Field[]>;

/** Takes an event apart. What is empty has no value, so it is nowhere in the outcome. */
export function fieldsOf(event: unknown): Fields {
    const fields = new Map<string, Field[]>();
    let arrays = 0;

    function add(value: unknown, path: string, elements: readonly Element[]): void {
        if (Array.isArray(value)) {
            const array = arrays++;
            value.forEach((each, index) => {
                // Values of a list are alternatives, not things that belong together.
                add(each, path, isNested(each) ? [...elements, { array, index }] : elements);
            });
        } else if (isNested(value)) {
            for (const [name, each] of Object.entries(value))
                add(each, path === "" ? name : `${path}.${name}`, elements);
        } else {
            const known = fields.get(path);
            const field = { value: value as Leaf, elements };
            if (known) known.push(field);
            else fields.set(path, [field]);
        }
    }

    add(event, "", []);
    return fields;
}

function isNested(value: unknown): value is object {
    return typeof value === "object" && value !== null;
}
