import * as pulumi from "@pulumi/pulumi";
import { GET_DATA_ACCESS } from "../blocks/iceberg-table";
import type { Place } from "../blocks/place";
import type { Statement } from "../blocks/role";
import { RESULTS } from "../blocks/workgroup";
import type { SaasMetering, SaasMeteringArgs } from ".";
import { accessLog, usage } from "./dataset";
import { CONTENTS } from "./tables";

/** What the merge function may do: run queries in the pipeline's workgroup, with all that they need, publish partitions, and tidy up. */
export function mergePermissions(
    { bucket: { bucket }, tables, workgroup }: Pick<SaasMetering, "bucket" | "tables" | "workgroup">,
    { lakeFormation }: SaasMeteringArgs,
    place: Place,
): readonly Statement[] {
    const objects = (...folders: readonly string[]) =>
        folders.map((folder) => pulumi.interpolate`${bucket.arn}/${folder}*`);
    const [raw, merged] = [`${accessLog.name}/`, `${usage.name}/`];
    const [catalog, database] = tables.usage.arns;
    return [
        {
            actions: [
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ],
            resources: [place.arn("athena", pulumi.interpolate`workgroup/${workgroup.workgroup.name}`)],
        },
        {
            actions: [
                "glue:BatchGetPartition",
                "glue:GetDatabase",
                "glue:GetPartition",
                "glue:GetPartitions",
                "glue:GetTable",
            ],
            resources: [catalog, database, ...Object.values(tables).map(({ table }) => table.arn)],
        },
        { actions: ["glue:CreatePartition", "glue:UpdatePartition"], resources: tables.usage.arns },
        { actions: ["s3:GetBucketLocation", "s3:ListBucket"], resources: [bucket.arn] },
        { actions: ["s3:GetObject"], resources: objects(raw, merged, CONTENTS, RESULTS) },
        {
            actions: ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"],
            resources: objects(merged, CONTENTS, RESULTS),
        },
        { actions: ["s3:DeleteObject"], resources: objects(merged) },
        ...(lakeFormation === "grant" ? [GET_DATA_ACCESS] : []),
    ] as readonly Statement[];
}
