import * as path from "node:path";
import { program } from "commander";
import { run, usageError } from "./support/fail";
import { becomeHost } from "./support/host";
import { runPulumi, startLocal } from "./support/local-engine";
import { wholeNumber } from "./support/numbers";

interface Options {
    readonly port: number;
    readonly data: string;
    readonly project: string;
}

const ROOT = path.join(__dirname, "..");

const parsed = program
    .name("npm run local --")
    .description("Serves an empty local AWS, or runs a command of Pulumi's own CLI against it.")
    .argument("[command...]", "`pulumi` and its arguments; without a command, the local AWS is served until Ctrl-C")
    .option("--port <number>", "where to listen, on loopback; 0 takes a free port", wholeNumber(0, 65535), 4566)
    .option("--data <folder>", "where everything is kept", path.join(ROOT, ".tributary", "aws"))
    .option("--project <folder>", "where Pulumi.yaml is", ROOT)
    .addHelpText("after", "\nFor example: npm run local -- pulumi up -s local")
    .passThroughOptions()
    .parse();

run(async () => {
    becomeHost();
    const { port, data, project } = parsed.opts<Options>();
    const [command, ...args] = parsed.args;
    if (command === undefined) return serve(port, path.resolve(data));
    if (command !== "pulumi")
        throw usageError(`There is no command "${command}". Give pulumi and its arguments, or none.`);
    return runPulumi(args, { root: path.resolve(project), data, port });
});

async function serve(port: number, data: string): Promise<number> {
    const stopped = new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
    const runtime = await startLocal({ data, port });
    const { endpoint } = runtime.status();
    const option = port === 4566 ? "" : `--port ${new URL(endpoint).port} `;
    process.stdout.write(
        `A local AWS with ${runtime.resources} resources serves at ${endpoint} until Ctrl-C.\n` +
            `In another terminal: npm run local -- ${option}pulumi up -s local\n`,
    );
    await stopped;
    await runtime.close();
    return 0;
}
