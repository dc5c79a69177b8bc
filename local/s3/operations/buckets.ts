import { toXml, xmlResponse } from "../xml";
import type { S3Operation } from "./context";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export const listBuckets: S3Operation = ({ place, resources, store }, { query }) => {
    const prefix = query.get("prefix") ?? "";
    const buckets = resources.all<{ bucket: string }>("aws:s3/bucket:Bucket").filter(({ id }) => id.startsWith(prefix));
    const list = buckets
        .map(({ id }) => ({ Name: id, CreationDate: store.created(id), BucketRegion: place.region }))
        .sort((a, b) => (a.Name < b.Name ? -1 : 1));
    return xmlResponse(
        toXml("ListBucketsOutput", { Buckets: list, Owner: { ID: place.account } }, "ListAllMyBucketsResult"),
    );
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export const headBucket: S3Operation = ({ place }) => ({
    status: 200,
    headers: { "x-amz-bucket-region": place.region, "content-type": "application/xml" },
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
export const getBucketLocation: S3Operation = ({ place }) => {
    // S3's first region has no name here.
    const region = place.region === "us-east-1" ? "" : place.region;
    const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";
    const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
    return xmlResponse(`${head}<LocationConstraint xmlns="${namespace}">${region}</LocationConstraint>`);
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html */
export const getBucketVersioning: S3Operation = ({ resources }, { bucket }) => {
    const all = resources.all<{ bucket: string; versioningConfiguration: { status: string } }>(
        "aws:s3/bucketVersioning:BucketVersioning",
    );
    const Status = all.find((each) => each.inputs.bucket === bucket)?.inputs.versioningConfiguration.status;
    return xmlResponse(toXml("GetBucketVersioningOutput", { ...(Status && { Status }) }, "VersioningConfiguration"));
};
