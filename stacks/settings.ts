import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { choice, flag, group, integer, text } from "../components/blocks/options";
import { parse } from "./parse";
import { type PipelineSettings, readPipelines } from "./pipelines";

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTIONS = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const retentions = `one of the numbers of days that CloudWatch knows: ${RETENTIONS.join(", ")}`;

const stackOptions = group({
    pipelines: z.unknown().optional(),
    disposable: flag().default(false),
    alarmEmail: text(/^([^@\s]+@[^@\s]+\.[^@\s]+)?$/, "an e-mail address").default(""),
    logRetentionDays: integer(1, 3653, "days")
        .refine((days) => RETENTIONS.includes(days), retentions)
        .default(30),
    lakeFormation: choice("off", "grant").default("off"),
    tags: z.record(z.string(), z.string("a text"), "a map of texts").default({}),
});

type StackOptions = z.output<typeof stackOptions>;

/** What a stack's config says. */
export interface Settings extends Omit<StackOptions, "pipelines"> {
    readonly pipelines: readonly PipelineSettings[];
}

/**
 * Reads the project's part of a stack's config, as `pulumi.runtime.allConfig()` gives it. Throws one error with every problem in it: each
 * says where, what is there, what is allowed, and which known key comes nearest.
 */
export function readSettings(config: Readonly<Record<string, string>>): Settings {
    const { value: stack, refusals } = parse(stackOptions, ownConfig(config));
    const { pipelines, refusals: below } = readPipelines(stack?.pipelines);
    const all = [...refusals, ...below];
    if (!stack || all.length > 0) {
        throw refused(
            all.map(({ path, sentence }) => `${pulumi.getProject()}:${path.map(String).join(".")}${sentence}`),
        );
    }
    return { ...stack, pipelines };
}

/** A program error that Pulumi prints without a stack trace. */
function refused(sentences: readonly string[]): Error {
    const count = sentences.length === 1 ? "a problem" : `${sentences.length} problems`;
    return new pulumi.RunError(
        `The config of the stack "${pulumi.getStack()}" has ${count}:\n${sentences.map((sentence) => `  ${sentence}`).join("\n")}`,
    );
}

/** The keys of this project, without its name. Pulumi hands over every value as text, and what is not a text as JSON. */
function ownConfig(config: Readonly<Record<string, string>>): Record<string, unknown> {
    const prefix = `${pulumi.getProject()}:`;
    const own = Object.entries(config).filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), jsonOrText(value)]));
}

function jsonOrText(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}
