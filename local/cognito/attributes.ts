import { type ClientInputs, invalidParameter, notAuthorized, type PoolInputs, type SchemaInput } from "./config";
import type { User } from "./users";

/** An attribute as requests and answers have it. */
export interface Attribute {
    readonly Name: string;
    readonly Value?: string;
}

/** Attributes that every pool has. https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html */
export const STANDARD_ATTRIBUTES: readonly string[] = (
    "sub name given_name family_name middle_name nickname preferred_username profile picture website email email_verified " +
    "gender birthdate zoneinfo locale phone_number phone_number_verified address updated_at"
).split(" ");

/** Attributes that only the pool itself or its administrator may set. */
const VERIFICATIONS = ["email_verified", "phone_number_verified"];

/** The name of an attribute that a pool adds. */
export function attributeName({ name, developerOnlyAttribute }: SchemaInput): string {
    if (STANDARD_ATTRIBUTES.includes(name)) return name;
    return `${developerOnlyAttribute ? "dev:" : ""}custom:${name}`;
}

/** Attributes of a request by name. Throws AWS's error for one that the pool lacks, or that is not of its kind. */
export function readAttributes(pool: PoolInputs, given: readonly Attribute[] = []): Readonly<Record<string, string>> {
    const attributes = Object.fromEntries(given.map(({ Name, Value = "" }) => [Name, Value]));
    const problems = Object.entries(attributes).flatMap(([name, value]) => problemOf(pool, name, value));
    if (problems.length > 0) throw nonconforming(problems);
    if (attributes.email && !isEmail(attributes.email)) throw invalidParameter("Invalid email address format.");
    if (attributes.phone_number && !isPhoneNumber(attributes.phone_number))
        throw invalidParameter("Invalid phone number format.");
    return attributes;
}

function problemOf(pool: PoolInputs, name: string, value: string): readonly string[] {
    if (name === "sub") return ["sub: Attribute cannot be updated."];
    const schema = pool.schemas?.find((each) => attributeName(each) === name);
    if (!schema && !STANDARD_ATTRIBUTES.includes(name)) return [`Type for attribute {${name}} could not be determined`];
    const { minLength = "0", maxLength = "2048" } = schema?.stringAttributeConstraints ?? {};
    if (value.length < Number(minLength))
        return [`${name}: String must be no shorter than ${minLength} character${minLength === "1" ? "" : "s"}`];
    if (value.length > Number(maxLength)) return [`${name}: String must be no longer than ${maxLength} characters`];
    return [];
}

/** Throws AWS's error when an attribute is missing that the pool requires. */
export function requireAttributes(pool: PoolInputs, attributes: Readonly<Record<string, string>>): void {
    const required = (pool.schemas ?? []).filter((schema) => schema.required).map(attributeName);
    const problems = required
        .filter((name) => name !== "sub" && !attributes[name])
        .map((name) => `${name}: The attribute is required`);
    if (problems.length > 0) throw nonconforming(problems);
}

function nonconforming(problems: readonly string[]): Error {
    return invalidParameter(
        `Attributes did not conform to the schema: ${problems.map((problem) => `${problem}\n`).join("")}`,
    );
}

/** Throws AWS's error when a client sets an attribute that is not his to set. */
export function checkWritable({ writeAttributes }: ClientInputs, names: readonly string[]): void {
    const mayWrite = (name: string) => !VERIFICATIONS.includes(name) && (writeAttributes?.includes(name) ?? true);
    if (!names.every(mayWrite)) throw notAuthorized("A client attempted to write unauthorized attribute");
}

/** What a client may read of a user, `sub` included. */
export function readable({ readAttributes: names }: ClientInputs, user: User): Readonly<Record<string, string>> {
    const entries = Object.entries(user.attributes).filter(([name]) => !names?.length || names.includes(name));
    return { sub: user.sub, ...Object.fromEntries(entries) };
}

/** Attributes as answers have them. */
export function attributeList(attributes: Readonly<Record<string, string>>): readonly Required<Attribute>[] {
    return Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
}

/** Whether a text is an email address, as far as Cognito looks. */
export function isEmail(text: string): boolean {
    return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}

/** Whether a text is a phone number in the format E.164. */
export function isPhoneNumber(text: string): boolean {
    return /^\+[1-9]\d{1,14}$/.test(text);
}
