/** An error that a local service answers with, as AWS would: its code, its message, its HTTP status. */
export interface ServiceError extends Error {
    /** AWS's error code, such as `ResourceNotFoundException`. */
    readonly code: string;
    /** HTTP status of the answer. */
    readonly status: number;
}

/** Makes a {@link ServiceError}. The status is 400 unless given, which is what AWS's JSON services answer for a caller's mistake. */
export function serviceError(code: string, message: string, status = 400): ServiceError {
    return Object.assign(new Error(message), { name: code, code, status });
}

/** Code of the error that stands for what the local runtime lacks. AWS has no such code, so it cannot pass for AWS's own answer. */
export const LOCAL_UNSUPPORTED = "LocalUnsupported";

/** Makes the error for an operation, option or resource that AWS has and the local runtime lacks. */
export function unsupported(what: string): ServiceError {
    return serviceError(LOCAL_UNSUPPORTED, `${what} is not supported by the local runtime.`, 501);
}

/** Whether an error is a {@link ServiceError}. */
export function isServiceError(error: unknown): error is ServiceError {
    return error instanceof Error && "code" in error && "status" in error;
}
