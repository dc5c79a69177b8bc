import { createHmac, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Caller, Iam, Place } from "../services";

/** The operator's access key and secret: what the README tells to put into `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. */
export const OPERATOR_KEY = { accessKeyId: "local", secretAccessKey: "local" } as const;

/** The keys of callers: the operator's is fixed, those of role sessions are derived from a secret in the data folder. */
export type Sessions = Pick<Iam, "credentials"> & {
    /** Credentials of a caller's own, good until a time in milliseconds since 1970. */
    temporary(caller: Caller, until: number): Keys;
    /** `until` is there for a session that ends, whether it has or not. */
    identify(
        accessKeyId: string,
    ): { caller: Caller; secretAccessKey: string; sessionToken?: string; until?: number } | undefined;
};

type Keys = Required<ReturnType<Iam["credentials"]>>;

/** A session that has been handed out. Those of services last as long as the data folder; those that somebody asked for have a key and an end. */
interface Session {
    readonly arn: string;
    readonly roleArn?: string;
    readonly key?: string;
    readonly until?: number;
}

/** How long a session that has ended is remembered, so that its user is told what is wrong. */
const REMEMBERED_MS = 24 * 3_600_000;

/** Makes {@link Sessions}. Keys that were handed out are good after a restart too: each session is noted on disk once. */
export function createSessions(place: Pick<Place, "data">, root: Caller, now: () => number): Sessions {
    const folder = path.join(place.data, "iam");
    const noted = path.join(folder, "sessions.jsonl");
    let opened: { secret: string; sessions: Map<string, Session> } | undefined;
    const keys = new Map<string, Keys>();

    function open() {
        if (opened) return opened;
        fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
        const known = lines(noted).filter(({ until = Number.POSITIVE_INFINITY }) => until > now() - REMEMBERED_MS);
        const sessions = new Map(known.map((session) => [session.key ?? keyOf(session), session] as const));
        rewrite(noted, [...sessions.values()]);
        opened = { secret: secretIn(path.join(folder, "secret")), sessions };
        return opened;
    }

    function note(accessKeyId: string, session: Session): void {
        const { sessions } = open();
        fs.appendFileSync(noted, `${JSON.stringify(session)}\n`, { mode: 0o600 });
        sessions.set(accessKeyId, session);
    }

    /** Each request asks for them. */
    function keysOf(accessKeyId: string): Keys {
        const known = keys.get(accessKeyId) ?? {
            accessKeyId,
            secretAccessKey: derived("secret", accessKeyId).slice(0, 40),
            sessionToken: derived("token", accessKeyId),
        };
        keys.set(accessKeyId, known);
        return known;
    }

    function derived(use: string, accessKeyId: string): string {
        return createHmac("sha256", open().secret).update(`${use} ${accessKeyId}`).digest("base64");
    }

    function credentials(caller: Caller) {
        if (caller.arn === root.arn) return { ...OPERATOR_KEY };
        const accessKeyId = keyOf(caller);
        if (!open().sessions.has(accessKeyId)) note(accessKeyId, caller);
        return keysOf(accessKeyId);
    }

    return {
        credentials,
        temporary({ arn, roleArn }, until) {
            const key = `ASIA${base32(randomBytes(16))}`;
            note(key, { arn, ...(roleArn && { roleArn }), key, until });
            return keysOf(key);
        },
        identify(accessKeyId) {
            if (accessKeyId === OPERATOR_KEY.accessKeyId)
                return { caller: root, secretAccessKey: OPERATOR_KEY.secretAccessKey };
            const session = open().sessions.get(accessKeyId);
            if (!session) return undefined;
            const { arn, roleArn, until } = session;
            const { secretAccessKey, sessionToken } = keysOf(accessKeyId);
            const caller = { arn, ...(roleArn && { roleArn }) };
            return { caller, secretAccessKey, sessionToken, ...(until !== undefined && { until }) };
        },
    };
}

/** An access key in the form of AWS's temporary ones: ASIA and 16 characters of base 32. */
function keyOf(caller: Caller): string {
    const digest = createHmac("sha256", "tributary").update(`${caller.arn} ${caller.roleArn}`).digest();
    return `ASIA${base32(digest.subarray(0, 16))}`;
}

function base32(bytes: Buffer): string {
    return [...bytes].map((byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte & 31]).join("");
}

function secretIn(file: string): string {
    try {
        fs.writeFileSync(file, randomBytes(32).toString("hex"), { flag: "wx", mode: 0o600 });
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    return fs.readFileSync(file, "utf8");
}

function rewrite(file: string, sessions: readonly Session[]): void {
    if (!fs.existsSync(file)) return;
    const text = sessions.map((session) => `${JSON.stringify(session)}\n`).join("");
    fs.writeFileSync(`${file}.new`, text, { mode: 0o600 });
    fs.renameSync(`${file}.new`, file);
}

/** The sessions noted so far. A line that a crash cut short is passed over. */
function lines(file: string): Session[] {
    if (!fs.existsSync(file)) return [];
    return fs
        .readFileSync(file, "utf8")
        .split("\n")
        .flatMap((line) => {
            try {
                return [JSON.parse(line) as Session];
            } catch {
                return [];
            }
        });
}
