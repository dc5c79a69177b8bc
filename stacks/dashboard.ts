import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Graph, Pipeline } from "../components/blocks/pipeline";

const WIDTH = 24;
const HEIGHT = 6;

/** Makes the stack's one dashboard: a row of graphs for each pipeline. */
export function createDashboard(
    name: string,
    pipelines: readonly { readonly name: string; readonly pipeline: Pipeline }[],
): aws.cloudwatch.Dashboard {
    const { region } = aws.getRegionOutput();
    const widgets = pipelines.flatMap(({ name, pipeline: { graphs } }, row) =>
        graphs.map((graph, i) => widget(name, graph, region, { row, column: i, columns: graphs.length })),
    );
    return new aws.cloudwatch.Dashboard(name, {
        dashboardName: `${pulumi.getProject()}-${pulumi.getStack()}`,
        dashboardBody: pulumi.jsonStringify({ widgets }),
    });
}

function widget(
    name: string,
    { title, metrics, statistic }: Graph,
    region: pulumi.Output<string>,
    { row, column, columns }: { row: number; column: number; columns: number },
) {
    const width = Math.floor(WIDTH / columns);
    return {
        type: "metric",
        x: column * width,
        y: row * HEIGHT,
        width,
        height: HEIGHT,
        properties: {
            title: `${name}: ${title}`,
            region,
            metrics,
            stat: statistic ?? "Sum",
            period: 60,
            view: "timeSeries",
        },
    };
}
