import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as yaml from "js-yaml";

const ROOT = path.join(__dirname, "../..");
const PROGRAM = ["schema", "functions", "components", "stacks", "index.ts", "tsconfig.json", "Pulumi.yaml"];

/** A copy of the program, which a test may edit, with a stack `local` of its own. */
export interface ProgramCopy {
    readonly folder: string;
    /** Saves a changed file. */
    save(file: string, change: (text: string) => string): void;
    /** Writes the config of the stack: its pipelines. */
    configure(pipelines: object): void;
    remove(): void;
}

/** Makes a {@link ProgramCopy} in a temporary folder. */
export function programCopy(pipelines: object): ProgramCopy {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-program-"));
    for (const name of PROGRAM) fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
    const self: ProgramCopy = {
        folder,
        save(file, change) {
            const name = path.join(folder, file);
            fs.writeFileSync(name, change(fs.readFileSync(name, "utf8")));
        },
        configure(next) {
            const config = { "aws:region": "us-east-1", "tributary:disposable": true, "tributary:pipelines": next };
            fs.writeFileSync(path.join(folder, "Pulumi.local.yaml"), yaml.dump({ config }));
        },
        remove: () => fs.rmSync(folder, { recursive: true, force: true }),
    };
    self.configure(pipelines);
    return self;
}
