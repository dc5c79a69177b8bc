import { unsupported } from "../errors";
import type { Properties } from "../resources";
import { STANDARD_ATTRIBUTES } from "./attributes";
import { type ClientInputs, isValidValidity, type PoolInputs, type SchemaInput, type TokenKind } from "./config";

/** What AWS would refuse in the inputs of a user pool, and what the local runtime lacks: a sentence each. */
export function poolProblems(properties: Properties): readonly string[] {
    const inputs = properties as PoolInputs;
    const lacking = unsupportedInPool(inputs);
    if (lacking.length > 0) return lacking.map((what) => unsupported(what).message);
    const { minimumLength, temporaryPasswordValidityDays } = inputs.passwordPolicy ?? {};
    return [
        ...(inputs.name === undefined || /^[\w\s+=,.@-]{1,128}$/.test(inputs.name)
            ? []
            : [`"name" may have letters, digits, spaces and _ + = , . @ - only, at most 128 of them: ${inputs.name}`]),
        ...range("passwordPolicy.minimumLength", minimumLength, 6, 99),
        ...range("passwordPolicy.temporaryPasswordValidityDays", temporaryPasswordValidityDays, 0, 365),
        ...oneOf("aliasAttributes", inputs.aliasAttributes, ["email", "phone_number", "preferred_username"]),
        ...oneOf("usernameAttributes", inputs.usernameAttributes, ["email", "phone_number"]),
        ...oneOf("autoVerifiedAttributes", inputs.autoVerifiedAttributes, ["email", "phone_number"]),
        ...oneOf("deletionProtection", inputs.deletionProtection, ["ACTIVE", "INACTIVE"]),
        ...oneOf("userPoolTier", inputs.userPoolTier, ["LITE", "ESSENTIALS", "PLUS"]),
        ...(inputs.schemas ?? []).flatMap(schemaProblems),
    ];
}

/** Options that change what a pool does and that the local runtime lacks. */
function unsupportedInPool(inputs: PoolInputs): readonly string[] {
    const mfa = inputs.mfaConfiguration !== undefined && inputs.mfaConfiguration !== "OFF";
    const triggers = Object.values(inputs.lambdaConfig ?? {}).some((each) => each !== undefined);
    const history = (inputs.passwordPolicy as { passwordHistorySize?: number } | undefined)?.passwordHistorySize;
    const factors = (inputs.signInPolicy as { allowedFirstAuthFactors?: string[] } | undefined)
        ?.allowedFirstAuthFactors;
    return [
        ...(mfa ? [`"mfaConfiguration" ${inputs.mfaConfiguration} of a user pool`] : []),
        ...(triggers ? ['"lambdaConfig" of a user pool'] : []),
        ...(history ? ['"passwordHistorySize" of a user pool'] : []),
        ...(factors?.some((factor) => factor !== "PASSWORD")
            ? [`The first authentication factor ${factors.find((factor) => factor !== "PASSWORD")}`]
            : []),
    ];
}

const DATA_TYPES = ["String", "Number", "DateTime", "Boolean"];

function schemaProblems({ name, attributeDataType, required }: SchemaInput): readonly string[] {
    const isCustom = !STANDARD_ATTRIBUTES.includes(name);
    return [
        ...oneOf(`schemas.${name}.attributeDataType`, attributeDataType, DATA_TYPES),
        ...(name.length > 20 ? [`"schemas.${name}.name" may have at most 20 characters.`] : []),
        ...(isCustom && required ? [`${name}: Required custom attributes are not supported currently.`] : []),
    ];
}

const FLOWS = [
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
];
const LEGACY_FLOWS = ["ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH"];
const UNITS = ["seconds", "minutes", "hours", "days"];
const KINDS: readonly TokenKind[] = ["accessToken", "idToken", "refreshToken"];

/** What AWS would refuse in the inputs of an app client, and what the local runtime lacks: a sentence each. */
export function clientProblems(properties: Properties): readonly string[] {
    const inputs = properties as ClientInputs;
    const rotation = inputs.refreshTokenRotation as { feature?: string } | undefined;
    const providers = ((inputs.supportedIdentityProviders ?? []) as string[]).filter((name) => name !== "COGNITO");
    const flows = inputs.explicitAuthFlows ?? [];
    const units = Object.entries(inputs.tokenValidityUnits ?? {});
    return [
        ...(rotation?.feature === "ENABLED" ? [unsupported("Rotation of refresh tokens").message] : []),
        ...providers.map((name) => unsupported(`The identity provider ${name}`).message),
        ...oneOf("explicitAuthFlows", flows, [...FLOWS, ...LEGACY_FLOWS]),
        ...(flows.some((flow) => FLOWS.includes(flow)) && flows.some((flow) => LEGACY_FLOWS.includes(flow))
            ? [`"explicitAuthFlows" mixes flows with and without ALLOW_: ${flows.join(", ")}.`]
            : []),
        ...oneOf("preventUserExistenceErrors", inputs.preventUserExistenceErrors, ["ENABLED", "LEGACY"]),
        ...range("authSessionValidity", inputs.authSessionValidity, 3, 15),
        ...units.flatMap(([kind, unit]) => oneOf(`tokenValidityUnits.${kind}`, unit, UNITS)),
        ...(units.every(([, unit]) => unit === undefined || UNITS.includes(unit))
            ? KINDS.filter((kind) => !isValidValidity(inputs, kind)).map(
                  (kind) => `"${kind}Validity": Invalid range for token validity.`,
              )
            : []),
    ];
}

function oneOf(path: string, given: unknown, allowed: readonly string[]): readonly string[] {
    const values = given === undefined ? [] : ([given].flat() as string[]);
    return values
        .filter((value) => !allowed.includes(value))
        .map((value) => `"${path}" must be one of ${allowed.join(", ")}, not ${value}.`);
}

function range(path: string, value: number | undefined, least: number, most: number): readonly string[] {
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
    return [`"${path}" must be between ${least} and ${most}, not ${value}.`];
}
