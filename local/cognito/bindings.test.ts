import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Properties } from "../resources";
import { CLIENT_TYPE, POOL_TYPE } from "./config";
import { type CognitoBench, cognitoBench } from "./test-support";

describe("The bindings of Cognito", () => {
    let bench: CognitoBench;
    before(async () => {
        bench = await cognitoBench();
    });
    after(() => bench.close());

    it("give a pool what AWS would", async () => {
        const pool = await bench.pool({ tags: { a: "b" } });
        assert.match(pool.id, /^us-east-1_[0-9a-f]{9}$/);
        assert.deepStrictEqual(pool.outputs, {
            name: "users",
            tags: { a: "b" },
            tagsAll: { a: "b" },
            arn: `arn:aws:cognito-idp:us-east-1:000000000000:userpool/${pool.id}`,
            endpoint: `cognito-idp.us-east-1.amazonaws.com/${pool.id}`,
            creationDate: "2026-11-20T12:00:00Z",
            lastModifiedDate: "2026-11-20T12:00:00Z",
            customDomain: "",
            domain: "",
            deletionProtection: "INACTIVE",
            estimatedNumberOfUsers: 0,
            mfaConfiguration: "OFF",
            region: "us-east-1",
            userPoolTier: "ESSENTIALS",
        });
    });

    it("give a client what AWS would, and a secret where it asks for one", async () => {
        const pool = await bench.pool();
        const client = await bench.client(pool.id);
        assert.match(client.id, /^[0-9a-f]{26}$/);
        assert.deepStrictEqual(client.outputs, {
            name: "web",
            userPoolId: pool.id,
            explicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            accessTokenValidity: 0,
            authSessionValidity: 3,
            clientSecret: "",
            creationDate: "2026-11-20T12:00:00Z",
            enableTokenRevocation: true,
            idTokenValidity: 0,
            lastModifiedDate: "2026-11-20T12:00:00Z",
            preventUserExistenceErrors: "",
            refreshTokenValidity: 30,
            region: "us-east-1",
        });
        const secretive = await bench.client(pool.id, { generateSecret: true });
        assert.match(String(secretive.outputs.clientSecret), /^[0-9a-f]{52}$/);
        const changed = await bench.binding(CLIENT_TYPE).update?.(secretive, { ...secretive.inputs, name: "w" }, "x");
        assert.deepStrictEqual(
            [changed?.id, changed?.outputs.clientSecret, changed?.outputs.name],
            [secretive.id, secretive.outputs.clientSecret, "w"],
        );
        await assert.rejects(bench.client("us-east-1_nothing"), {
            message: "User pool us-east-1_nothing does not exist.",
        });
    });

    it("change a pool in place, but take nothing from its schema", async () => {
        const schema = { name: "plan", attributeDataType: "String" };
        const pool = await bench.pool({ schemas: [schema] });
        const update = async (inputs: Properties) => bench.binding(POOL_TYPE).update?.(pool, inputs, "x");
        await bench.clock.advance(1000);
        const more = { ...pool.inputs, schemas: [schema, { name: "age", attributeDataType: "Number" }] };
        const changed = await update(more);
        assert.deepStrictEqual(
            [changed?.id, changed?.outputs.creationDate, changed?.outputs.schemas],
            [pool.id, pool.outputs.creationDate, more.schemas],
        );
        await assert.rejects(update({ ...pool.inputs, schemas: [] }), {
            name: "InvalidParameterException",
            message: "cannot modify or remove schema items",
        });
    });

    it("delete a pool with its users, unless it is protected", async () => {
        const pool = await bench.pool({ deletionProtection: "ACTIVE" });
        const folder = path.join(bench.services.place.data, "cognito", pool.id);
        const remove = async (inputs: Properties) => bench.binding(POOL_TYPE).delete?.({ ...pool, inputs });
        await assert.rejects(remove(pool.inputs), {
            name: "InvalidParameterException",
            message:
                "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.",
        });
        assert.ok(fs.existsSync(folder));
        await remove({});
        assert.ok(!fs.existsSync(folder));
    });

    const refused: readonly (readonly [string, Properties, string])[] = [
        [
            POOL_TYPE,
            { name: "a/b" },
            '"name" may have letters, digits, spaces and _ + = , . @ - only, at most 128 of them: a/b',
        ],
        [
            POOL_TYPE,
            { passwordPolicy: { minimumLength: 5 } },
            '"passwordPolicy.minimumLength" must be between 6 and 99, not 5.',
        ],
        [
            POOL_TYPE,
            { usernameAttributes: ["name"] },
            '"usernameAttributes" must be one of email, phone_number, not name.',
        ],
        [
            POOL_TYPE,
            { schemas: [{ name: "plan", attributeDataType: "String", required: true }] },
            "plan: Required custom attributes are not supported currently.",
        ],
        [
            POOL_TYPE,
            { mfaConfiguration: "ON" },
            '"mfaConfiguration" ON of a user pool is not supported by the local runtime.',
        ],
        [
            POOL_TYPE,
            { lambdaConfig: { preSignUp: "arn" } },
            '"lambdaConfig" of a user pool is not supported by the local runtime.',
        ],
        [
            CLIENT_TYPE,
            { explicitAuthFlows: ["ALLOW_ANYTHING"] },
            '"explicitAuthFlows" must be one of ALLOW_ADMIN_USER_PASSWORD_AUTH, ALLOW_CUSTOM_AUTH, ALLOW_REFRESH_TOKEN_AUTH, ALLOW_USER_AUTH, ALLOW_USER_PASSWORD_AUTH, ALLOW_USER_SRP_AUTH, ADMIN_NO_SRP_AUTH, CUSTOM_AUTH_FLOW_ONLY, USER_PASSWORD_AUTH, not ALLOW_ANYTHING.',
        ],
        [
            CLIENT_TYPE,
            { explicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "USER_PASSWORD_AUTH"] },
            '"explicitAuthFlows" mixes flows with and without ALLOW_: ALLOW_USER_SRP_AUTH, USER_PASSWORD_AUTH.',
        ],
        [CLIENT_TYPE, { idTokenValidity: 25 }, '"idTokenValidity": Invalid range for token validity.'],
        [
            CLIENT_TYPE,
            { accessTokenValidity: 4, tokenValidityUnits: { accessToken: "minutes" } },
            '"accessTokenValidity": Invalid range for token validity.',
        ],
        [
            CLIENT_TYPE,
            { supportedIdentityProviders: ["COGNITO", "Google"] },
            "The identity provider Google is not supported by the local runtime.",
        ],
    ];
    for (const [type, inputs, problem] of refused) {
        it(`refuse ${JSON.stringify(inputs)}`, () => {
            assert.deepStrictEqual(bench.binding(type).check?.(inputs), [problem]);
        });
    }
});
