import { queryJson } from "../apigateway/json-path";
import type { Rule, Target } from "./config";
import type { BusEvent } from "./event";

/** What a target gets of an event: the event itself, unless the target says otherwise. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
export function inputOf({ inputs }: Target, rule: Rule, event: BusEvent): string {
    if (inputs.input !== undefined) return inputs.input;
    if (inputs.inputPath !== undefined)
        return JSON.stringify(queryJson(JSON.parse(event.text), inputs.inputPath) ?? null);
    if (inputs.inputTransformer === undefined) return event.text;
    const { inputPaths = {}, inputTemplate } = inputs.inputTransformer;
    const document = JSON.parse(event.text) as Record<string, unknown>;
    const { detail: _detail, ...withoutDetail } = document;
    const known: Record<string, () => unknown> = {
        "aws.events.rule-arn": () => rule.arn,
        "aws.events.rule-name": () => rule.name,
        "aws.events.event.ingestion-time": () => new Date(event.ingested).toISOString(),
        "aws.events.event": () => withoutDetail,
        "aws.events.event.json": () => document,
    };
    const partOf = (name: string): unknown => {
        if (Object.hasOwn(inputPaths, name)) return queryJson(document, String(inputPaths[name]));
        return Object.hasOwn(known, name) ? known[name]?.() : undefined;
    };
    return filled(inputTemplate, partOf);
}

/** Puts values in the place of `<name>`: inside a string as a part of it, elsewhere as JSON. What does not exist is an empty string. */
function filled(template: string, partOf: (name: string) => unknown): string {
    return template.replace(/"((?:[^"\\]|\\.)*)"|<([^<>\s]+)>/g, (whole, inner: string | undefined, name: string) => {
        if (inner === undefined) return JSON.stringify(partOf(name) ?? "");
        return whole.replace(/<([^<>\s]+)>/g, (_placeholder, each: string) => withinString(partOf(each) ?? ""));
    });
}

function withinString(value: unknown): string {
    return JSON.stringify(typeof value === "string" ? value : JSON.stringify(value)).slice(1, -1);
}
