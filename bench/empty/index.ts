/** Nothing: what Pulumi's CLI takes for a program without resources. */
export const nothing = {};
