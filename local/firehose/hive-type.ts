import { identifier } from "../duck";

/** A type of Hive's, as the Glue catalog spells them: `array<struct<zip:string>>`. */
export type HiveType =
    | { readonly kind: PrimitiveKind }
    | { readonly kind: "decimal"; readonly precision: number; readonly scale: number }
    | { readonly kind: "array"; readonly element: HiveType }
    | { readonly kind: "map"; readonly key: HiveType; readonly value: HiveType }
    | { readonly kind: "struct"; readonly fields: readonly HiveField[] };

/** A member of a struct. */
export interface HiveField {
    readonly name: string;
    readonly type: HiveType;
}

/** Types without parts. */
export type PrimitiveKind = keyof typeof PRIMITIVES;

const PRIMITIVES = {
    boolean: "BOOLEAN",
    tinyint: "TINYINT",
    smallint: "SMALLINT",
    int: "INTEGER",
    bigint: "BIGINT",
    float: "FLOAT",
    double: "DOUBLE",
    string: "VARCHAR",
    date: "DATE",
    timestamp: "TIMESTAMP",
} as const;

/** Other names of types; a text of limited length is read as any other. */
const ALIASES: Readonly<Record<string, PrimitiveKind>> = {
    integer: "int",
    real: "float",
    char: "string",
    varchar: "string",
};

/** Most digits of a decimal. https://docs.aws.amazon.com/athena/latest/ug/data-types.html */
const MAX_PRECISION = 38;

/** Reads the name of a type, or gives undefined for one that is no type, or that no Parquet file is written with here, such as binary. */
export function parseHiveType(text: string): HiveType | undefined {
    const tokens = text.match(/`[^`]*`|[<>(),:]|[^\s<>(),:`]+/g) ?? [];
    let at = 0;
    try {
        const type = parse();
        return at === tokens.length ? type : undefined;
    } catch (error) {
        if (error === NOT_A_TYPE) return undefined;
        throw error;
    }

    function parse(): HiveType {
        const word = next().toLowerCase();
        const name = ALIASES[word] ?? word;
        if (isPrimitive(name)) {
            if (name === "string" && tokens[at] === "(") numbers();
            return { kind: name };
        }
        if (name === "decimal") return decimal(tokens[at] === "(" ? numbers() : []);
        if (name === "array") return enclosed(() => ({ kind: "array", element: parse() }));
        if (name === "map") return enclosed(map);
        if (name === "struct") return enclosed(() => ({ kind: "struct", fields: fields() }));
        throw NOT_A_TYPE;
    }

    function map(): HiveType {
        const key = parse();
        expect(",");
        if (key.kind === "array" || key.kind === "map" || key.kind === "struct") throw NOT_A_TYPE;
        return { kind: "map", key, value: parse() };
    }

    function fields(): readonly HiveField[] {
        const found: HiveField[] = [];
        do {
            const name = next().replace(/^`|`$/g, "");
            expect(":");
            if (found.some((field) => field.name.toLowerCase() === name.toLowerCase())) throw NOT_A_TYPE;
            found.push({ name, type: parse() });
        } while (tokens[at] === "," && at++ < tokens.length);
        return found;
    }

    function enclosed(inner: () => HiveType): HiveType {
        expect("<");
        const type = inner();
        expect(">");
        return type;
    }

    function numbers(): readonly number[] {
        expect("(");
        const found = [Number(next())];
        if (tokens[at] === "," && at++ < tokens.length) found.push(Number(next()));
        expect(")");
        if (!found.every(Number.isInteger)) throw NOT_A_TYPE;
        return found;
    }

    function expect(token: string): void {
        if (next() !== token) throw NOT_A_TYPE;
    }

    function next(): string {
        const token = tokens[at++];
        if (token === undefined) throw NOT_A_TYPE;
        return token;
    }
}

const NOT_A_TYPE = new Error("not a type");

function decimal([precision = 10, scale = 0]: readonly number[]): HiveType {
    if (precision < 1 || precision > MAX_PRECISION || scale < 0 || scale > precision) throw NOT_A_TYPE;
    return { kind: "decimal", precision, scale };
}

function isPrimitive(name: string): name is PrimitiveKind {
    return Object.hasOwn(PRIMITIVES, name);
}

/** DuckDB's name of a type. */
export function duckTypeOf(type: HiveType): string {
    switch (type.kind) {
        case "decimal":
            return `DECIMAL(${type.precision},${type.scale})`;
        case "array":
            return `${duckTypeOf(type.element)}[]`;
        case "map":
            return `MAP(${duckTypeOf(type.key)}, ${duckTypeOf(type.value)})`;
        case "struct":
            return `STRUCT(${type.fields.map((each) => `${identifier(each.name)} ${duckTypeOf(each.type)}`).join(", ")})`;
        default:
            return PRIMITIVES[type.kind];
    }
}
