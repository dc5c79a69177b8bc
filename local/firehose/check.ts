import { unsupported } from "../errors";
import type { Properties } from "../resources";
import { conversionOn, type DestinationInputs, type ProcessorInputs, parameter, type StreamInputs } from "./config";
import { JODA_LETTERS } from "./convert-times";
import { keysIn } from "./partition";
import { prefixProblems } from "./prefix";

/** What AWS would refuse in the inputs of a delivery stream beyond its schema, and what the local runtime lacks: a sentence each. */
export function streamProblems(properties: Properties): readonly string[] {
    const inputs = properties as StreamInputs;
    const lacking = unsupportedIn(inputs);
    if (lacking.length > 0) return lacking.map((what) => unsupported(what).message);
    const path = inputs.destination === "iceberg" ? "icebergConfiguration" : "extendedS3Configuration";
    const block = inputs[path] as DestinationInputs | undefined;
    if (!block) return [`"${path}" is required when "destination" is "${inputs.destination}".`];
    return [
        ...nameProblems(inputs),
        ...bufferProblems(path, block),
        ...range(`${path}.retryDuration`, block.retryDuration, 0, 7200),
        ...processingProblems(`${path}.processingConfiguration`, block),
        ...(inputs.destination === "iceberg" ? icebergProblems(path, block) : s3Problems(path, block)),
    ];
}

/** What of the inputs the local runtime lacks. */
export function unsupportedIn(inputs: StreamInputs): string[] {
    const what = (condition: unknown, name: string) => (condition ? [name] : []);
    const s3 = inputs.extendedS3Configuration;
    const blocks = [s3, s3?.s3BackupConfiguration, inputs.icebergConfiguration?.s3Configuration];
    const processors = [s3, inputs.icebergConfiguration].flatMap((b) => b?.processingConfiguration?.processors ?? []);
    return [
        ...what(
            !["extended_s3", "iceberg"].includes(inputs.destination),
            `A delivery stream with the destination "${inputs.destination}"`,
        ),
        ...what(inputs.mskSourceConfiguration, "A delivery stream with an MSK source"),
        ...what(
            s3 && conversionOn(s3)?.outputFormatConfiguration?.serializer?.orcSerDe,
            "ORC as the format of a delivery stream",
        ),
        ...blocks
            .map((block) => block?.compressionFormat ?? "UNCOMPRESSED")
            .filter((format) => format !== "UNCOMPRESSED" && format !== "GZIP")
            .map((format) => `The compression format "${format}" of a delivery stream`),
        ...processors
            .map(({ type }) => type)
            .filter((type) => type !== "Lambda" && type !== "AppendDelimiterToRecord")
            .map((type) => `The processor "${type}" of a delivery stream`),
    ];
}

function nameProblems({ name }: StreamInputs): string[] {
    if (name === undefined || /^[a-zA-Z0-9_.-]{1,64}$/.test(name)) return [];
    return [`"name" must be 1 to 64 letters, digits, "_", "." or "-", not "${name}".`];
}

function bufferProblems(path: string, block: DestinationInputs): string[] {
    return [
        ...range(`${path}.bufferingSize`, block.bufferingSize, 1, 128),
        ...range(`${path}.bufferingInterval`, block.bufferingInterval, 0, 900),
    ];
}

function s3Problems(path: string, block: DestinationInputs): string[] {
    const backup = block.s3BackupConfiguration;
    return [
        ...oneOf(`${path}.s3BackupMode`, block.s3BackupMode, ["Disabled", "Enabled"]),
        ...(block.s3BackupMode === "Enabled" && !backup
            ? [`"${path}.s3BackupConfiguration" is required when "${path}.s3BackupMode" is "Enabled".`]
            : []),
        ...prefixProblems(path, block, isPartitioned(block)),
        ...partitioningProblems(path, block),
        ...conversionProblems(path, block),
        ...(backup ? bufferProblems(`${path}.s3BackupConfiguration`, backup) : []),
        ...(backup ? prefixProblems(`${path}.s3BackupConfiguration`, backup) : []),
    ];
}

function isPartitioned({ dynamicPartitioningConfiguration: partitioning }: DestinationInputs): boolean {
    return partitioning?.enabled ?? false;
}

/** https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-enable.html */
function partitioningProblems(path: string, block: DestinationInputs): string[] {
    if (!isPartitioned(block)) return [];
    const { bufferingInterval, bufferingSize, prefix = "", processingConfiguration: processing } = block;
    const processors = processing?.enabled === false ? [] : (processing?.processors ?? []);
    const names = keysIn(prefix);
    const what = "when dynamic partitioning is on";
    return [
        ...(names.length > 0
            ? []
            : [`"${path}.prefix" must name a key, such as !{partitionKeyFromLambda:year}, ${what}.`]),
        ...(names.length > 0 && !processors.some(({ type }) => type === "Lambda")
            ? [`"${path}.processingConfiguration" needs the processor "Lambda" for the keys that the prefix names.`]
            : []),
        ...(bufferingInterval === 0 ? [`"${path}.bufferingInterval" must not be 0 ${what}.`] : []),
        ...(bufferingSize !== undefined && bufferingSize < 64
            ? [`"${path}.bufferingSize" must be at least 64 ${what}, not ${bufferingSize}.`]
            : []),
    ];
}

/** https://docs.aws.amazon.com/firehose/latest/dev/enable-record-format-conversion.html */
function conversionProblems(path: string, block: DestinationInputs): string[] {
    const conversion = conversionOn(block);
    if (!conversion) return [];
    const { bufferingSize, compressionFormat = "UNCOMPRESSED" } = block;
    const where = `${path}.dataFormatConversionConfiguration`;
    const deserializers = Object.values(conversion.inputFormatConfiguration?.deserializer ?? {}).filter(Boolean);
    const { parquetSerDe } = conversion.outputFormatConfiguration?.serializer ?? {};
    return [
        ...(deserializers.length === 1
            ? []
            : [
                  `"${where}.inputFormatConfiguration.deserializer" must have one of "openXJsonSerDe" and "hiveJsonSerDe".`,
              ]),
        ...(parquetSerDe ? [] : [`"${where}.outputFormatConfiguration.serializer" must have "parquetSerDe".`]),
        ...oneOf(`${where}.outputFormatConfiguration.serializer.parquetSerDe.compression`, parquetSerDe?.compression, [
            "SNAPPY",
            "GZIP",
            "UNCOMPRESSED",
        ]),
        ...(conversion.schemaConfiguration ? [] : [`"${where}.schemaConfiguration" is required.`]),
        ...(compressionFormat === "UNCOMPRESSED"
            ? []
            : [`"${path}.compressionFormat" must be "UNCOMPRESSED" with a conversion, which compresses by itself.`]),
        ...(bufferingSize !== undefined && bufferingSize < 64
            ? [`"${path}.bufferingSize" must be at least 64 with a conversion, not ${bufferingSize}.`]
            : []),
        ...formatProblems(where, conversion.inputFormatConfiguration?.deserializer?.hiveJsonSerDe?.timestampFormats),
    ];
}

function formatProblems(where: string, formats: readonly string[] = []): string[] {
    return formats
        .filter((format) => format !== "millis" && /[A-Za-z]/.test(jodaRest(format)))
        .map((format) => unsupported(`The timestamp format "${format}" in "${where}"`).message);
}

/** What of a format is neither quoted nor a letter that is known. */
function jodaRest(format: string): string {
    return format.replace(/'[^']*'/g, "").replace(new RegExp(`[${JODA_LETTERS}]`, "g"), "");
}

function icebergProblems(path: string, block: DestinationInputs): string[] {
    const keyed = (block.destinationTableConfigurations ?? []).filter(({ uniqueKeys }) => uniqueKeys?.length);
    const s3 = block.s3Configuration ?? ({} as DestinationInputs);
    return [
        ...oneOf(`${path}.s3BackupMode`, block.s3BackupMode, ["FailedDataOnly", "AllData"]),
        ...(block.appendOnly && keyed.length > 0
            ? [
                  `"${path}.appendOnly" forbids updates and deletes, so the table "${keyed[0]?.tableName}" can't have "uniqueKeys".`,
              ]
            : []),
        ...bufferProblems(`${path}.s3Configuration`, s3),
        ...prefixProblems(`${path}.s3Configuration`, s3),
    ];
}

const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
    Lambda: ["LambdaArn", "NumberOfRetries", "RoleArn", "BufferSizeInMBs", "BufferIntervalInSeconds"],
    AppendDelimiterToRecord: ["Delimiter"],
};

function processingProblems(path: string, { processingConfiguration }: DestinationInputs): string[] {
    if (!processingConfiguration || processingConfiguration.enabled === false) return [];
    const processors = processingConfiguration.processors ?? [];
    const lambdas = processors.filter(({ type }) => type === "Lambda");
    return [
        ...(lambdas.length > 1
            ? [`"${path}.processors" has ${lambdas.length} processors "Lambda", but may have one.`]
            : []),
        ...processors.flatMap((processor, index) => parameterProblems(`${path}.processors[${index}]`, processor)),
        ...lambdas.flatMap((processor) => lambdaProblems(path, processor)),
    ];
}

function parameterProblems(path: string, { type, parameters }: ProcessorInputs): string[] {
    const known = PARAMETERS[type] ?? [];
    return (parameters ?? [])
        .filter(({ parameterName }) => !known.includes(parameterName))
        .map(
            ({ parameterName }) =>
                `"${path}" has no parameter "${parameterName}". The parameters of "${type}" are: ${known.join(", ")}.`,
        );
}

/** https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html */
function lambdaProblems(path: string, processor: ProcessorInputs): string[] {
    const value = (name: string) => {
        const text = parameter(processor, name);
        return text === undefined ? undefined : Number(text);
    };
    return [
        ...(parameter(processor, "LambdaArn")
            ? []
            : [`"${path}": the processor "Lambda" needs the parameter "LambdaArn".`]),
        ...range(`${path}: NumberOfRetries`, value("NumberOfRetries"), 0, 300),
        ...range(`${path}: BufferSizeInMBs`, value("BufferSizeInMBs"), 0.2, 3),
        ...range(`${path}: BufferIntervalInSeconds`, value("BufferIntervalInSeconds"), 0, 900),
    ];
}

function range(path: string, value: number | undefined, least: number, most: number): string[] {
    if (value === undefined || (value >= least && value <= most)) return [];
    return [`"${path}" must be between ${least} and ${most}, not ${value}.`];
}

function oneOf(path: string, value: string | undefined, allowed: readonly string[]): string[] {
    if (value === undefined || allowed.includes(value)) return [];
    return [`"${path}" must be ${allowed.map((each) => `"${each}"`).join(" or ")}, not "${value}".`];
}
