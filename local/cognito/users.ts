import * as fs from "node:fs";
import * as path from "node:path";

/** Where a user is in his life. https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html */
export type UserStatus = "UNCONFIRMED" | "CONFIRMED" | "FORCE_CHANGE_PASSWORD";

/** A user of a pool. Times are in milliseconds since 1970. */
export interface User {
    readonly username: string;
    readonly sub: string;
    /** Without `sub`. */
    readonly attributes: Readonly<Record<string, string>>;
    readonly status: UserStatus;
    readonly enabled: boolean;
    /** Salt and hash of the password; undefined when he has none. */
    readonly password?: string;
    /** Until when a temporary password is good. */
    readonly passwordExpires?: number;
    /** The confirmation code that was last given out. */
    readonly code?: { readonly value: string; readonly expires: number };
    readonly created: number;
    readonly modified: number;
}

/** A sign-in that can be refreshed. */
export interface Session {
    /** `origin_jti` of its tokens. */
    readonly id: string;
    readonly username: string;
    readonly clientId: string;
    /** SHA-256 of the refresh token. */
    readonly token: string;
    /** Seconds since 1970. */
    readonly authTime: number;
    readonly expires: number;
    readonly revoked?: true;
}

/** The users of a pool and their sessions, on disk. A change is written when its call returns. */
export interface Users {
    /** In the order in which they were made. */
    all(): readonly User[];
    byName(username: string): User | undefined;
    put(user: User): void;
    /** Removes a user with his sessions. */
    remove(username: string): void;
    session(id: string): Session | undefined;
    sessionByToken(token: string): Session | undefined;
    putSession(session: Session): void;
    /** Revokes every session of a user. */
    signOut(username: string): void;
}

type Line = { readonly user: User } | { readonly removed: string } | { readonly session: Session };

/** Opens the users in `file`: a journal of JSON lines, rewritten short when it is opened. Sessions that are over by `now` are forgotten. */
export function openUsers(file: string, now: number): Users {
    const users = new Map<string, User>();
    const sessions = new Map<string, Session>();
    const tokens = new Map<string, Session>();
    for (const line of readLines(file)) apply(line);
    for (const { id, token, expires } of sessions.values()) {
        if (expires * 1000 >= now) continue;
        sessions.delete(id);
        tokens.delete(token);
    }
    rewrite(file, [
        ...[...users.values()].map((user) => ({ user })),
        ...[...sessions.values()].map((session) => ({ session })),
    ]);

    function apply(line: Line): void {
        if ("user" in line) users.set(line.user.username, line.user);
        else if ("session" in line) {
            sessions.set(line.session.id, line.session);
            tokens.set(line.session.token, line.session);
        } else {
            users.delete(line.removed);
            for (const { id, token } of sessionsOf(line.removed)) {
                sessions.delete(id);
                tokens.delete(token);
            }
        }
    }

    function sessionsOf(username: string): Session[] {
        return [...sessions.values()].filter((session) => session.username === username);
    }

    function change(line: Line): void {
        fs.appendFileSync(file, textOf(line));
        apply(line);
    }

    return {
        all: () => [...users.values()],
        byName: (username) => users.get(username),
        put: (user) => change({ user }),
        remove: (username) => change({ removed: username }),
        session: (id) => sessions.get(id),
        sessionByToken: (token) => tokens.get(token),
        putSession: (session) => change({ session }),
        signOut(username) {
            for (const session of sessionsOf(username)) change({ session: { ...session, revoked: true } });
        },
    };
}

function readLines(file: string): readonly Line[] {
    if (!fs.existsSync(file)) return [];
    const lines = fs.readFileSync(file, "utf8").split("\n");
    // What follows the last line feed is a line that a kill cut short; nobody was told that it was written.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Line);
}

function rewrite(file: string, lines: readonly Line[]): void {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(`${file}.new`, lines.map(textOf).join(""), { mode: 0o600 });
    fs.renameSync(`${file}.new`, file);
}

function textOf(line: Line): string {
    return `${JSON.stringify(line)}\n`;
}
