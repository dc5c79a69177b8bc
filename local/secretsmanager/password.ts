import type { GetRandomPasswordRequest, GetRandomPasswordResponse } from "@aws-sdk/client-secrets-manager";
import { serviceError } from "../errors";
import type { Caller, Services } from "../services";

/** The kinds of characters, and how a request leaves one out. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html */
const KINDS = [
    ["ExcludeLowercase", "abcdefghijklmnopqrstuvwxyz"],
    ["ExcludeUppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
    ["ExcludeNumbers", "0123456789"],
    ["ExcludePunctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"],
] as const;

const DEFAULT_LENGTH = 32;
const MAX_LENGTH = 4096;

/** Makes the operation that gives passwords. */
export const getRandomPassword =
    ({ iam, randomHex }: Pick<Services, "iam" | "randomHex">) =>
    (request: GetRandomPasswordRequest, caller: Caller): GetRandomPasswordResponse => {
        iam.authorize(caller, "secretsmanager:GetRandomPassword", "*");
        const { PasswordLength: length = DEFAULT_LENGTH, RequireEachIncludedType: requiresEach = true } = request;
        const kinds = kindsOf(request);
        if (length < 1 || length > MAX_LENGTH || (requiresEach && length < kinds.length))
            throw invalid(
                `The password length must be between ${requiresEach ? kinds.length : 1} and ${MAX_LENGTH} characters.`,
            );
        if (kinds.length === 0) throw invalid("No characters are left to make a password of.");
        const below = (limit: number) => Number(BigInt(`0x${randomHex(32)}`) % BigInt(limit));
        const all = kinds.join("");
        const required = requiresEach ? kinds.map((kind) => kind[below(kind.length)]) : [];
        const others = Array.from({ length: length - required.length }, () => all[below(all.length)]);
        return { RandomPassword: shuffled([...required, ...others], below).join("") };
    };

function kindsOf(request: GetRandomPasswordRequest): readonly string[] {
    const { ExcludeCharacters: excluded = "", IncludeSpace: hasSpace = false } = request;
    const kinds = KINDS.filter(([leftOut]) => !request[leftOut]).map(([, kind]) => kind as string);
    return [...kinds, ...(hasSpace ? [" "] : [])]
        .map((kind) => [...kind].filter((character) => !excluded.includes(character)).join(""))
        .filter((kind) => kind !== "");
}

function shuffled<T>(items: readonly T[], below: (limit: number) => number): readonly T[] {
    const mixed = [...items];
    for (let at = mixed.length - 1; at > 0; at--) {
        const other = below(at + 1);
        [mixed[at], mixed[other]] = [mixed[other], mixed[at]];
    }
    return mixed;
}

function invalid(message: string): Error {
    return serviceError("InvalidParameterException", message);
}
