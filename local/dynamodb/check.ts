import { unsupported } from "../errors";
import type { Properties } from "../resources";
import { type IndexInputs, indexKeys, type TableInputs } from "./config";

/** What AWS would refuse in the inputs of a table beyond its schema, and what the local runtime lacks: a sentence each. */
export function tableProblems(properties: Properties): readonly string[] {
    const inputs = properties as TableInputs;
    const lacking = unsupportedIn(inputs);
    if (lacking.length > 0) return lacking.map((what) => unsupported(what).message);
    return [
        ...nameProblems(inputs),
        ...keyProblems(inputs),
        ...billingProblems(inputs),
        ...streamProblems(inputs),
        ...[...(inputs.globalSecondaryIndexes ?? []), ...(inputs.localSecondaryIndexes ?? [])].flatMap(indexProblems),
        ...range("pointInTimeRecovery.recoveryPeriodInDays", inputs.pointInTimeRecovery?.recoveryPeriodInDays, 1, 35),
        ...oneOf("tableClass", inputs.tableClass, ["STANDARD", "STANDARD_INFREQUENT_ACCESS"]),
    ];
}

/** What of the inputs the local runtime lacks. */
export function unsupportedIn(inputs: TableInputs): string[] {
    const lacks = (property: string, what: string) => (inputs[property] ? [`A DynamoDB table ${what}`] : []);
    const manyKeys = (inputs.globalSecondaryIndexes ?? []).some((index) => (index.keySchemas ?? []).length > 2);
    return [
        ...(inputs.ttl?.enabled ? ["Time to live of a DynamoDB table"] : []),
        ...lacks("importTable", "that is imported"),
        ...lacks("restoreSourceName", "that is restored"),
        ...lacks("restoreSourceTableArn", "that is restored"),
        ...lacks("restoreBackupArn", "that is restored"),
        ...((inputs.replicas as readonly unknown[] | undefined)?.length ? ["A DynamoDB table with replicas"] : []),
        ...lacks("globalTableWitness", "with replicas"),
        ...(manyKeys ? ["An index with more than two key attributes"] : []),
    ];
}

function nameProblems({ name }: TableInputs): string[] {
    if (name === undefined || /^[a-zA-Z0-9_.-]{3,255}$/.test(name)) return [];
    return [`"name" must be 3 to 255 letters, digits, "_", "." or "-", not "${name}".`];
}

/** Every key attribute is defined, and nothing else is. */
function keyProblems(inputs: TableInputs): string[] {
    const { hashKey, rangeKey, attributes = [], globalSecondaryIndexes = [], localSecondaryIndexes = [] } = inputs;
    if (!hashKey) return ['"hashKey" is required.'];
    const defined = attributes.map(({ name }) => name);
    const used = new Set([
        hashKey,
        ...(rangeKey ? [rangeKey] : []),
        ...[...globalSecondaryIndexes, ...localSecondaryIndexes].flatMap((index) => indexKeys(index, hashKey)),
    ]);
    const unused = defined.filter((name) => !used.has(name));
    const missing = [...used].filter((name) => !defined.includes(name));
    return [
        ...(unused.length > 0 ? [`all attributes must be indexed. Unused attributes: ${quoted(unused)}`] : []),
        ...(missing.length > 0
            ? [`all indexes must match a defined attribute. Unmatched indexes: ${quoted(missing)}`]
            : []),
        ...attributes.flatMap(({ name, type }) => oneOf(`attributes.${name}.type`, type, ["S", "N", "B"])),
    ];
}

function billingProblems(inputs: TableInputs): string[] {
    const { billingMode = "PROVISIONED", readCapacity, writeCapacity } = inputs;
    if (billingMode === "PAY_PER_REQUEST") return [];
    if (billingMode !== "PROVISIONED") return oneOf("billingMode", billingMode, ["PROVISIONED", "PAY_PER_REQUEST"]);
    return Object.entries({ readCapacity, writeCapacity })
        .filter(([, units]) => units === undefined || units < 1)
        .map(([name]) => `"${name}" must be at least 1 when "billingMode" is "PROVISIONED".`);
}

function streamProblems({ streamEnabled, streamViewType }: TableInputs): string[] {
    if (streamEnabled && !streamViewType) return ['"streamViewType" is required when "streamEnabled" is true.'];
    if (!streamViewType) return [];
    return oneOf("streamViewType", streamViewType, ["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"]);
}

function indexProblems({ name, projectionType, nonKeyAttributes }: IndexInputs): string[] {
    const attributes = nonKeyAttributes ?? [];
    return [
        ...(/^[a-zA-Z0-9_.-]{3,255}$/.test(name)
            ? []
            : [`The name of an index must be 3 to 255 letters, digits, "_", "." or "-", not "${name}".`]),
        ...oneOf(`${name}.projectionType`, projectionType, ["ALL", "INCLUDE", "KEYS_ONLY"]),
        ...(projectionType === "INCLUDE" && attributes.length === 0
            ? [`The index "${name}" needs "nonKeyAttributes", because its projection type is "INCLUDE".`]
            : []),
        ...(projectionType !== "INCLUDE" && attributes.length > 0
            ? [`The index "${name}" can't have "nonKeyAttributes", because its projection type is "${projectionType}".`]
            : []),
    ];
}

function range(path: string, value: number | undefined, least: number, most: number): string[] {
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
    return [`"${path}" must be between ${least} and ${most}, not ${value}.`];
}

function oneOf(path: string, value: string | undefined, allowed: readonly string[]): string[] {
    if (value === undefined || allowed.includes(value)) return [];
    return [`"${path}" must be ${allowed.map((each) => `"${each}"`).join(" or ")}, not "${value}".`];
}

function quoted(names: readonly string[]): string {
    return `[${names.map((name) => `"${name}"`).join(" ")}]`;
}
