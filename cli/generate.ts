import { program } from "commander";
import { doorOf } from "./support/doors";
import { entranceOf } from "./support/entrances";
import { eventsOf } from "./support/events";
import { exitCodes, run } from "./support/fail";
import { grouped, wholeNumber } from "./support/numbers";
import { progress } from "./support/progress";
import { sendAll } from "./support/send";
import { findStack, pipelineOf } from "./support/stack";

interface Options {
    readonly stack: string;
    readonly port: number;
    readonly pipeline: string;
    readonly count: number;
    readonly rate?: number;
    readonly seed: number;
    readonly batch?: number;
    readonly badEvery?: number;
    readonly dryRun?: boolean;
}

const options = exitCodes(program)
    .name("npm run generate --")
    .description("Sends generated events into a pipeline, on AWS or locally, and says what became of them.")
    .requiredOption("-p, --pipeline <instance>", "which pipeline of the stack")
    .option("--count <number>", "how many events", wholeNumber(1), 1000)
    .option("--rate <number>", "events per second (default: as fast as it goes)", wholeNumber(1))
    .option("--seed <number>", "the same seed gives the same events, but for their times", wholeNumber(0), 1)
    .option("--batch <number>", "events per request (default: the most that the pipeline takes)", wholeNumber(1))
    .option("--bad-every <number>", "make every n-th event a bad one", wholeNumber(2))
    .option("--dry-run", "print the events, one JSON document per line, and send nothing")
    .option("--stack <name>", "which stack", "local")
    .option("--port <number>", "where the local runtime listens", wholeNumber(1, 65535), 4566)
    .addHelpText("after", "\nExit code: 0 when every event was taken, 1 when some were not, 2 for wrong usage.")
    .parse()
    .opts<Options>();

run(async () => {
    const stack = await findStack(options.stack, options.port);
    const outputs = pipelineOf(stack, options.pipeline);
    const entrance = entranceOf(outputs.kind);
    const events = eventsOf(entrance.dataset, { ...options, now: Date.now(), kinds: entrance.badKinds });
    if (options.dryRun) {
        for (const event of events) process.stdout.write(`${event.trimEnd()}\n`);
        return 0;
    }
    const shown = progress(`Sending to ${options.pipeline}`, options.count);
    const start = performance.now();
    const report = await sendAll(doorOf(stack, outputs, entrance), events, {
        rate: options.rate,
        batch: options.batch,
        onProgress: shown.at,
    });
    const seconds = (performance.now() - start) / 1000;
    shown.end(
        `Sent ${grouped(options.count)} events in ${seconds.toFixed(1)} s: ${grouped(report.accepted)} accepted, ` +
            `${grouped(report.refused)} refused, ${grouped(report.unsent)} not taken after the last retry.`,
    );
    return report.accepted === options.count ? 0 : 1;
});
