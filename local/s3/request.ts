import { serviceError } from "../errors";
import type { Caller, HttpRequest } from "../services";
import { MAX_KEY } from "./model";

/** A request to S3, read as far as its first line and headers tell. */
export interface S3Request {
    readonly http: HttpRequest;
    readonly caller: Caller;
    /** Empty when the request names none. */
    readonly bucket: string;
    /** Empty when the request names none. */
    readonly key: string;
    readonly query: URLSearchParams;
}

/** Where a request points: `/bucket/key?query`. The server has put a bucket that came before the host into the path. */
export function addressOf(http: HttpRequest): Pick<S3Request, "bucket" | "key" | "query"> {
    const mark = http.url.indexOf("?");
    const query = new URLSearchParams(mark < 0 ? "" : http.url.slice(mark + 1));
    // No URL parser: it would resolve the segments "." and "..", which are parts of a key here.
    const path = decode((mark < 0 ? http.url : http.url.slice(0, mark)).slice(1));
    const slash = path.indexOf("/");
    if (slash < 0) return { bucket: path, key: "", query };
    return { bucket: path.slice(0, slash), key: checked(path.slice(slash + 1)), query };
}

/** The bucket and key in an `x-amz-copy-source` header. */
export function copySourceOf(header: string): { readonly bucket: string; readonly key: string } {
    const [source = "", version] = header.replace(/^\//, "").split("?versionId=");
    const path = decode(source);
    const slash = path.indexOf("/");
    if (slash <= 0 || slash === path.length - 1 || (version !== undefined && version !== "null")) {
        throw serviceError(
            "InvalidArgument",
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        );
    }
    return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

/** A key, when S3 takes it. */
export function checked(key: string): string {
    if (Buffer.byteLength(key) > MAX_KEY) throw serviceError("KeyTooLongError", "Your key is too long");
    if (/\p{Surrogate}/u.test(key)) throw invalidUri();
    return key;
}

function decode(path: string): string {
    try {
        return decodeURIComponent(path);
    } catch {
        throw invalidUri();
    }
}

function invalidUri() {
    return serviceError("InvalidURI", "Couldn't parse the specified URI.");
}
