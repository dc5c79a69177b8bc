import { createHash } from "node:crypto";
import { policyProblems } from "./iam/grammar";
import type { Bindings, Properties } from "./resources";
import type { Services } from "./services";

/** Resource types that the local runtime accepts and does nothing about, each with the reason. */
export const withoutLocalEffect: Readonly<Record<string, string>> = {
    "aws:cloudwatch/metricAlarm:MetricAlarm":
        "Metrics are counted and can be read on the status page, but nobody watches them on a laptop.",
    "aws:cloudwatch/dashboard:Dashboard": "There is no console to show it in.",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "Alarms read its metric, and they do not fire.",
    "aws:kms/key:Key":
        "Nothing is encrypted with it: the files are the user's own. Who may use it is checked all the same.",
    "aws:sns/topic:Topic": "Only alarms publish to it, and they do not fire.",
    "aws:sns/topicPolicy:TopicPolicy": "It is kept and obeyed by IAM, but nothing is published to the topic.",
    "aws:sns/topicSubscription:TopicSubscription": "No mail is sent.",
};

/** Bindings of the types in {@link withoutLocalEffect}: they compute what the program reads back. */
export function bindingsWithoutEffect({ place, randomHex }: Pick<Services, "place" | "randomHex">): Bindings {
    const arn = (service: string, name: string) => `arn:aws:${service}:${place.region}:${place.account}:${name}`;
    const keyOutputs = (inputs: Properties, id: string) => ({
        id,
        outputs: { ...common(inputs), ...inputs, keyId: id, arn: arn("kms", `key/${id}`) },
    });
    const common = ({ tags }: Properties) => ({ tagsAll: tags ?? {}, region: place.region });
    return {
        "aws:cloudwatch/metricAlarm:MetricAlarm": {
            name: { property: "name", maxLength: 255 },
            create: (inputs) => ({
                id: String(inputs.name),
                outputs: { ...common(inputs), ...inputs, arn: arn("cloudwatch", `alarm:${inputs.name}`) },
            }),
        },
        "aws:cloudwatch/logMetricFilter:LogMetricFilter": {
            name: { property: "name", maxLength: 512 },
            create: (inputs) => ({ id: String(inputs.name), outputs: { region: place.region, ...inputs } }),
        },
        "aws:cloudwatch/dashboard:Dashboard": {
            check: ({ dashboardName, dashboardBody }) => [
                ...(typeof dashboardName === "string" && !/^[A-Za-z0-9_-]{1,255}$/.test(dashboardName)
                    ? [`"dashboardName" may have letters, digits, - and _ only, at most 255 of them: ${dashboardName}`]
                    : []),
                ...(typeof dashboardBody === "string" && !isJson(dashboardBody)
                    ? ['"dashboardBody" contains an invalid JSON']
                    : []),
            ],
            create: (inputs) => ({
                id: String(inputs.dashboardName),
                outputs: {
                    region: place.region,
                    ...inputs,
                    dashboardArn: `arn:aws:cloudwatch::${place.account}:dashboard/${inputs.dashboardName}`,
                },
            }),
        },
        "aws:kms/key:Key": {
            check: ({ policy }) => policyProblems(policy, "resource"),
            create: (inputs) => keyOutputs(inputs, uuidOf(randomHex(32))),
            update: ({ id }, inputs) => keyOutputs(inputs, id),
        },
        "aws:sns/topic:Topic": {
            name: { property: "name", maxLength: 256 },
            create: (inputs) => ({
                id: arn("sns", String(inputs.name)),
                outputs: {
                    ...common(inputs),
                    ...inputs,
                    arn: arn("sns", String(inputs.name)),
                    owner: place.account,
                    beginningArchiveTime: "",
                },
            }),
        },
        "aws:sns/topicPolicy:TopicPolicy": {
            check: ({ policy }) => policyProblems(policy, "resource"),
            create: (inputs) => ({
                id: String(inputs.arn),
                outputs: { region: place.region, ...inputs, owner: place.account },
            }),
        },
        "aws:sns/topicSubscription:TopicSubscription": {
            create(inputs, name) {
                const digits = createHash("sha256")
                    .update(JSON.stringify([name, inputs.protocol, inputs.endpoint]))
                    .digest("hex");
                const id = `${inputs.topic}:${digits.replace(UUID, "$1-$2-$3-$4-$5").slice(0, 36)}`;
                const isPending = ["email", "email-json", "http", "https"].includes(String(inputs.protocol));
                return {
                    id,
                    outputs: {
                        region: place.region,
                        confirmationTimeoutInMinutes: 1,
                        endpointAutoConfirms: false,
                        rawMessageDelivery: false,
                        filterPolicyScope: "",
                        ...inputs,
                        arn: id,
                        ownerId: place.account,
                        pendingConfirmation: isPending,
                        confirmationWasAuthenticated: !isPending,
                    },
                };
            },
        },
    };
}

const UUID = /^(.{8})(.{4})(.{4})(.{4})(.{12})/;

function isJson(text: string): boolean {
    try {
        JSON.parse(text);
        return true;
    } catch {
        return false;
    }
}

/** Hex digits in the form of a UUID, which is what the id of a key is. */
function uuidOf(hex: string): string {
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}
