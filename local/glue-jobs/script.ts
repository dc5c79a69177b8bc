import * as fs from "node:fs";
import { unsupported } from "../errors";
import type { S3 } from "../services";
import type { Arguments, JobInputs } from "./config";
import type { Folder } from "./mapping/arguments";

/** The line by which a script says that the local runtime may do its work, by the rules of this version. */
const MARKER = /^# Runs locally: lake_job 1$/m;

/** Bytes of a script within which the line stands. */
const HEAD = 1024;

/**
 * Throws LocalUnsupported for a script that the runtime has no other way to run: Python and Spark are not there, so it does itself what
 * `functions/lake_job.py` is told by its arguments. A script that is missing fails the run, as on AWS.
 */
export function requireLocalScript(s3: Pick<S3, "file">, { name, command }: JobInputs, given: Arguments): void {
    const { bucket, prefix: key } = scriptPlace(command.scriptLocation);
    const head = headOf(s3.file(bucket, key));
    if (head === undefined || (MARKER.test(head) && given["--mapping"] !== undefined)) return;
    throw unsupported(
        `The script ${command.scriptLocation} of the Glue job ${name} (it runs only what has the line "# Runs locally: lake_job 1", and an argument --mapping)`,
    );
}

/** Bucket and key of a script. */
export function scriptPlace(location: string): Folder {
    const [, bucket = "", prefix = ""] = /^s3[an]?:\/\/([^/]+)\/(.*)$/s.exec(location) ?? [];
    return { bucket, prefix };
}

function headOf(file: string): string | undefined {
    if (!fs.existsSync(file)) return undefined;
    const bytes = Buffer.alloc(HEAD);
    const opened = fs.openSync(file, "r");
    const length = fs.readSync(opened, bytes);
    fs.closeSync(opened);
    return bytes.toString("utf8", 0, length);
}
