import { serviceError } from "../errors";

/** Headers that come after a body. */
export type Trailers = Record<string, string>;

/** Longest line between chunks, in bytes: a size and a signature, or a trailer. */
const MAX_LINE = 8192;

/**
 * The content of a body in `aws-chunked` encoding, `<size in hex>[;chunk-signature=…]\r\n<bytes>\r\n` again and again, then trailers, which
 * are put into `trailers`: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 *
 * Chunk signatures are not checked: the signature of the request has been, and nobody sits between two ends of a loopback connection.
 */
export async function* dechunk(source: AsyncIterable<unknown>, trailers: Trailers): AsyncGenerator<Buffer> {
    const input = reader(source as AsyncIterable<Buffer>);
    for (;;) {
        let left = sizeOf(await input.line());
        if (left === 0) break;
        while (left > 0) {
            const data = await input.bytes(left);
            left -= data.length;
            yield data;
        }
        if ((await input.line()) !== "") throw badChunk();
    }
    for (let line = await input.line(); line !== ""; line = await input.line()) addTrailer(trailers, line);
}

/** Reads lines and bytes in turn. Throws when there are no more. */
function reader(source: AsyncIterable<Buffer>) {
    const pieces = source[Symbol.asyncIterator]();
    let rest: Buffer = Buffer.alloc(0);
    const more = async () => {
        const { done, value } = await pieces.next();
        if (done) throw badChunk();
        rest = rest.length === 0 ? value : Buffer.concat([rest, value]);
    };
    const take = (length: number) => {
        const taken = rest.subarray(0, length);
        rest = rest.subarray(length);
        return taken;
    };
    return {
        async line(): Promise<string> {
            for (let end = rest.indexOf("\r\n"); ; end = rest.indexOf("\r\n")) {
                if (end >= 0) return take(end + 2).toString("latin1", 0, end);
                if (rest.length > MAX_LINE) throw badChunk();
                await more();
            }
        },
        async bytes(most: number): Promise<Buffer> {
            if (rest.length === 0) await more();
            return take(most);
        },
    };
}

function sizeOf(line: string): number {
    const size = /^([0-9a-fA-F]{1,8})(;.*)?$/.exec(line)?.[1];
    if (size === undefined) throw badChunk();
    return Number.parseInt(size, 16);
}

function addTrailer(trailers: Trailers, line: string): void {
    const colon = line.indexOf(":");
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
}

function badChunk() {
    return serviceError("IncompleteBody", "The request body terminated unexpectedly");
}
