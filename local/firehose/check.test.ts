import { deepStrictEqual } from "node:assert/strict";
import { streamProblems } from "./check";
import { icebergInputs, lambdaProcessor, s3Inputs } from "./test-support";

const s3With = (...processors: object[]) => s3Inputs({ processingConfiguration: { processors } });

describe("The check of a delivery stream", () => {
    const cases: readonly (readonly [string, Parameters<typeof streamProblems>[0], readonly string[]])[] = [
        ["an Iceberg stream", icebergInputs(), []],
        ["an S3 stream", s3Inputs(), []],
        ["buffers that wait for nothing", s3Inputs({ bufferingInterval: 0 }), []],
        [
            "buffers out of range",
            s3Inputs({ bufferingSize: 129, bufferingInterval: 901 }),
            [
                '"extendedS3Configuration.bufferingSize" must be between 1 and 128, not 129.',
                '"extendedS3Configuration.bufferingInterval" must be between 0 and 900, not 901.',
            ],
        ],
        [
            "a retry duration out of range",
            icebergInputs({ retryDuration: 7201 }),
            ['"icebergConfiguration.retryDuration" must be between 0 and 7200, not 7201.'],
        ],
        [
            "append-only with unique keys",
            icebergInputs({
                appendOnly: true,
                destinationTableConfigurations: [{ databaseName: "web", tableName: "visits", uniqueKeys: ["id"] }],
            }),
            [
                '"icebergConfiguration.appendOnly" forbids updates and deletes, so the table "visits" can\'t have "uniqueKeys".',
            ],
        ],
        [
            "a function's parameters out of range",
            icebergInputs({}, { NumberOfRetries: "301", BufferSizeInMBs: "0.1", BufferIntervalInSeconds: "-1" }),
            [
                '"icebergConfiguration.processingConfiguration: NumberOfRetries" must be between 0 and 300, not 301.',
                '"icebergConfiguration.processingConfiguration: BufferSizeInMBs" must be between 0.2 and 3, not 0.1.',
                '"icebergConfiguration.processingConfiguration: BufferIntervalInSeconds" must be between 0 and 900, not -1.',
            ],
        ],
        [
            "an unknown parameter",
            s3With(lambdaProcessor({ BufferSize: "1" })),
            [
                '"extendedS3Configuration.processingConfiguration.processors[0]" has no parameter "BufferSize". The parameters of "Lambda" are: LambdaArn, NumberOfRetries, RoleArn, BufferSizeInMBs, BufferIntervalInSeconds.',
            ],
        ],
        [
            "a function without ARN",
            s3With({ type: "Lambda" }),
            [
                '"extendedS3Configuration.processingConfiguration": the processor "Lambda" needs the parameter "LambdaArn".',
            ],
        ],
        [
            "two functions",
            s3With(lambdaProcessor(), lambdaProcessor()),
            [
                '"extendedS3Configuration.processingConfiguration.processors" has 2 processors "Lambda", but may have one.',
            ],
        ],
        [
            "the year of the week in a prefix",
            s3Inputs({
                prefix: "raw/year=!{timestamp:YYYY}/",
                errorOutputPrefix: "errors/!{firehose:error-output-type}/",
            }),
            [
                '"extendedS3Configuration.prefix" has the expression !{timestamp:YYYY}: YYYY is the year of the week, another one than yyyy around New Year; use yyyy.',
            ],
        ],
        [
            "a backup without a place",
            s3Inputs({ s3BackupMode: "Enabled" }),
            [
                '"extendedS3Configuration.s3BackupConfiguration" is required when "extendedS3Configuration.s3BackupMode" is "Enabled".',
            ],
        ],
        [
            "a wrong backup mode",
            icebergInputs({ s3BackupMode: "Enabled" }),
            ['"icebergConfiguration.s3BackupMode" must be "FailedDataOnly" or "AllData", not "Enabled".'],
        ],
        [
            "a wrong name",
            { ...s3Inputs(), name: "a b" },
            ['"name" must be 1 to 64 letters, digits, "_", "." or "-", not "a b".'],
        ],
        [
            "no configuration",
            { name: "a", destination: "iceberg" },
            ['"icebergConfiguration" is required when "destination" is "iceberg".'],
        ],
        [
            "what the local runtime lacks",
            {
                ...s3Inputs({
                    dynamicPartitioningConfiguration: { enabled: true },
                    dataFormatConversionConfiguration: {
                        outputFormatConfiguration: { serializer: { orcSerDe: {} } },
                    },
                    compressionFormat: "Snappy",
                    processingConfiguration: { processors: [{ type: "MetadataExtraction" }] },
                }),
                mskSourceConfiguration: {},
            },
            [
                "A delivery stream with an MSK source is not supported by the local runtime.",
                "ORC as the format of a delivery stream is not supported by the local runtime.",
                'The compression format "Snappy" of a delivery stream is not supported by the local runtime.',
                'The processor "MetadataExtraction" of a delivery stream is not supported by the local runtime.',
            ],
        ],
        [
            "partitions without keys, a function and a buffer",
            s3Inputs({
                dynamicPartitioningConfiguration: { enabled: true },
                prefix: "!{partitionKeyFromLambda:}/",
                errorOutputPrefix: "errors/!{partitionKeyFromLambda:a}/!{firehose:error-output-type}/",
                bufferingInterval: 0,
            }),
            [
                '"extendedS3Configuration.prefix" has the expression !{partitionKeyFromLambda:}: it names no key.',
                '"extendedS3Configuration.errorOutputPrefix" has the expression !{partitionKeyFromLambda:a}: it needs dynamic partitioning.',
                '"extendedS3Configuration.prefix" must name a key, such as !{partitionKeyFromLambda:year}, when dynamic partitioning is on.',
                '"extendedS3Configuration.bufferingInterval" must not be 0 when dynamic partitioning is on.',
                '"extendedS3Configuration.bufferingSize" must be at least 64 when dynamic partitioning is on, not 1.',
            ],
        ],
        [
            "keys that no function gives",
            s3Inputs({
                dynamicPartitioningConfiguration: { enabled: true },
                prefix: "!{partitionKeyFromLambda:a}/!{partitionKeyFromQuery:b}/",
                errorOutputPrefix: "errors/",
                bufferingSize: 64,
            }),
            [
                '"extendedS3Configuration.prefix" has the expression !{partitionKeyFromQuery:b}: the local runtime takes keys from the function only.',
                '"extendedS3Configuration.processingConfiguration" needs the processor "Lambda" for the keys that the prefix names.',
            ],
        ],
        [
            "a conversion that is not whole",
            s3Inputs({ dataFormatConversionConfiguration: {}, compressionFormat: "GZIP", bufferingSize: 63 }),
            [
                '"extendedS3Configuration.dataFormatConversionConfiguration.inputFormatConfiguration.deserializer" must have one of "openXJsonSerDe" and "hiveJsonSerDe".',
                '"extendedS3Configuration.dataFormatConversionConfiguration.outputFormatConfiguration.serializer" must have "parquetSerDe".',
                '"extendedS3Configuration.dataFormatConversionConfiguration.schemaConfiguration" is required.',
                '"extendedS3Configuration.compressionFormat" must be "UNCOMPRESSED" with a conversion, which compresses by itself.',
                '"extendedS3Configuration.bufferingSize" must be at least 64 with a conversion, not 63.',
            ],
        ],
        [
            "a conversion with what nobody knows",
            s3Inputs({
                bufferingSize: 64,
                dataFormatConversionConfiguration: {
                    inputFormatConfiguration: {
                        deserializer: {
                            hiveJsonSerDe: { timestampFormats: ["millis", "yyyy 'o''clock'", "EEE yyyy"] },
                        },
                    },
                    outputFormatConfiguration: { serializer: { parquetSerDe: { compression: "ZSTD" } } },
                    schemaConfiguration: { roleArn: "a", databaseName: "b", tableName: "c" },
                },
            }),
            [
                '"extendedS3Configuration.dataFormatConversionConfiguration.outputFormatConfiguration.serializer.parquetSerDe.compression" must be "SNAPPY" or "GZIP" or "UNCOMPRESSED", not "ZSTD".',
                'The timestamp format "EEE yyyy" in "extendedS3Configuration.dataFormatConversionConfiguration" is not supported by the local runtime.',
            ],
        ],
        [
            "another destination",
            { name: "a", destination: "splunk", splunkConfiguration: {} },
            ['A delivery stream with the destination "splunk" is not supported by the local runtime.'],
        ],
        [
            "partitioning and conversion that are off",
            s3Inputs({
                dynamicPartitioningConfiguration: { enabled: false },
                dataFormatConversionConfiguration: { enabled: false },
            }),
            [],
        ],
    ];
    for (const [what, inputs, problems] of cases)
        it(`says of ${what}: ${problems.length} problems`, () => deepStrictEqual(streamProblems(inputs), problems));
});
