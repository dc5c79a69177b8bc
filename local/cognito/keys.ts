import {
    createHash,
    createPrivateKey,
    createPublicKey,
    generateKeyPair,
    type JsonWebKey,
    sign,
    verify,
} from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";

/** What a token says. */
export type Claims = Readonly<Record<string, unknown>>;

/** The key pair of a pool. */
export interface Signer {
    /** The public key, as `jwks.json` has it. */
    readonly publicKey: JsonWebKey;
    /** Makes a token. */
    sign(claims: Claims): string;
    /** What a token says that this key has signed, whether it has expired or not; undefined for any other text. */
    open(token: string): Claims | undefined;
}

/** Tokens whose signature is known to be right are kept, so that an API can ask thousands of times per second. */
const MOST_TOKENS = 10_000;

/** Makes a key pair as Cognito has them. */
export async function createKey(): Promise<JsonWebKey> {
    const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    return privateKey.export({ format: "jwk" });
}

/** Keeps the key pair of a pool in a file that only this user may read. */
export function saveKey(file: string, key: JsonWebKey): void {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(key), { mode: 0o600 });
}

/** The {@link Signer} of a key's file. */
export function openKey(file: string): Signer {
    const jwk = JSON.parse(fs.readFileSync(file, "utf8")) as JsonWebKey & { n: string; e: string };
    const privateKey = createPrivateKey({ key: jwk, format: "jwk" });
    const publicKey = createPublicKey(privateKey);
    const { n, e } = jwk;
    // https://www.rfc-editor.org/rfc/rfc7638
    const kid = createHash("sha256")
        .update(JSON.stringify({ e, kty: "RSA", n }))
        .digest("base64");
    const header = encoded({ kid, alg: "RS256" });
    const opened = new Map<string, Claims>();

    function verified(token: string): Claims | undefined {
        const [head = "", payload = "", signature = "", ...more] = token.split(".");
        if (head !== header || more.length > 0) return undefined;
        const bytes = Buffer.from(signature, "base64url");
        if (!verify("RSA-SHA256", Buffer.from(`${head}.${payload}`), publicKey, bytes)) return undefined;
        return JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims;
    }

    return {
        publicKey: { kty: "RSA", n, e, kid, alg: "RS256", use: "sig" },
        sign(claims) {
            const text = `${header}.${encoded(claims)}`;
            return `${text}.${sign("RSA-SHA256", Buffer.from(text), privateKey).toString("base64url")}`;
        },
        open(token) {
            const known = opened.get(token);
            if (known) return known;
            const claims = verified(token);
            if (!claims) return undefined;
            if (opened.size >= MOST_TOKENS) opened.clear();
            opened.set(token, claims);
            return claims;
        },
    };
}

function encoded(value: object): string {
    return Buffer.from(JSON.stringify(value)).toString("base64url");
}
