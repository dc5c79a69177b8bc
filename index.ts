import * as pulumi from "@pulumi/pulumi";
import { readSettings } from "./stacks/settings";
import { createStack } from "./stacks/stack";

/** What a user needs of each pipeline, and where events go in: `pulumi stack output endpoints`. */
export const { pipelines, endpoints } = createStack(readSettings(pulumi.runtime.allConfig()));
