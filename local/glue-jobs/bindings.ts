import { serviceError } from "../errors";
import type { Binding, Bindings, Made, Properties } from "../resources";
import { parseCron } from "../schedule";
import type { JobAccess } from "./access";
import { glueArn, JOB_TYPE, type JobInputs, TRIGGER_TYPE, type TriggerInputs, WORKFLOW_TYPE } from "./config";
import { isOver } from "./runs";

/** The bindings of jobs, triggers and workflows. */
export function jobBindings(access: JobAccess): Bindings {
    return {
        [JOB_TYPE]: jobBinding(access),
        [TRIGGER_TYPE]: triggerBinding(access),
        [WORKFLOW_TYPE]: {
            ...plain(access, "workflow"),
            delete: ({ inputs }) => access.workflowRuns.forget(String(inputs.name)),
        },
    };
}

/** A binding whose resource is known by its name, which no other may have. */
function plain({ services, jobs, triggers, workflows }: JobAccess, kind: "job" | "trigger" | "workflow") {
    const { clock, place } = services;
    const all = { job: jobs, trigger: triggers, workflow: workflows }[kind];
    const made = (inputs: Properties, createdOn: unknown): Made => {
        const name = String(inputs.name);
        const defaults = { region: place.region, tagsAll: inputs.tags ?? {} };
        return { id: name, outputs: { ...defaults, createdOn, ...inputs, arn: glueArn(place, kind, name) } };
    };
    return {
        name: { property: "name", maxLength: 255 },
        create(inputs) {
            if (all().some((each) => each.inputs.name === inputs.name))
                throw serviceError("AlreadyExistsException", `A ${kind} with the name ${inputs.name} already exists.`);
            return made(inputs, clock.now());
        },
        update: ({ outputs }, inputs) => made(inputs, outputs.createdOn),
    } satisfies Binding;
}

function jobBinding(access: JobAccess): Binding {
    return {
        ...plain(access, "job"),
        check: jobProblems,
        /** Runs that are under way go on, as on AWS, but nobody hears of them. */
        delete({ inputs }) {
            const name = String(inputs.name);
            for (const run of access.runs.of(name)) if (!isOver(run.state)) access.runner.stop(run);
            access.runs.forget(name);
            access.bookmarks.reset(name);
        },
    };
}

function triggerBinding(access: JobAccess): Binding {
    const { states } = access;
    const base = plain(access, "trigger");
    /** The provider starts a trigger that is enabled, whether or not `startOnCreation` has done it before. */
    const set = (inputs: Properties) => {
        const { name, type, enabled = true } = inputs as TriggerInputs;
        if (type !== "ON_DEMAND") states.set(name, enabled ? "ACTIVATED" : "DEACTIVATED");
    };
    return {
        ...base,
        check: triggerProblems,
        create(inputs) {
            const made = base.create(inputs);
            states.forget(String(inputs.name));
            set(inputs);
            return made;
        },
        update(old, inputs) {
            set(inputs);
            return base.update(old, inputs);
        },
        delete: ({ inputs }) => states.forget(String(inputs.name)),
    };
}

/** What has no meaning here, or another one. Values that are not known yet, as in a preview, are not looked at. */
function jobProblems(properties: Properties): readonly string[] {
    const { command } = properties as Partial<JobInputs>;
    const location = command?.scriptLocation;
    const kind = command?.name ?? "glueetl";
    return [
        ...(typeof kind === "string" && kind !== "glueetl"
            ? [`A Glue job whose command is "${kind}" is not supported by the local runtime.`]
            : []),
        ...(typeof location === "string" && !/^s3[an]?:\/\/[^/]+\/./.test(location)
            ? [`"command.scriptLocation" must be an object, s3://bucket/key: it is "${location}".`]
            : []),
    ];
}

function triggerProblems(properties: Properties): readonly string[] {
    const { type, schedule, predicate, actions = [] } = properties as Partial<TriggerInputs>;
    const whole = actions.every(({ jobName, crawlerName }) => (jobName === undefined) !== (crawlerName === undefined));
    return [
        ...(type === "EVENT" ? ['A trigger of the type "EVENT" is not supported by the local runtime.'] : []),
        ...(type === "SCHEDULED" && schedule === undefined
            ? ['"schedule" is what a trigger of the type "SCHEDULED" needs.']
            : []),
        ...(type === "CONDITIONAL" && predicate === undefined
            ? ['"predicate" is what a trigger of the type "CONDITIONAL" needs.']
            : []),
        ...(typeof schedule === "string" && !parseCron(schedule)
            ? [
                  `"schedule" must be minutes, hours, day of month, month, day of week and year, such as cron(15 2 * * ? *): it is "${schedule}".`,
              ]
            : []),
        ...(whole ? [] : ['Each of "actions" must name a job or a crawler, and not both.']),
    ];
}
