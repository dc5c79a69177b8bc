import type { HttpRequest, HttpResponse, Place } from "../services";
import { issuerOf } from "./config";
import type { Pools } from "./pools";

/**
 * Answers `/<pool>/.well-known/jwks.json` and `openid-configuration`, as `https://cognito-idp.<region>.amazonaws.com` does.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
 */
export const discovery =
    ({ place, pools }: { readonly place: Pick<Place, "endpoint">; readonly pools: Pools }) =>
    ({ url }: Pick<HttpRequest, "url">): HttpResponse => {
        const [, id = "", document] = /^\/([^/]+)\/\.well-known\/([^?]*)/.exec(url) ?? [];
        const pool = pools.lookUp(id);
        const headers = { "content-type": "application/json" };
        if (!pool)
            return { status: 400, headers, body: JSON.stringify({ message: `User pool ${id} does not exist.` }) };
        const answer =
            document === "jwks.json"
                ? { keys: [pool.signer.publicKey] }
                : {
                      id_token_signing_alg_values_supported: ["RS256"],
                      issuer: issuerOf(id),
                      jwks_uri: `${place.endpoint()}/${id}/.well-known/jwks.json`,
                      response_types_supported: ["code", "token"],
                      scopes_supported: ["openid", "email", "phone", "profile"],
                      subject_types_supported: ["public"],
                  };
        return { status: 200, headers, body: JSON.stringify(answer) };
    };
