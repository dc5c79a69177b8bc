// biome-ignore lint/suspicious/noExplicitAny: the bridge's tree has hundreds of node types, of which a few are touched here.
export type Tree = any;

/** Shows every node of a tree to `look`, from the outside in. */
export function visit(node: Tree, look: (node: Tree) => void): void {
    if (typeof node !== "object" || node === null) return;
    if (!Array.isArray(node)) look(node);
    for (const part of Object.values(node)) visit(part, look);
}
