import { serviceError } from "../errors";
import type { Bindings, Properties } from "../resources";
import { parseCron } from "../schedule";
import type { Services } from "../services";
import { CRAWLER_TYPE, type CrawlerInputs, type CrawlerResource, crawlerArn } from "./config";

/** What the binding asks of the service at work. */
export interface CrawlerLife {
    /** Whether a crawler runs. */
    isRunning(name: string): boolean;
    /** Forgets what is kept of a crawler. */
    forget(name: string): void;
    /** Notes that a crawler has these inputs from now on. */
    note(inputs: CrawlerInputs): void;
}

/** The binding of crawlers. */
export function crawlerBindings(
    { place, resources }: Pick<Services, "place" | "resources">,
    life: CrawlerLife,
): Bindings {
    const made = (inputs: Properties) => {
        const name = String(inputs.name);
        const defaults = { region: place.region, tagsAll: inputs.tags ?? {} };
        return { id: name, outputs: { ...defaults, ...inputs, arn: crawlerArn(place, name) } };
    };
    return {
        [CRAWLER_TYPE]: {
            name: { property: "name", maxLength: 255 },
            check: crawlerProblems,
            create(inputs) {
                if (resources.get<CrawlerInputs>(CRAWLER_TYPE, String(inputs.name)))
                    throw serviceError("AlreadyExistsException", `Crawler with name ${inputs.name} already exists`);
                life.forget(String(inputs.name));
                life.note(inputs as CrawlerInputs);
                return made(inputs);
            },
            update(_old, inputs) {
                if (life.isRunning(String(inputs.name)))
                    throw serviceError(
                        "InvalidInputException",
                        "Cannot update Crawler while running. Please stop crawl or wait until it completes to update.",
                    );
                life.note(inputs as CrawlerInputs);
                return made(inputs);
            },
            /** The partitions that it registered stay, as on AWS. */
            delete(resource) {
                const { name } = (resource as CrawlerResource).inputs;
                if (life.isRunning(name))
                    throw serviceError("CrawlerRunningException", `Cannot delete crawler ${name} while it's running`);
                life.forget(name);
            },
        },
    };
}

/** Targets that the local runtime has nothing behind. */
const OTHER_TARGETS = [
    "deltaTargets",
    "dynamodbTargets",
    "hudiTargets",
    "icebergTargets",
    "jdbcTargets",
    "mongodbTargets",
];

/** Values that are not known yet, as in a preview, are not looked at. */
function crawlerProblems(inputs: Properties): readonly string[] {
    const { schedule, s3Targets = [] } = inputs as Partial<CrawlerInputs>;
    return [
        ...OTHER_TARGETS.filter((target) => inputs[target] !== undefined).map(
            (target) => `A crawler with "${target}" is not supported by the local runtime.`,
        ),
        ...s3Targets
            .filter(({ path }) => typeof path === "string" && !/^s3:\/\/[^/]+/.test(path))
            .map(({ path }) => `"s3Targets.path" must be a folder in a bucket, s3://bucket/folder: it is "${path}".`),
        ...(typeof schedule === "string" ? scheduleProblems(schedule) : []),
    ];
}

/** https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html */
function scheduleProblems(expression: string): string[] {
    const schedule = parseCron(expression);
    if (!schedule)
        return [
            `"schedule" must be minutes, hours, day of month, month, day of week and year, such as cron(15 2 * * ? *): it is "${expression}".`,
        ];
    let time = schedule.after(0);
    for (let runs = 0; time !== undefined && runs < 50; runs++) {
        const next = schedule.after(time);
        if (next !== undefined && next - time < 300_000)
            return [`"schedule" must leave five minutes between two runs: it is "${expression}".`];
        time = next;
    }
    return [];
}
