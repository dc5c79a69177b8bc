import * as fs from "node:fs";
import * as path from "node:path";
import * as yaml from "js-yaml";
import { stacksIn } from "../../local/program/stack-config";
import { usageError } from "./fail";

/** Top-level keys of a stack's config file that belong to the secrets of one backend. */
const SECRETS = /^(?:encryptionsalt|encryptedkey|secretsprovider):.*\n?/gm;

/** A value that one backend has encrypted. */
const ENCRYPTED = /^\s*secure:.*$/gm;

/**
 * A project as the local backend sees it: a folder with a Pulumi.yaml that runs the user's own program, and copies of the config files of its
 * stacks. The CLI works there alone, so that neither the user's files, nor which stack they have selected, nor the keys of their real backend
 * are touched by what it writes.
 */
export interface LocalProject {
    /** Name in Pulumi.yaml. */
    readonly name: string;
    /** Folder for the CLI to work in. */
    readonly folder: string;
    /** Brings the user's own config files in step with what a command has changed in the copies. */
    save(): void;
}

/** Makes a {@link LocalProject} in a folder of its own in `parent`, or brings it up to date with the user's project in `root`. */
export function localProject(root: string, parent: string): LocalProject {
    const project = yaml.load(read(path.join(root, "Pulumi.yaml"))) as ProjectFile;
    const folder = path.join(parent, project.name);
    fs.mkdirSync(folder, { recursive: true });
    write(path.join(folder, "Pulumi.yaml"), yaml.dump(relocated(project, root)));
    const copies = new Map([...stacksIn(root), ...stacksIn(folder)].map((stack) => [stack, copyOf(stack)]));
    return {
        name: project.name,
        folder,
        save() {
            for (const stack of stacksIn(folder)) saveStack(stack);
        },
    };

    /** The user's config without the keys of the real backend, whose place those of the local one take. */
    function copyOf(stack: string): string {
        const copy = path.join(folder, fileOf(stack));
        const config = ended(read(path.join(root, fileOf(stack))).replace(SECRETS, ""));
        write(copy, config + (read(copy).match(SECRETS) ?? []).join(""));
        return config;
    }

    function saveStack(stack: string): void {
        const [own, copy] = [path.join(root, fileOf(stack)), path.join(folder, fileOf(stack))];
        const [before, after] = [copies.get(stack) ?? "", ended(read(copy).replace(SECRETS, ""))];
        if (after === before) return;
        if (String(after.match(ENCRYPTED)) !== String(before.match(ENCRYPTED))) {
            throw usageError(
                `${fileOf(stack)} is left as it was: nobody but the local backend could open what was encrypted here. ` +
                    "Give values that are for this machine only without --secret.",
            );
        }
        write(own, after + (read(own).match(SECRETS) ?? []).join(""));
    }
}

interface ProjectFile {
    readonly name: string;
    readonly main?: string;
    readonly runtime: string | { readonly name: string; readonly options?: { readonly tsconfig?: string } };
}

/** The project with the paths in it made whole, so that it can be in another folder than the program. */
function relocated(project: ProjectFile, root: string): ProjectFile {
    const { main, runtime } = project;
    const tsconfig = typeof runtime === "object" ? runtime.options?.tsconfig : undefined;
    return {
        ...project,
        main: path.resolve(root, main ?? "."),
        ...(typeof runtime === "object" &&
            tsconfig && {
                runtime: { ...runtime, options: { ...runtime.options, tsconfig: path.resolve(root, tsconfig) } },
            }),
    };
}

function fileOf(stack: string): string {
    return `Pulumi.${stack}.yaml`;
}

function read(file: string): string {
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
}

function write(file: string, text: string): void {
    if (read(file) !== text) fs.writeFileSync(file, text);
}

function ended(text: string): string {
    return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
