import { pulumiOnPath } from "../../../cli/support/pulumi";

/** Run before all tests through Pulumi's engine: without a CLI none of them says anything. */
export const mochaHooks = {
    beforeAll() {
        if (pulumiOnPath()) return;
        process.stderr.write(
            "\nThese tests drive Pulumi's own CLI, and there is no `pulumi` on PATH: https://www.pulumi.com/docs/install/\n",
        );
        process.exit(1);
    },
};
