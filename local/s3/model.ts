/** Longest key, in bytes of UTF-8: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const MAX_KEY = 1024;

/** Largest body of one PUT, in bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
export const MAX_PUT = 5 * 1024 ** 3;

/** Smallest part but the last, in bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MIN_PART = 5 * 1024 ** 2;

/** Highest number of a part: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PART_NUMBER = 10_000;

/** Most bytes of names and values of `x-amz-meta-` headers: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
export const MAX_METADATA = 2048;

/** Most keys of one page or one DeleteObjects: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const MAX_KEYS = 1000;

/** What an object without a type has: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export const DEFAULT_CONTENT_TYPE = "binary/octet-stream";
