import type { Properties, Resource } from "../resources";
import type { Place } from "../services";

/** Pulumi's type of a crawler. */
export const CRAWLER_TYPE = "aws:glue/crawler:Crawler";

/** The inputs of a crawler, as far as the service reads them. */
export interface CrawlerInputs extends Properties {
    readonly name: string;
    readonly role: string;
    readonly databaseName: string;
    readonly description?: string;
    readonly schedule?: string;
    readonly tablePrefix?: string;
    readonly configuration?: string;
    readonly classifiers?: readonly string[];
    readonly s3Targets?: readonly { readonly path: string; readonly exclusions?: readonly string[] }[];
    readonly catalogTargets?: readonly { readonly databaseName: string; readonly tables: readonly string[] }[];
    readonly recrawlPolicy?: { readonly recrawlBehavior?: string };
    readonly schemaChangePolicy?: { readonly updateBehavior?: string; readonly deleteBehavior?: string };
    readonly lineageConfiguration?: { readonly crawlerLineageSettings?: string };
}

/** A crawler in the table of resources. */
export type CrawlerResource = Resource<CrawlerInputs>;

/** ARN of a crawler. */
export function crawlerArn({ region, account }: Place, name: string): string {
    return `arn:aws:glue:${region}:${account}:crawler/${name}`;
}

/** ARN of a role that is named, or given by its ARN. */
export function roleArnOf({ account }: Place, role: string): string {
    return role.startsWith("arn:") ? role : `arn:aws:iam::${account}:role/${role}`;
}
