import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { crc32 } from "node:zlib";
import { isServiceError, serviceError } from "../errors";
import type { HttpRequest } from "../services";
import { dechunk, type Trailers } from "./chunks";
import { MAX_PUT } from "./model";

/** What is known of a body that has been written to a file, and checked against every digest that came with it. */
export interface Received {
    /** MD5 in hex digits. */
    readonly md5: string;
    /** The checksum that came with it, by its header. */
    readonly checksum?: Readonly<Record<string, string>>;
}

/** Writes a request's body to a new file, undoing the SDK's chunks. Throws when it is cut short, or not what its digests say. */
export async function receive(request: HttpRequest, file: string): Promise<Received> {
    const { headers } = request;
    const chunked = isChunked(headers);
    const length = headers[chunked ? "x-amz-decoded-content-length" : "content-length"];
    if (length !== undefined && Number(length) > MAX_PUT) {
        throw serviceError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
    }
    const trailers: Trailers = {};
    const pieces = chunked ? dechunk(request.stream, trailers) : request.stream;
    const digests = digestsOf(headers);
    const fd = fs.openSync(file, "wx");
    try {
        const size = await write(pieces, fd, digests);
        if (length !== undefined && size !== Number(length)) throw incomplete();
        const checksum = verify(digests, { ...headers, ...trailers });
        return { md5: digests.md5.hex(), ...(checksum && { checksum }) };
    } catch (error) {
        throw isServiceError(error) ? error : unlessOurs(error as NodeJS.ErrnoException);
    } finally {
        fs.closeSync(fd);
    }
}

/** S3's answer to a body that ended before its time. */
function incomplete() {
    return serviceError(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    );
}

/** A client that goes away is no fault of ours; a full disk is. */
function unlessOurs(error: NodeJS.ErrnoException): Error {
    return error.syscall === "write" ? error : incomplete();
}

function isChunked(headers: HttpRequest["headers"]): boolean {
    const signed = headers["x-amz-content-sha256"]?.startsWith("STREAMING-") ?? false;
    return signed || (headers["content-encoding"]?.includes("aws-chunked") ?? false);
}

async function write(pieces: AsyncIterable<unknown>, fd: number, digests: Digests): Promise<number> {
    let size = 0;
    for await (const piece of pieces as AsyncIterable<Buffer>) {
        for (const digest of Object.values(digests)) digest.update(piece);
        for (let at = 0; at < piece.length; ) at += fs.writeSync(fd, piece, at);
        size += piece.length;
    }
    return size;
}

interface Digest {
    update(piece: Buffer): void;
    hex(): string;
}

type Digests = Readonly<Record<string, Digest>> & { readonly md5: Digest };

function digestsOf(headers: HttpRequest["headers"]): Digests {
    const announced = `${headers["x-amz-trailer"]} ${Object.keys(headers).join(" ")}`;
    const has = (checksum: string) => announced.includes(`x-amz-checksum-${checksum}`);
    return {
        md5: hashing("md5"),
        ...(has("sha256") && { sha256: hashing("sha256") }),
        ...(has("sha1") && { sha1: hashing("sha1") }),
        ...(has("crc32") && { crc32: crc32Digest() }),
    };
}

function hashing(algorithm: string): Digest {
    const hash = createHash(algorithm);
    let digest: string | undefined;
    return {
        update: (piece) => void hash.update(piece),
        hex: () => {
            digest ??= hash.digest("hex");
            return digest;
        },
    };
}

function crc32Digest(): Digest {
    let value = 0;
    return {
        update: (piece) => {
            value = crc32(piece, value);
        },
        hex: () => value.toString(16).padStart(8, "0"),
    };
}

/** Compares what was received with what was announced; gives the checksum to keep. CRC-32C and CRC-64/NVME are kept as they came. */
function verify(digests: Digests, announced: Readonly<Record<string, string | undefined>>) {
    const contentMd5 = announced["content-md5"];
    if (contentMd5 !== undefined && contentMd5 !== base64(digests.md5.hex())) {
        throw serviceError("BadDigest", "The Content-MD5 you specified did not match what we received.");
    }
    const name = Object.keys(announced).find((header) => /^x-amz-checksum-(crc|sha)/.test(header));
    const value = name && announced[name];
    if (!value) return undefined;
    const algorithm = name.slice("x-amz-checksum-".length);
    const digest = digests[algorithm];
    if (digest && value !== base64(digest.hex())) {
        const message = `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`;
        throw serviceError("BadDigest", message);
    }
    return { [name]: value };
}

function base64(hex: string): string {
    return Buffer.from(hex, "hex").toString("base64");
}
