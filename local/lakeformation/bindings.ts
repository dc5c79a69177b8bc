import { createHash } from "node:crypto";
import { serviceError } from "../errors";
import { TABLE_TYPE, type TableInputs } from "../glue/catalog";
import type { Binding, Bindings, Properties } from "../resources";
import { forgetTaken, type GrantServices } from "./grants";
import {
    FILTER_TYPE,
    type FilterInputs,
    LOCATION_TYPE,
    type LocationInputs,
    PERMISSIONS_TYPE,
    type PermissionsInputs,
    SETTINGS_TYPE,
} from "./inputs";

type BindingServices = GrantServices & { readonly clock: { now(): number } };

/** The bindings of Lake Formation's resource types. */
export function lakeFormationBindings(services: BindingServices): Bindings {
    return {
        [LOCATION_TYPE]: locationBinding(services),
        [PERMISSIONS_TYPE]: permissionsBinding(services),
        [FILTER_TYPE]: filterBinding(services),
        [SETTINGS_TYPE]: settingsBinding(),
    };
}

function locationBinding({ clock, place, resources }: BindingServices): Binding {
    return {
        check: ({ hybridAccessEnabled, withFederation, withPrivilegedAccess, roleArn, useServiceLinkedRole }) => [
            ...[
                hybridAccessEnabled && "hybridAccessEnabled",
                withFederation && "withFederation",
                withPrivilegedAccess && "withPrivilegedAccess",
            ]
                .filter(Boolean)
                .map((option) => `The local runtime registers locations without "${option}" only.`),
            ...(useServiceLinkedRole ? ['The local runtime has no service-linked role: give "roleArn".'] : []),
            ...(roleArn === undefined && !useServiceLinkedRole
                ? ['"roleArn" is missing: the role that reads the location.']
                : []),
        ],
        create(inputs) {
            const { arn } = inputs as unknown as LocationInputs;
            if (resources.get(LOCATION_TYPE, arn))
                throw serviceError("AlreadyExistsException", "Resource is already registered");
            const lastModified = new Date(clock.now()).toISOString();
            return { id: arn, outputs: { region: place.region, hybridAccessEnabled: false, lastModified, ...inputs } };
        },
    };
}

/** What each kind of resource can be granted. https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html */
const GRANTABLE: Readonly<Record<string, readonly string[]>> = {
    catalogResource: ["CREATE_DATABASE"],
    database: ["ALL", "ALTER", "CREATE_TABLE", "DESCRIBE", "DROP"],
    table: ["ALL", "ALTER", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"],
    tableWithColumns: ["SELECT"],
    dataLocation: ["DATA_LOCATION_ACCESS"],
    dataCellsFilter: ["DESCRIBE", "DROP", "SELECT"],
};

function permissionsBinding(services: BindingServices): Binding {
    return {
        check(inputs) {
            const { principal, permissions = [] } = inputs as Partial<PermissionsInputs>;
            const [kind] = Object.keys(GRANTABLE).filter((each) => inputs[each]);
            if (inputs.lfTag || inputs.lfTagPolicy) return ["The local runtime grants by name, not by LF-tags."];
            const known = GRANTABLE[kind] ?? [];
            return [
                ...permissions
                    .filter((each) => typeof each === "string" && kind && !known.includes(each))
                    .map((each) => `"${each}" is no permission on "${kind}". They are: ${known.join(", ")}.`),
                ...(typeof principal !== "string" || /^(arn:|\d{12}$|IAM_ALLOWED_PRINCIPALS$)/.test(principal)
                    ? []
                    : [
                          `"principal" must be the ARN of a role or user, or IAM_ALLOWED_PRINCIPALS: it is "${principal}".`,
                      ]),
            ];
        },
        create(inputs) {
            forgetTaken(services, inputs as unknown as PermissionsInputs);
            const id = createHash("sha256").update(JSON.stringify(inputs)).digest("hex").slice(0, 10);
            const catalogId = String(inputs.catalogId ?? services.place.account);
            return {
                id,
                outputs: { catalogId, region: services.place.region, permissionsWithGrantOptions: [], ...inputs },
            };
        },
    };
}

function filterBinding({ place, resources }: BindingServices): Binding {
    const made = (inputs: Properties) => {
        const { tableData } = inputs as unknown as FilterInputs;
        const { databaseName, tableName, name } = tableData;
        const versionId = createHash("sha256").update(JSON.stringify(tableData)).digest("hex").slice(0, 32);
        return {
            id: [databaseName, name, place.account, tableName].join(","),
            outputs: { region: place.region, ...inputs, tableData: { ...tableData, versionId } },
        };
    };
    return {
        check({ tableData }) {
            const { columnNames, columnWildcard, rowFilter } = (tableData ?? {}) as Partial<FilterInputs["tableData"]>;
            return [
                ...(columnNames?.length && columnWildcard
                    ? ['"tableData.columnNames" conflicts with "tableData.columnWildcard": give only one of them.']
                    : []),
                ...(rowFilter ? [] : ['Missing required property "tableData.rowFilter".']),
            ];
        },
        create(inputs) {
            const { databaseName, tableName } = (inputs as unknown as FilterInputs).tableData;
            const isThere = resources
                .all<TableInputs>(TABLE_TYPE)
                .some((table) => table.inputs.databaseName === databaseName && table.inputs.name === tableName);
            if (!isThere)
                throw serviceError("EntityNotFoundException", `Table ${databaseName}.${tableName} not found.`);
            return made(inputs);
        },
        update: (_old, inputs) => made(inputs),
    };
}

function settingsBinding(): Binding {
    return {
        check: () => [
            "This replaces the account's list of data lake administrators, so that whoever was one before is locked out: grant permissions instead.",
        ],
        create: () => {
            throw serviceError("InvalidInputException", "The account's settings are not the program's to replace.");
        },
    };
}
