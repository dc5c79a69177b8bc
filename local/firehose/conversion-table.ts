import { holds } from "../lakeformation/access";
import type { Properties } from "../resources";
import type { Caller, Services } from "../services";
import type { ConversionConfig, StreamConfig } from "./config";
import type { Failure } from "./outcome";

const TABLE_TYPE = "aws:glue/catalogTable:CatalogTable";

/** A column of a table in the catalog. */
export interface GlueColumn {
    readonly name: string;
    readonly type?: string;
}

interface TableInputs extends Properties {
    readonly databaseName?: string;
    readonly name?: string;
    readonly storageDescriptor?: { readonly columns?: readonly GlueColumn[] };
}

/** What the role of a conversion needs. https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3 */
const ACTIONS = ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"];

/** The columns of the table that a stream converts to, asked for with the role of the conversion, or why there is none. */
export function columnsFor(
    { iam, resources, place }: Pick<Services, "iam" | "resources" | "place">,
    stream: StreamConfig,
    { table: { databaseName, tableName, roleArn } }: ConversionConfig,
): readonly GlueColumn[] | Failure {
    const glue = `arn:aws:glue:${place.region}:${place.account}`;
    const arns = [`${glue}:catalog`, `${glue}:database/${databaseName}`, `${glue}:table/${databaseName}/${tableName}`];
    const caller = assumed(iam, roleArn, stream.arn);
    if (!caller) return NO_ROLE;
    const where = { database: databaseName, table: tableName };
    if (!allowed(iam, caller, arns) || !holds({ iam, resources, place }, caller, ["DESCRIBE", "SELECT"], where))
        return DENIED;
    const table = resources
        .all<TableInputs>(TABLE_TYPE)
        .find(({ outputs }) => outputs.databaseName === databaseName && outputs.name === tableName);
    return table ? (table.inputs.storageDescriptor?.columns ?? NONE) : NO_TABLE;
}

const NONE: readonly GlueColumn[] = [];

function assumed(iam: Services["iam"], roleArn: string, streamArn: string): Caller | undefined {
    try {
        return iam.assume(roleArn, "firehose.amazonaws.com", streamArn, "firehose");
    } catch {
        return undefined;
    }
}

function allowed(iam: Services["iam"], caller: Caller, arns: readonly string[]): boolean {
    try {
        for (const action of ACTIONS) for (const arn of arns) iam.authorize(caller, action, arn);
        return true;
    } catch {
        return false;
    }
}

// https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html#monitoring-data-format-conversion-errors
const NO_TABLE: Failure = {
    code: "DataFormatConversion.EntityNotFound",
    message:
        "The specified table/database could not be found. Please ensure that the table/database exists and that the values provided in the schema configuration are correct, especially with regards to casing.",
};
const NO_ROLE: Failure = {
    code: "DataFormatConversion.AccessDenied",
    message:
        "Access was denied when assuming role. Please ensure that the role specified in the data format conversion configuration has granted the Firehose service permission to assume it.",
};
const DENIED: Failure = {
    code: "DataFormatConversion.AccessDenied",
    message:
        "Access was denied when calling AWS Glue. Please ensure that the role specified in the data format conversion configuration has the necessary permissions.",
};
