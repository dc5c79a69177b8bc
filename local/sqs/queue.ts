import * as path from "node:path";
import { type Entry, openJournal } from "../journal";
import type { Services } from "../services";
import type { QueueConfig } from "./config";
import type { Message } from "./message";

/** A message that was received, with the handle by which it is deleted. */
export interface Received extends Message {
    readonly receipt: string;
}

/** How many messages a queue has. */
export interface QueueCounts {
    /** That can be received. */
    readonly visible: number;
    /** That were received and are not yet deleted. */
    readonly inFlight: number;
    /** That are delayed. */
    readonly delayed: number;
}

/** A queue at work. */
export interface Queue {
    /** Takes messages; they are on disk when this returns. */
    add(messages: readonly Message[]): void;
    /** Gives up to `most` messages that can be received, and hides them for so long. What was received too often, or is too old, is taken out. */
    take(config: QueueConfig, most: number, visibilityMs: number): readonly Received[];
    /** Deletes a received message; false when the handle is none of this queue's. A message that is gone already counts as deleted. */
    remove(receipt: string): boolean;
    /** Hides a received message for so long from now on, and tells what the handle named. */
    hide(receipt: string, visibilityMs: number): "hidden" | "not in flight" | "no handle";
    purge(): void;
    counts(config: QueueConfig): QueueCounts;
    /** Resolves when there may be something to receive, at the latest after `ms`. */
    wait(ms: number, signal: AbortSignal): Promise<void>;
    close(): void;
}

/** Opens the queue kept in a folder. `bury` puts messages into the dead-letter queue with that ARN, before they leave this one. */
export function openQueue(
    { clock, randomHex }: Pick<Services, "clock" | "randomHex">,
    folder: string,
    bury: (targetArn: string, messages: readonly Message[]) => boolean,
): Queue {
    const journal = openJournal<Message>(path.join(folder, "messages.jsonl"));
    const watchers = new Set<() => void>();

    /** A handle names the message and the receipt; only the message counts when it is used, as on AWS' standard queues. */
    const receiptOf = ({ id }: Message) => Buffer.from(JSON.stringify([id, randomHex(8)])).toString("base64");

    function messageOf(receipt: string): { readonly id: string; readonly message: Message | undefined } | undefined {
        try {
            const [id] = JSON.parse(Buffer.from(receipt, "base64").toString()) as [unknown];
            return typeof id === "string" ? { id, message: journal.kept.get(id) } : undefined;
        } catch {
            return undefined;
        }
    }

    function received(config: QueueConfig, message: Message, now: number): boolean {
        if (message.visible > now || message.sent + config.retentionMs <= now) return false;
        return !config.redrive || message.receiveCount < config.redrive.maxReceiveCount;
    }

    /** Takes out what is too old, and what was received too often. */
    function sweep({ retentionMs, redrive, arn }: QueueConfig, now: number): void {
        const all = [...journal.kept.values()];
        const old = all.filter(({ sent }) => sent + retentionMs <= now);
        const spent = redrive
            ? all.filter((m) => m.visible <= now && m.receiveCount >= redrive.maxReceiveCount && !old.includes(m))
            : [];
        const moved = spent.map((message) => ({ ...message, visible: now, receiveCount: 0, sourceArn: arn }));
        const buried = redrive && moved.length > 0 && bury(redrive.deadLetterTargetArn, moved) ? moved : [];
        const gone: Entry<Message>[] = [...old, ...buried].map(({ id }) => ({ remove: id }));
        if (gone.length > 0) journal.write(gone);
    }

    return {
        add(messages) {
            journal.write(messages.map((put) => ({ put })));
            for (const wake of [...watchers]) wake();
        },
        take(config, most, visibilityMs) {
            const now = clock.now();
            sweep(config, now);
            const taken: Message[] = [];
            for (const message of journal.kept.values()) {
                if (taken.length === most) break;
                if (!received(config, message, now)) continue;
                taken.push({
                    ...message,
                    visible: now + visibilityMs,
                    receiveCount: message.receiveCount + 1,
                    firstReceived: message.firstReceived ?? now,
                });
            }
            if (taken.length > 0) journal.write(taken.map((put) => ({ put })));
            return taken.map((message) => ({ ...message, receipt: receiptOf(message) }));
        },
        remove(receipt) {
            const named = messageOf(receipt);
            if (named?.message) journal.write([{ remove: named.id }]);
            return named !== undefined;
        },
        hide(receipt, visibilityMs) {
            const named = messageOf(receipt);
            if (!named) return "no handle";
            const { message } = named;
            if (!message || message.visible <= clock.now() || message.receiveCount === 0) return "not in flight";
            journal.write([{ put: { ...message, visible: clock.now() + visibilityMs } }]);
            for (const wake of [...watchers]) wake();
            return "hidden";
        },
        purge: () => journal.write([{ purge: true }]),
        counts({ retentionMs }) {
            const now = clock.now();
            const live = [...journal.kept.values()].filter(({ sent }) => sent + retentionMs > now);
            const hidden = live.filter(({ visible }) => visible > now);
            const inFlight = hidden.filter(({ receiveCount }) => receiveCount > 0).length;
            return { visible: live.length - hidden.length, inFlight, delayed: hidden.length - inFlight };
        },
        async wait(ms, signal) {
            const now = clock.now();
            const next = [...journal.kept.values()].reduce(
                (least, { visible }) => (visible > now ? Math.min(least, visible - now) : least),
                ms,
            );
            const stop = new AbortController();
            const wake = () => stop.abort();
            watchers.add(wake);
            signal.addEventListener("abort", wake);
            await clock.sleep(Math.min(ms, next), signal.aborted ? signal : stop.signal);
            watchers.delete(wake);
            signal.removeEventListener("abort", wake);
        },
        close() {
            for (const wake of [...watchers]) wake();
            journal.close();
        },
    };
}
