import { entranceOf } from "./entrances";
import { eventsOf } from "./events";
import { LOCAL_CREDENTIALS, type PipelineOutputs, type RunningStack } from "./stack";
import { table } from "./table";

/** The endpoints of a stack that runs locally, and commands to paste that try each of its pipelines. */
export function commandsFor(stack: RunningStack): string {
    const entries = Object.entries(stack.pipelines);
    const endpoints = table(
        ["pipeline", "endpoint"],
        entries.map(([instance, { url = "" }]) => [instance, url]),
    );
    const { accessKeyId, secretAccessKey } = LOCAL_CREDENTIALS;
    const environment = [
        // Version 1 of the AWS CLI knows the second name of the region only.
        `export AWS_ENDPOINT_URL=${stack.client.endpoint} AWS_REGION=${stack.client.region} AWS_DEFAULT_REGION=${stack.client.region}`,
        `export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
    ];
    const blocks = entries.map(([instance, outputs]) =>
        [`# ${instance}`, ...tries(stack, instance, outputs)].join("\n"),
    );
    return [endpoints, "Commands to paste, in another terminal:", [...environment, ...blocks].join("\n")].join("\n\n");
}

function tries(stack: RunningStack, instance: string, outputs: PipelineOutputs): string[] {
    const { dataset, commands, found } = entranceOf(outputs.kind);
    const counted = found(outputs);
    const [event = ""] = eventsOf(dataset, { count: 1, seed: 7, now: Date.now() });
    const port = new URL(stack.client.endpoint ?? "").port;
    const options = [
        `--pipeline ${instance}`,
        ...(stack.name === "local" ? [] : [`--stack ${stack.name}`]),
        ...(port === "4566" ? [] : [`--port ${port}`]),
    ].join(" ");
    return [
        // In a shell, nothing but a single quote ends a text in single quotes.
        ...commands(outputs, event.trim().replaceAll("'", "\\u0027")),
        `npm run generate -- ${options} --count 10000 --rate 500 --seed 7`,
        ...("sql" in counted ? [`npm run query -- ${options} --sql '${counted.sql}'`] : []),
    ];
}
