import { grouped } from "./numbers";

/** Shows how far long work has come. */
export interface Progress {
    /** So much is done; printed at most ten times a second on a terminal, every five seconds elsewhere. */
    at(done: number): void;
    /** Ends the line, with a closing sentence. */
    end(sentence: string): void;
}

/** Makes a progress display on standard error: a line that rewrites itself on a terminal, plain lines elsewhere. `total` 0 means unknown. */
export function progress(label: string, total: number, stream: NodeJS.WriteStream = process.stderr): Progress {
    const pause = stream.isTTY ? 100 : 5000;
    let printed = Date.now();
    const text = (done: number) => `${label}: ${grouped(done)}${total ? ` of ${grouped(total)}` : ""}`;
    return {
        at(done) {
            if (Date.now() - printed < pause) return;
            printed = Date.now();
            stream.write(stream.isTTY ? `\r\x1b[K${text(done)}` : `${text(done)}\n`);
        },
        end(sentence) {
            stream.write(stream.isTTY ? `\r\x1b[K${sentence}\n` : `${sentence}\n`);
        },
    };
}
