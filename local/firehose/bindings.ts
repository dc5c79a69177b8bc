import * as fs from "node:fs/promises";
import { serviceError, unsupported } from "../errors";
import type { Bindings, Made, Properties, Resource } from "../resources";
import type { Services } from "../services";
import { streamProblems, unsupportedIn } from "./check";
import { findStream, STREAM_TYPE, type StreamInputs } from "./config";
import type { FirehoseServices } from "./delivery";
import { identityFile, identityOf, streamFolder, writeJson } from "./files";
import { beginSource } from "./source-positions";

/** What the binding asks of the service at work. */
export interface StreamLife {
    /** Stops a stream for good; nobody finds it from then on, until one of that name is made. */
    retire(streamName: string): Promise<void>;
    /** Lets a new stream take a name. */
    welcome(streamName: string): void;
}

/** ARN of a delivery stream. */
export function streamArn({ region, account }: Services["place"], name: string): string {
    return `arn:aws:firehose:${region}:${account}:deliverystream/${name}`;
}

type BindingServices = Pick<FirehoseServices, "clock" | "kinesis" | "place" | "randomHex" | "resources">;

/** The bindings of Firehose's resource types. */
export function firehoseBindings(
    { clock, kinesis, place, randomHex, resources }: BindingServices,
    life: StreamLife,
): Bindings {
    const fresh = () => ({ incarnation: randomHex(32), created: clock.now() });
    return {
        [STREAM_TYPE]: {
            name: { property: "name", maxLength: 64 },
            check: streamProblems,
            async create(inputs) {
                const [lacking] = unsupportedIn(inputs as StreamInputs);
                if (lacking) throw unsupported(lacking);
                const name = String(inputs.name);
                if (findStream(resources, name))
                    throw serviceError(
                        "ResourceInUseException",
                        `Firehose ${name} already exists under account ${place.account}.`,
                    );
                const folder = streamFolder(place.data, name);
                await beginSource(kinesis, folder, inputs as StreamInputs);
                life.welcome(name);
                identityOf(folder, fresh);
                return made(inputs, streamArn(place, name), "1");
            },
            /** What is buffered stays, and is delivered as the new configuration says. */
            update(old: Resource, inputs) {
                const [lacking] = unsupportedIn(inputs as StreamInputs);
                if (lacking) throw unsupported(lacking);
                refuseEndOfBackup(old.inputs as unknown as StreamInputs, inputs as StreamInputs);
                const folder = streamFolder(place.data, String(inputs.name));
                writeJson(identityFile(folder), { ...identityOf(folder, fresh), updated: clock.now() });
                return made(inputs, old.id, String(Number(old.outputs.versionId ?? 1) + 1));
            },
            /** What is buffered is lost, as on AWS. */
            async delete({ inputs, outputs }) {
                const name = String(outputs.name ?? inputs.name);
                await life.retire(name);
                await fs.rm(streamFolder(place.data, name), { recursive: true, force: true });
            },
        },
    };
}

/** https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-source-record-backup.html, in the words of https://github.com/awsdocs/amazon-kinesis-data-firehose-developer-guide/issues/11 */
function refuseEndOfBackup(before: StreamInputs, after: StreamInputs): void {
    const isOn = ({ extendedS3Configuration: block }: StreamInputs) => block?.s3BackupMode === "Enabled";
    if (isOn(before) && !isOn(after))
        throw serviceError("InvalidArgumentException", "Disabling S3 backup is not currently supported.");
}

function made(inputs: Properties, arn: string, versionId: string): Made {
    const outputs = {
        ...inputs,
        arn,
        destinationId: "destinationId-000000000001",
        versionId,
        tagsAll: inputs.tagsAll ?? inputs.tags ?? {},
    };
    return { id: arn, outputs };
}
