import type { HttpResponse, Services } from "../../services";
import type { S3Request } from "../request";
import type { Store } from "../store";
import type { Uploads } from "../uploads";

/** What the operations work with. */
export interface S3Context extends Pick<Services, "clock" | "iam" | "place" | "resources" | "randomHex"> {
    readonly store: Store;
    readonly uploads: Uploads;
    /** Throws S3's NoSuchBucket unless the program has made the bucket. */
    requireBucket(bucket: string): void;
    /** How the bucket encrypts its objects, as far as answers tell; undefined for S3's own way. */
    encryption(bucket: string): string | undefined;
    /** Throws S3's AccessDenied unless the caller's policies, and the bucket's, allow the action. */
    authorize(
        request: Pick<S3Request, "caller">,
        action: string,
        bucket: string,
        key?: string,
        condition?: Readonly<Record<string, string>>,
    ): void;
}

/** One operation of S3's REST API. The caller has been authorized, the bucket is there, and the key is one that S3 takes. */
export type S3Operation = (context: S3Context, request: S3Request) => HttpResponse | Promise<HttpResponse>;
