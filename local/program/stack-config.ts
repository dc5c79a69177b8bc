import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import type { Program } from ".";

interface ProjectFile {
    readonly name: string;
    readonly main?: string;
    readonly config?: Readonly<Record<string, unknown>>;
}

/**
 * Reads Pulumi.yaml and Pulumi.<stack>.yaml of a folder as Pulumi does: defaults of the project's config schema, then the stack's values,
 * objects as JSON text. Throws for a stack without a file and for an encrypted value, which only Pulumi can open.
 */
export function readProgram(folder: string, stack: string): Program {
    const project = yaml.load(fs.readFileSync(path.join(folder, "Pulumi.yaml"), "utf8")) as ProjectFile;
    const file = `Pulumi.${stack}.yaml`;
    if (!fs.existsSync(path.join(folder, file))) {
        throw new Error(
            `There is no stack "${stack}": ${file} is missing. The stacks here are: ${stacksIn(folder).join(", ")}.`,
        );
    }
    const own = yaml.load(fs.readFileSync(path.join(folder, file), "utf8")) as {
        config?: Record<string, unknown>;
    } | null;
    const values = { ...defaults(project), ...own?.config };
    const config = Object.entries(values).map(([key, value]) => [qualified(project, key), textOf(key, value, file)]);
    return {
        folder,
        stack,
        project: project.name,
        entry: project.main ?? "index.ts",
        config: Object.fromEntries(config),
    };
}

/** The stacks that have a config file in a folder. */
export function stacksIn(folder: string): readonly string[] {
    return fs.readdirSync(folder).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
}

function defaults(project: ProjectFile): Record<string, unknown> {
    const given = Object.entries(project.config ?? {}).map(([key, value]) => [key, givenValue(value)] as const);
    return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** A value in Pulumi.yaml is given plain, or as `value` or `default` beside its type. */
function givenValue(declared: unknown): unknown {
    if (typeof declared !== "object" || declared === null) return declared;
    const { value, default: otherwise } = declared as { value?: unknown; default?: unknown };
    return value ?? otherwise;
}

function qualified(project: ProjectFile, key: string): string {
    return key.includes(":") ? key : `${project.name}:${key}`;
}

function textOf(key: string, value: unknown, file: string): string {
    if (typeof value === "object" && value !== null && "secure" in value) {
        throw new Error(
            `${key} in ${file} is encrypted, and only Pulumi can open it. Give the stack that runs locally a plain value.`,
        );
    }
    return typeof value === "string" ? value : JSON.stringify(value);
}
