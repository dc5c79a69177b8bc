import type * as Glue from "@aws-sdk/client-glue";
import type { PublishedHour } from "./merge-hours";
import { type Hour, hourOfParts, partsOf } from "./utc-hours";

/** The partitions of a table by the hour. */
export interface HourPartitions {
    published(hours: readonly Hour[]): Promise<ReadonlyMap<Hour, PublishedHour>>;
    /** Points the partition of an hour at a folder (an `s3://` URL). False when somebody else has made it meanwhile. */
    publish(hour: Hour, next: PublishedHour, location: string, before: PublishedHour | undefined): Promise<boolean>;
}

/** Partitions that one request may ask for. https://docs.aws.amazon.com/glue/latest/webapi/API_BatchGetPartition.html */
const MOST = 1000;

/** Makes {@link HourPartitions}. What a partition was made of is in its parameters, so it changes with its location, at once. */
export function hourPartitions(database: string, table: string): HourPartitions {
    const sdk = require("@aws-sdk/client-glue") as typeof Glue;
    const client = new sdk.GlueClient({ maxAttempts: 8 });
    const place = { DatabaseName: database, TableName: table };
    let descriptor: Promise<Glue.StorageDescriptor | undefined> | undefined;

    async function read(hours: readonly Hour[]): Promise<readonly Glue.Partition[]> {
        const partitions: Glue.Partition[] = [];
        let asked: Glue.PartitionValueList[] = hours.map((hour) => ({ Values: valuesOf(hour) }));
        while (asked.length > 0) {
            const command = new sdk.BatchGetPartitionCommand({ ...place, PartitionsToGet: asked.slice(0, MOST) });
            const { Partitions = [], UnprocessedKeys = [] } = await client.send(command);
            partitions.push(...Partitions);
            asked = [...UnprocessedKeys, ...asked.slice(MOST)];
        }
        return partitions;
    }

    /** How the table's files are written: a partition says it for itself. */
    async function storage(): Promise<Glue.StorageDescriptor | undefined> {
        const { Table } = await client.send(new sdk.GetTableCommand({ DatabaseName: database, Name: table }));
        return Table?.StorageDescriptor;
    }

    return {
        async published(hours) {
            const partitions = await read(hours);
            return new Map(partitions.map(({ Values, Parameters }) => [hourOf(Values), publishedOf(Parameters)]));
        },
        async publish(hour, next, location, before) {
            descriptor ??= storage();
            const values = valuesOf(hour);
            const PartitionInput: Glue.PartitionInput = {
                Values: values,
                StorageDescriptor: { ...(await descriptor), Location: location },
                Parameters: parametersOf(next),
            };
            try {
                await (before
                    ? client.send(
                          new sdk.UpdatePartitionCommand({ ...place, PartitionValueList: values, PartitionInput }),
                      )
                    : client.send(new sdk.CreatePartitionCommand({ ...place, PartitionInput })));
                return true;
            } catch (error) {
                if ((error as Error).name === "AlreadyExistsException") return false;
                throw error;
            }
        },
    };
}

function valuesOf(hour: Hour): string[] {
    return partsOf(hour).map(String);
}

function hourOf(values: readonly string[] = []): Hour {
    const [year = 0, month = 0, day = 0, hour = 0] = values.map(Number);
    return hourOfParts([year, month, day, hour]);
}

function parametersOf({ run, rows, sources }: PublishedHour): Record<string, string> {
    return { run, rows: String(rows), sources: JSON.stringify(Object.fromEntries(sources)) };
}

/** A partition that something else has registered has no record, so its hour is due. */
function publishedOf({ run = "", rows = "0", sources = "{}" }: Record<string, string> = {}): PublishedHour {
    const entries = Object.entries(JSON.parse(sources) as Record<string, string>);
    return { run, rows: Number(rows), sources: new Map(entries.map(([folder, print]) => [Number(folder), print])) };
}
