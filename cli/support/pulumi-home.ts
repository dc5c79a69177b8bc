import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/**
 * Makes the folder that the CLI keeps its own things in, below `parent`, and gives its path. It has the plugins of the user's own, and no room for
 * the log of debug messages that newer CLIs write of every command, some megabytes each: they do without when `logs` is no folder.
 * https://www.pulumi.com/docs/iac/cli/environment-variables/ (PULUMI_HOME)
 * https://github.com/pulumi/pulumi/blob/master/pkg/logging/encrypted.go
 */
export function pulumiHome(parent: string): string {
    const home = path.join(parent, "home");
    const plugins = path.join(process.env.PULUMI_HOME || path.join(os.homedir(), ".pulumi"), "plugins");
    fs.mkdirSync(home, { recursive: true });
    if (fs.existsSync(plugins)) once(() => fs.symlinkSync(plugins, path.join(home, "plugins"), "junction"));
    once(() => fs.writeFileSync(path.join(home, "logs"), "", { flag: "wx" }));
    return home;
}

/** Makes a file that may be there. */
function once(make: () => void): void {
    try {
        make();
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
}
