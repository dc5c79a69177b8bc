import { holds } from "../lakeformation/access";
import type { Properties } from "../resources";
import type { Caller, Services } from "../services";
import type { StreamConfig } from "./config";
import type { Failure } from "./outcome";

const TABLE_TYPE = "aws:glue/catalogTable:CatalogTable";

interface TableProperties extends Properties {
    readonly databaseName?: string;
    readonly name?: string;
    readonly storageDescriptor?: { readonly location?: string };
    readonly openTableFormatInput?: {
        readonly icebergInput?: { readonly icebergTableInput?: { readonly location?: string } };
    };
}

/** What Lake Formation asks for of who commits to a table. https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-iceberg */
const WRITE = ["DESCRIBE", "INSERT", "ALTER"];

/** Where an Iceberg table is, or why the stream can't write to it. */
export type TableLocation = { readonly location: string } | Failure;

/**
 * Finds a table in the catalog, on behalf of the stream's role: it must be allowed to read and commit to it (AWS asks for the catalog, the
 * database and the table alike) and to write below its location.
 * https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-iceberg
 */
export function tableLocation(
    { iam, resources, place }: Pick<Services, "iam" | "resources" | "place">,
    stream: StreamConfig,
    database: string,
    table: string,
): TableLocation {
    const glue = `arn:aws:glue:${place.region}:${place.account}`;
    const catalog = [`${glue}:catalog`, `${glue}:database/${database}`, `${glue}:table/${database}/${table}`];
    const caller = assumed(iam, stream);
    if (!caller || !allowed(iam, caller, ["glue:GetTable", "glue:UpdateTable"], catalog)) return GLUE_DENIED;
    if (!holds({ iam, resources, place }, caller, WRITE, { database, table })) return GLUE_DENIED;
    const location = locationOf(resources, database, table);
    if (!location) return noSuchTable(database, table);
    const objects = `arn:aws:s3:::${location.replace(/^s3[an]?:\/\//, "").replace(/\/+$/, "")}/*`;
    return allowed(iam, caller, ["s3:PutObject"], [objects]) ? { location } : S3_DENIED;
}

function locationOf(resources: Services["resources"], database: string, table: string): string | undefined {
    const found = resources
        .all<TableProperties, TableProperties>(TABLE_TYPE)
        .find(({ outputs }) => outputs.databaseName === database && outputs.name === table);
    const { storageDescriptor, openTableFormatInput } = found?.inputs ?? {};
    return storageDescriptor?.location ?? openTableFormatInput?.icebergInput?.icebergTableInput?.location;
}

function assumed(iam: Services["iam"], stream: StreamConfig): Caller | undefined {
    try {
        return iam.assume(stream.roleArn, "firehose.amazonaws.com", stream.arn, "firehose");
    } catch {
        return undefined;
    }
}

function allowed(iam: Services["iam"], caller: Caller, actions: readonly string[], arns: readonly string[]): boolean {
    try {
        for (const action of actions) for (const arn of arns) iam.authorize(caller, action, arn);
        return true;
    } catch {
        return false;
    }
}

// The codes are AWS's: https://docs.aws.amazon.com/firehose/latest/dev/apache-iceberg-stream.html
const GLUE_DENIED: Failure = {
    code: "Glue.AccessDenied",
    message:
        "Access was denied. Ensure that the IAM role has the required permissions on the AWS Glue table, and the required trust policy.",
};
const S3_DENIED: Failure = {
    code: "S3.AccessDenied",
    message:
        "Access was denied. Ensure that the IAM role has the required permissions on the S3 location of the table, and the required trust policy.",
};

function noSuchTable(database: string, table: string): Failure {
    return {
        code: "Iceberg.NoSuchTable",
        message: `The table ${database}.${table} does not exist, or is not in Iceberg V2 format.`,
    };
}
