/** A node of what DuckDB's parser makes of SQL. */
export type Node = Readonly<Record<string, unknown>>;

/** {@link JSON} as JavaScript has it since 2023: it gives a number's own text, and takes one. https://github.com/tc39/proposal-json-parse-with-source */
const exact = JSON as unknown as {
    parse(
        text: string,
        revive: (key: string, value: unknown, context: { readonly source: string }) => unknown,
    ): unknown;
    rawJSON(source: string): unknown;
};

/** Reads DuckDB's JSON of a query. Numbers that JavaScript cannot hold stay as they are written. */
export function readTree(text: string): unknown {
    return exact.parse(text, (_key, value, { source }) =>
        typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER ? exact.rawJSON(source) : value,
    );
}

/** Gives the name under which a condition may speak of a column, or undefined when it may not. */
export type Naming = (column: string) => string | undefined;

/**
 * What a condition says of some columns alone: the condition is never true where this is not. Undefined when it says nothing of them. DuckDB
 * prints a half-open range as BETWEEN, so only where more rows do no harm.
 */
export function implied(condition: Node, naming: Naming): Node | undefined {
    const { class: kind, type } = condition;
    if (kind === "CONJUNCTION") {
        const all = (condition.children as readonly Node[]).map((child) => implied(child, naming));
        const known = all.filter((child) => child !== undefined);
        const says = type === "CONJUNCTION_AND" ? known.length > 0 : known.length === all.length;
        if (!says) return undefined;
        return known.length === 1 ? known[0] : { ...condition, children: known };
    }
    return isAbout(condition, naming) ? renamed(condition, naming) : undefined;
}

/** The parts of a condition that must all hold. */
export function conjuncts(condition: Node): readonly Node[] {
    return condition.type === "CONJUNCTION_AND"
        ? (condition.children as readonly Node[]).flatMap(conjuncts)
        : [condition];
}

/** Functions that give another value each time. */
const VOLATILE = /^(random|uuid|gen_random_uuid|nextval|setseed)$/;

function isAbout(condition: Node, naming: Naming): boolean {
    let isKnown = true;
    let columns = 0;
    visit(condition, (node) => {
        if (node.class === "COLUMN_REF") {
            columns++;
            isKnown &&= naming(nameOf(node)) !== undefined;
        }
        if (node.class === "SUBQUERY" || VOLATILE.test(String(node.function_name ?? ""))) isKnown = false;
        if (node.class === "BETWEEN" && node !== condition) isKnown = false;
    });
    return isKnown && columns > 0;
}

function renamed(value: Node, naming: Naming): Node {
    const parts = Object.entries(value).map(([key, part]) => {
        if (Array.isArray(part)) return [key, part.map((each) => (isNode(each) ? renamed(each, naming) : each))];
        return [key, isNode(part) ? renamed(part, naming) : part];
    });
    const copy = Object.fromEntries(parts) as Node;
    return copy.class === "COLUMN_REF" ? { ...copy, column_names: [naming(nameOf(copy))] } : copy;
}

/**
 * The values that a condition lets a column have, when it does so by equality alone; undefined when it does not. Both `c = 'a'` and
 * `c IN ('a', 'b')` count, and so do alternatives of them.
 */
export function equalValues(condition: Node | undefined, column: string): readonly string[] | undefined {
    if (!condition) return undefined;
    const parts = conjuncts(condition).filter((part) => mentions(part, column));
    const lists = parts
        .filter((part) => part.type !== "OPERATOR_IS_NOT_NULL")
        .map((part) => alternatives(part, column));
    if (lists.length === 0 || lists.includes(undefined)) return undefined;
    const [first, ...others] = lists as (readonly string[])[];
    return [...new Set(first)].filter((value) => others.every((list) => list.includes(value)));
}

function alternatives(part: Node, column: string): readonly string[] | undefined {
    const children = (part.children ?? [part.left, part.right]) as readonly Node[];
    if (part.type === "CONJUNCTION_OR") {
        const lists = children.map((child) => equalValues(child, column));
        return lists.includes(undefined) ? undefined : (lists as (readonly string[])[]).flat();
    }
    if (part.type === "COMPARE_IN" && isColumn(children[0], column)) return allConstants(children.slice(1));
    if (part.type !== "COMPARE_EQUAL") return undefined;
    return allConstants(children.filter((child) => !isColumn(child, column)).slice(0, 1));
}

function allConstants(nodes: readonly Node[]): readonly string[] | undefined {
    const values = nodes.map(constantOf);
    return values.length === 0 || values.includes(undefined) ? undefined : (values as string[]);
}

/** The text of a constant, whatever it is cast to. */
export function constantOf(node: Node): string | undefined {
    if (node.class === "CAST") return constantOf(node.child as Node);
    const { value, is_null: isNull } = (node.class === "CONSTANT" ? node.value : {}) as {
        value?: unknown;
        is_null?: boolean;
    };
    return isNull || value === undefined || typeof value === "object" ? undefined : String(value);
}

/** Whether a node is that column and nothing else. */
export function isColumn(node: Node, column: string): boolean {
    return node.class === "COLUMN_REF" && nameOf(node) === column;
}

function mentions(condition: Node, column: string): boolean {
    let found = false;
    visit(condition, (node) => {
        found ||= isColumn(node, column);
    });
    return found;
}

/** Name of the column that a node speaks of. */
export function nameOf(node: Node): string {
    return String((node.column_names as readonly string[]).at(-1));
}

function isNode(value: unknown): value is Node {
    return typeof value === "object" && value !== null;
}

/** Shows every node to `look`, from the outside in. */
export function visit(value: unknown, look: (node: Node) => void): void {
    if (typeof value !== "object" || value === null) return;
    if (!Array.isArray(value)) look(value as Node);
    for (const part of Object.values(value)) visit(part, look);
}
