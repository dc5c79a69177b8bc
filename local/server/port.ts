import * as http from "node:http";
import * as http2 from "node:http2";
import type { Socket } from "node:net";
import { serviceError } from "../errors";
import type { Incoming, Outgoing } from "./exchange";

/** One TCP port that speaks HTTP/1.1, and HTTP/2 to clients that begin with it (prior knowledge, as the SDK's Kinesis client does). */
export interface Port {
    /** Listens, and gives the port: the one asked for, or a free one for 0. */
    listen(port: number, host: string): Promise<number>;
    /** Stops listening, lets requests under way end for at most `graceMs` (2 s by default), then cuts every connection. */
    close(graceMs?: number): Promise<void>;
}

/** The longest time a client may take to say which protocol it speaks, in milliseconds. */
const FIRST_BYTES_MS = 60_000;

/** The longest time that an HTTP/2 session may do nothing, in milliseconds. */
const IDLE_MS = 300_000;

/** Each HTTP/2 session gives its peer at most this many streams at a time. */
const HTTP2 = { settings: { maxConcurrentStreams: 250, initialWindowSize: 4 * 1024 * 1024 } };

/** Makes a {@link Port}; each request of either protocol goes to `handle`. */
export function createPort(handle: (request: Incoming, response: Outgoing) => void): Port {
    const undecided = new Set<Socket>();
    const sessions = new Set<http2.ServerHttp2Session>();
    let closing = false;

    const h1 = http.createServer({ keepAliveTimeout: 65_000, noDelay: true }, (request, response) => {
        response.once("close", () => closing && setImmediate(() => h1.closeIdleConnections()));
        handle(request, response);
    });
    // Node has this switch for clients that end their side after the request, such as nc, but neither documents nor types it.
    Object.assign(h1, { httpAllowHalfOpen: true });
    const h2 = http2.createServer(HTTP2, handle).on("session", (session) => {
        sessions.add(session);
        session.on("close", () => sessions.delete(session));
        session.setTimeout(IDLE_MS, () => session.close());
    });

    // The HTTP/1.1 server listens and counts its connections; those that begin with HTTP/2's preface are passed on.
    const [toHttp1] = h1.listeners("connection") as [(socket: Socket) => void];
    h1.removeAllListeners("connection").on("connection", (socket: Socket) => {
        undecided.add(socket);
        firstBytes(socket, (isHttp2) => {
            undecided.delete(socket);
            if (isHttp2 === undefined) return;
            // HTTP/1.1 answers a client that has said all it wants to; HTTP/2 has no use for a connection without its other half.
            socket.allowHalfOpen = !isHttp2;
            if (isHttp2) h2.emit("connection", socket);
            else toHttp1.call(h1, socket);
        });
    });

    return {
        listen: (port, host) =>
            new Promise((resolve, reject) => {
                h1.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, port, host)));
                h1.listen(port, host, () => resolve((h1.address() as { port: number }).port));
            }),
        async close(graceMs = 2_000) {
            closing = true;
            const closed = new Promise<void>((resolve) => h1.close(() => resolve()));
            for (const socket of undecided) socket.destroy();
            for (const session of sessions) session.close();
            const cut = setTimeout(() => {
                h1.closeAllConnections();
                for (const session of sessions) session.destroy();
            }, graceMs);
            await closed;
            clearTimeout(cut);
        },
    };
}

const PREFACE = "PRI";

/** Tells whether a connection begins with HTTP/2, or undefined when it ends before it says so. The bytes stay readable. */
function firstBytes(socket: Socket, decide: (isHttp2: boolean | undefined) => void): void {
    let head = Buffer.alloc(0);
    const endings = ["end", "error", "timeout", "close"] as const;
    const settle = (isHttp2: boolean | undefined) => {
        socket.off("readable", read).setTimeout(0);
        for (const ending of endings) socket.off(ending, drop);
        decide(isHttp2);
    };
    const drop = () => {
        settle(undefined);
        socket.on("error", () => undefined).destroy();
    };
    const read = () => {
        const chunk = socket.read() as Buffer | null;
        if (chunk === null) return;
        head = Buffer.concat([head, chunk]);
        const begins = head.toString("latin1", 0, PREFACE.length);
        if (begins.length < PREFACE.length && PREFACE.startsWith(begins)) return;
        socket.unshift(head);
        settle(begins === PREFACE);
    };
    socket.on("readable", read).setTimeout(FIRST_BYTES_MS);
    for (const ending of endings) socket.on(ending, drop);
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): Error {
    if (error.code !== "EADDRINUSE") return error;
    const message = `Port ${port} of ${host} is in use. Stop what listens there, or choose another port (0 takes a free one).`;
    return serviceError("PortInUse", message);
}
