import * as fs from "node:fs";
import * as path from "node:path";
import type { Entrance } from "../../components/blocks/entrance";

/**
 * The entrance of a kind of pipeline, from its folder in components/. Found by the folder's name and not through the registry, because the
 * registry brings all of Pulumi's SDK along, which a command has no use for.
 */
export function entranceOf(kind: string): Entrance {
    const file = path.join(__dirname, "../../components", kind, "entrance.ts");
    if (!fs.existsSync(file)) throw new Error(`Pipelines of the kind "${kind}" have no entrance: ${file} is missing.`);
    return (require(file) as { entrance: Entrance }).entrance;
}
