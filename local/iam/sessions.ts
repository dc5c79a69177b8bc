import { createHmac, randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Caller, Iam, Place } from "../services";

/** The operator's access key and secret: what the README tells to put into `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. */
export const OPERATOR_KEY = { accessKeyId: "local", secretAccessKey: "local" } as const;

/** The keys of callers: the operator's is fixed, those of role sessions are derived from a secret in the data folder. */
export type Sessions = Pick<Iam, "credentials"> & {
    identify(accessKeyId: string): { caller: Caller; secretAccessKey: string; sessionToken?: string } | undefined;
};

/** Makes {@link Sessions}. Keys that were handed out are good after a restart too: each session is noted on disk once. */
export function createSessions(place: Pick<Place, "data">, root: Caller): Sessions {
    const folder = path.join(place.data, "iam");
    const noted = path.join(folder, "sessions.jsonl");
    let opened: { secret: string; callers: Map<string, Caller> } | undefined;

    function open() {
        if (opened) return opened;
        fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
        const callers = new Map(lines(noted).map((caller) => [keyOf(caller), caller] as const));
        opened = { secret: secretIn(path.join(folder, "secret")), callers };
        return opened;
    }

    function derived(use: string, accessKeyId: string): string {
        return createHmac("sha256", open().secret).update(`${use} ${accessKeyId}`).digest("base64");
    }

    function credentials(caller: Caller) {
        if (caller.arn === root.arn) return { ...OPERATOR_KEY };
        const { callers } = open();
        const accessKeyId = keyOf(caller);
        if (!callers.has(accessKeyId)) {
            fs.appendFileSync(noted, `${JSON.stringify(caller)}\n`, { mode: 0o600 });
            callers.set(accessKeyId, caller);
        }
        return {
            accessKeyId,
            secretAccessKey: derived("secret", accessKeyId).slice(0, 40),
            sessionToken: derived("token", accessKeyId),
        };
    }

    return {
        credentials,
        identify(accessKeyId) {
            if (accessKeyId === OPERATOR_KEY.accessKeyId)
                return { caller: root, secretAccessKey: OPERATOR_KEY.secretAccessKey };
            const caller = open().callers.get(accessKeyId);
            if (!caller) return undefined;
            const { secretAccessKey, sessionToken } = credentials(caller);
            return { caller, secretAccessKey, sessionToken };
        },
    };
}

/** An access key in the form of AWS's temporary ones: ASIA and 16 characters of base 32. */
function keyOf(caller: Caller): string {
    const digest = createHmac("sha256", "tributary").update(`${caller.arn} ${caller.roleArn}`).digest();
    return `ASIA${[...digest.subarray(0, 16)].map((byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte & 31]).join("")}`;
}

function secretIn(file: string): string {
    try {
        fs.writeFileSync(file, randomBytes(32).toString("hex"), { flag: "wx", mode: 0o600 });
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    return fs.readFileSync(file, "utf8");
}

/** The callers noted so far. A line that a crash cut short is passed over. */
function lines(file: string): Caller[] {
    if (!fs.existsSync(file)) return [];
    return fs
        .readFileSync(file, "utf8")
        .split("\n")
        .flatMap((line) => {
            try {
                return [JSON.parse(line) as Caller];
            } catch {
                return [];
            }
        });
}
