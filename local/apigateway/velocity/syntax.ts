import { parse } from "velocityjs";
import { unsupported } from "../../errors";

/** A literal, a reference or an operation. */
export type Expression =
    | { readonly type: "string"; readonly value: string; readonly isEval: boolean }
    | { readonly type: "integer" | "decimal" | "runt"; readonly value: string | number }
    | { readonly type: "bool"; readonly value: "true" | "false" | "null" }
    | { readonly type: "array"; readonly value: readonly (Expression | string | number)[]; readonly isRange?: boolean }
    | { readonly type: "map"; readonly value?: Readonly<Record<string, Expression>> }
    | { readonly type: "math"; readonly operator: string; readonly expression: readonly Expression[] }
    | Reference;

/** `$name`, followed by properties, indexes and calls. */
export interface Reference {
    readonly type: "references";
    readonly id: string;
    readonly path?: readonly Step[];
}

/** One step of a reference. `args` is false where the call has none. */
export type Step =
    | { readonly type: "property"; readonly id: string }
    | { readonly type: "index"; readonly id: Expression }
    | { readonly type: "method"; readonly id: string; readonly args?: readonly Expression[] | false };

/** A directive that stands alone. */
export type Directive =
    | { readonly type: "set"; readonly equal: readonly [Reference, Expression] }
    | { readonly type: "macro_call"; readonly id: string; readonly args?: readonly Expression[] | false }
    | { readonly type: "raw"; readonly value: string }
    | { readonly type: "comment" | "break" };

/** The first node of a block. */
export type Head =
    | { readonly type: "if" | "elseif"; readonly condition: Expression }
    | { readonly type: "else" }
    | { readonly type: "foreach"; readonly to: string; readonly from: Expression }
    | { readonly type: "macro"; readonly id: string; readonly args?: readonly { readonly id: string }[] | false };

/** What a template is made of: text, references, directives, and blocks with their head first. */
export type Node = string | Reference | Directive | Head | readonly Node[];

const UNSUPPORTED = /#\{?(stop|return|parse|include|evaluate|define|@\w+)\b/;

/** Parses a template with velocityjs. Throws for what Velocity refuses, and for directives that the local runtime lacks. */
export function parseTemplate(source: string): readonly Node[] {
    const code = source.replace(/#\[\[[\s\S]*?\]\]#|#\*[\s\S]*?\*#|##.*/g, "");
    const lacking = UNSUPPORTED.exec(code);
    if (lacking) throw unsupported(`The directive #${lacking[1]} in a mapping template`);
    const opened = code.match(/#\{?(?:if|foreach|macro)\b/g)?.length ?? 0;
    const closed = code.match(/#\{?end\b/g)?.length ?? 0;
    if (opened !== closed) throw new Error(`${opened} blocks are opened and ${closed} are closed with #end`);
    return parse(source) as unknown as readonly Node[];
}
