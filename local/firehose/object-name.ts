/** Bytes of an object's key. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const MAX_KEY_BYTES = 1024;

/** Bytes that the name below the prefix takes, at most: stream, version, time, UUID, extension. */
export const NAME_BYTES = 64 + 20 + 20 + 37 + 128;
