import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import type { Caller, Iam } from "../services";

/** What of a request its signature covers. */
export interface SignedRequest {
    readonly method: string;
    /** Path and query as they came. */
    readonly url: string;
    /** Every value of a header by its name in lower case, `host` included. */
    readonly header: (name: string) => readonly string[];
}

/** What a signature says before it has been checked. */
export interface Claim {
    readonly accessKeyId: string;
    /** `20261120/us-east-1/firehose/aws4_request`. */
    readonly scope: string;
    /** The service in the scope: `firehose`, `s3`, `execute-api`. */
    readonly service: string;
    /** `20261120T120000Z`. */
    readonly date: string;
    readonly signedHeaders: readonly string[];
    readonly signature: string;
    readonly token: string | undefined;
    /** Seconds that a presigned URL is good for; undefined when the signature is in the header. */
    readonly expires: number | undefined;
    /** The hash of the body that the client declares: 64 hex digits, `UNSIGNED-PAYLOAD`, `STREAMING-...`, or undefined. */
    readonly payload: string | undefined;
}

/** Why a signature is refused. Each service has its own code and sentence for it, see refusals.ts. */
export type Problem =
    | "incomplete"
    | "unknown-key"
    | "token"
    | "token-expired"
    | "mismatch"
    | "expired"
    | "early"
    | "url-expired"
    | "scope"
    | "payload";

/** A signature that is refused, with what its sentence has to say. */
export interface Refused {
    readonly problem: Problem;
    readonly detail: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const MINUTE = 60_000;

/** The claim of a request: undefined when it is not signed, a {@link Refused} when the claim cannot be read. */
export function claimOf(request: SignedRequest): Claim | Refused | undefined {
    const authorization = request.header("authorization")[0];
    if (authorization?.startsWith("AWS4-")) return headerClaim(request, authorization);
    if (/[?&]X-Amz-(Algorithm|Signature)=/.test(request.url)) return queryClaim(request);
    return undefined;
}

/** Whether a request is signed in the way that S3 had before 2014, which the AWS CLI 1 still does in `presign` unless told otherwise. */
export function isVersion2({ url, header }: SignedRequest): boolean {
    return header("authorization")[0]?.startsWith("AWS ") === true || /[?&]AWSAccessKeyId=/.test(url);
}

/** Whether what {@link claimOf} or {@link createVerifier} gave is a refusal. */
export function isRefused(given: object | undefined): given is Refused {
    return given !== undefined && "problem" in given;
}

function headerClaim(request: SignedRequest, authorization: string): Claim | Refused {
    const parts = parameters(authorization.slice(authorization.indexOf(" ") + 1));
    const date = request.header("x-amz-date")[0] ?? basicDate(request.header("date")[0]);
    const credential = parts.Credential?.split("/");
    const lacks = ["Credential", "Signature", "SignedHeaders"].filter((name) => !parts[name]);
    const sentences = lacks.map((name) => `Authorization header requires '${name}' parameter.`);
    if (!date) sentences.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
    if (sentences.length === 0 && !authorization.startsWith(`${ALGORITHM} `))
        sentences.push(`Unsupported AWS 'algorithm': '${authorization.split(" ")[0]}'.`);
    if (sentences.length === 0 && !isCredential(credential))
        sentences.push("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.");
    if (sentences.length > 0 || !credential || !date) {
        const hash = createHash("sha256").update(authorization).digest("base64");
        sentences.push(`(Hashed with SHA-256 and encoded with Base64) Authorization=${hash}`);
        return { problem: "incomplete", detail: sentences.join(" ") };
    }
    return claim(request, credential, date, {
        SignedHeaders: parts.SignedHeaders as string,
        Signature: parts.Signature as string,
        token: request.header("x-amz-security-token")[0],
        expires: undefined,
    });
}

function queryClaim(request: SignedRequest): Claim | Refused {
    const query = new URLSearchParams(request.url.slice(request.url.indexOf("?") + 1));
    const names = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders"];
    const credential = query.get("X-Amz-Credential")?.split("/");
    const date = query.get("X-Amz-Date");
    const expires = Number(query.get("X-Amz-Expires") ?? "900");
    const whole = names.every((name) => query.get(name)) && query.get("X-Amz-Algorithm") === ALGORITHM;
    if (!whole || !date || !isCredential(credential) || !(expires >= 0 && expires <= 604_800)) {
        const needs =
            "the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires";
        return { problem: "incomplete", detail: `Query-string authentication version 4 requires ${needs} parameters.` };
    }
    return claim(request, credential, date, {
        SignedHeaders: query.get("X-Amz-SignedHeaders") as string,
        Signature: query.get("X-Amz-Signature") as string,
        token: query.get("X-Amz-Security-Token") ?? undefined,
        expires,
    });
}

function claim(
    request: SignedRequest,
    [accessKeyId = "", ...scope]: readonly string[],
    date: string,
    rest: { SignedHeaders: string; Signature: string; token: string | undefined; expires: number | undefined },
): Claim {
    return {
        accessKeyId,
        scope: scope.join("/"),
        service: scope[2] as string,
        date,
        signedHeaders: rest.SignedHeaders.toLowerCase().split(";"),
        signature: rest.Signature,
        token: rest.token,
        expires: rest.expires,
        payload: request.header("x-amz-content-sha256")[0],
    };
}

function isCredential(parts: readonly string[] | undefined): parts is readonly string[] {
    return parts?.length === 5 && parts.every(Boolean);
}

/** `Credential=a/b, SignedHeaders=c;d, Signature=e` as an object. */
function parameters(text: string): Partial<Record<string, string>> {
    const parts = text.split(",").map((part) => part.trim());
    return Object.fromEntries(parts.map((part) => [part.split("=", 1)[0], part.slice(part.indexOf("=") + 1)]));
}

/** An HTTP date in the form of `X-Amz-Date`. */
function basicDate(date: string | undefined): string | undefined {
    const time = Date.parse(date ?? "");
    return Number.isNaN(time) ? undefined : basic(time);
}

/** `20261120T120000Z`. */
function basic(time: number): string {
    return new Date(time).toISOString().replace(/[-:]|\.\d+/g, "");
}

/** The time in `20261120T120000Z`, or NaN. */
function timeOf(date: string): number {
    return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

/** Whom a key belongs to, and how long it is good. */
type Identified = ReturnType<Iam["identify"]> & { readonly sessionToken?: string; readonly until?: number };

/**
 * Makes the check of a claim. `bodyHash` is asked for only when the client declares no hash of its body.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function createVerifier(iam: Pick<Iam, "identify">, now: () => number) {
    const keyFor = signingKeys();

    async function verify(
        request: SignedRequest,
        claim: Claim,
        bodyHash: () => Promise<string>,
    ): Promise<Caller | Refused> {
        const who: Identified | undefined = iam.identify(claim.accessKeyId);
        if (!who) return { problem: "unknown-key", detail: claim.accessKeyId };
        if (who.sessionToken !== undefined && who.sessionToken !== claim.token) return { problem: "token", detail: "" };
        if (who.until !== undefined && now() >= who.until) return { problem: "token-expired", detail: "" };
        const late = lateness(claim, now());
        if (late) return late;
        const payload = claim.payload ?? (isUnsigned(claim) ? "UNSIGNED-PAYLOAD" : await bodyHash());
        const key = keyFor(who.secretAccessKey, claim.scope);
        for (const canonical of canonicalRequests(request, claim, payload)) {
            const signed = `${ALGORITHM}\n${claim.date}\n${claim.scope}\n${sha256(canonical)}`;
            if (isSame(createHmac("sha256", key).update(signed).digest("hex"), claim.signature)) return who.caller;
        }
        return { problem: "mismatch", detail: "" };
    }
    return verify;
}

/** A presigned URL of S3 never covers the body. */
function isUnsigned(claim: Claim): boolean {
    return claim.service === "s3" && claim.expires !== undefined;
}

/** S3 lets clocks differ by 15 minutes, and all others by 5. */
function lateness(claim: Claim, now: number): Refused | undefined {
    const signed = timeOf(claim.date);
    const minutes = claim.service === "s3" ? 15 : 5;
    const [scoped, dated] = [claim.scope.split("/", 1)[0], claim.date.slice(0, 8)];
    if (scoped !== dated || Number.isNaN(signed)) {
        const differ = `'${scoped}' != '${dated}', from '${claim.date}'.`;
        return {
            problem: "scope",
            detail: `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ${differ}`,
        };
    }
    if (signed > now + minutes * MINUTE)
        return {
            problem: "early",
            detail: `Signature not yet current: ${claim.date} is still later than ${basic(now + minutes * MINUTE)} (${basic(now)} + ${minutes} min.)`,
        };
    if (claim.expires !== undefined)
        return signed + claim.expires * 1000 < now
            ? { problem: "url-expired", detail: "Request has expired" }
            : undefined;
    if (signed < now - minutes * MINUTE)
        return {
            problem: "expired",
            detail: `Signature expired: ${claim.date} is now earlier than ${basic(now - minutes * MINUTE)} (${basic(now)} - ${minutes} min.)`,
        };
    return undefined;
}

/**
 * The canonical request, in each form in which clients write it: AWS's own first, then curl 7, which neither sorts the query nor escapes
 * the path twice. Whoever has the secret may use either, so accepting both gives nothing away.
 */
function* canonicalRequests(request: SignedRequest, claim: Claim, payload: string): Generator<string> {
    const mark = request.url.indexOf("?");
    const path = mark < 0 ? request.url : request.url.slice(0, mark);
    const query = mark < 0 ? "" : request.url.slice(mark + 1);
    const headers = claim.signedHeaders
        .map((name) => `${name}:${request.header(name).map(trimmed).join(",")}\n`)
        .join("");
    const paths = claim.service === "s3" ? [path] : [escapedTwice(normalized(path)), escapedTwice(path), path];
    for (const eachPath of new Set(paths))
        for (const eachQuery of new Set([sorted(query), query]))
            yield `${request.method}\n${eachPath}\n${eachQuery}\n${headers}\n${claim.signedHeaders.join(";")}\n${payload}`;
}

function trimmed(value: string): string {
    return value.trim().replace(/ +/g, " ");
}

function escapedTwice(path: string): string {
    return escaped(path).replace(/%2F/g, "/");
}

/** Without empty and dotted steps. */
function normalized(path: string): string {
    if (!path.includes("//") && !path.includes("/.")) return path;
    const steps: string[] = [];
    for (const step of path.split("/")) {
        if (step === "..") steps.pop();
        else if (step !== "" && step !== ".") steps.push(step);
    }
    return `/${steps.join("/")}${steps.length > 0 && path.endsWith("/") ? "/" : ""}`;
}

/** The query as AWS sorts it, each name and value escaped once, the signature itself left out. */
function sorted(query: string): string {
    if (query === "") return "";
    return query
        .split("&")
        .filter((pair) => pair !== "" && !pair.startsWith("X-Amz-Signature="))
        .map((pair) => {
            const mark = pair.indexOf("=");
            return mark < 0 ? [reescaped(pair), ""] : [reescaped(pair.slice(0, mark)), reescaped(pair.slice(mark + 1))];
        })
        .sort(([a = "", x = ""], [b = "", y = ""]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
        .map(([name, value]) => `${name}=${value}`)
        .join("&");
}

/** Escaped as AWS wants it, whatever the client escaped. A percent sign that starts no escape stands for itself. */
function reescaped(text: string): string {
    if (/^[A-Za-z0-9_.~-]*$/.test(text)) return text;
    try {
        return escaped(decodeURIComponent(text.replace(/\+/g, "%20")));
    } catch {
        return text;
    }
}

/** RFC 3986: everything but letters, digits and `-_.~`. */
function escaped(text: string): string {
    return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function isSame(a: string, b: string): boolean {
    return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** Lower-case hex digits of a body's SHA-256. */
export function sha256(body: string | Buffer): string {
    return createHash("sha256").update(body).digest("hex");
}

/** Signing keys are derived in four steps and hold for a day, so a few of them are kept. */
function signingKeys() {
    const keys = new Map<string, KeyObject>();
    return (secret: string, scope: string): KeyObject => {
        const name = `${secret}/${scope}`;
        const known = keys.get(name);
        if (known) return known;
        let bytes: Buffer = Buffer.from(`AWS4${secret}`);
        for (const step of scope.split("/")) bytes = createHmac("sha256", bytes).update(step).digest();
        // Node 24 takes as long to see that bytes are not yet a key as for several hashes.
        const key = createSecretKey(bytes);
        if (keys.size >= 1000) keys.clear();
        keys.set(name, key);
        return key;
    };
}
