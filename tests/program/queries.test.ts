import * as assert from "node:assert/strict";
import { loadPolyglot, type Polyglot } from "../../local/athena/polyglot";
import { parseStatement } from "../../local/athena/translate";
import { registry } from "../../stacks/registry";
import type { StackOutputs } from "../../stacks/stack";
import { record } from "../support/mocks";

/** What the parser takes in silence although Trino's grammar has none of it: other dialects' quotes, casts and clauses. */
const FOREIGN =
    /`|::|;|\[|\b(EXCLUDE|EXCEPT\s*\(|REPLACE\s*\(\s*\w+\s+AS|ILIKE|USING\s+SAMPLE|DISTINCT\s+ON|GROUP\s+BY\s+ALL)\b/i;

/** A query without its texts and quoted names. */
function bare(sql: string): string {
    return sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, "x");
}

describe("The named queries of all pipelines", () => {
    let queries: readonly { readonly name: string; readonly sql: string }[] = [];
    let polyglot: Polyglot;
    before(async () => {
        polyglot = await loadPolyglot();
        const pipelines = Object.fromEntries(Object.keys(registry).map((kind) => [kind, {}]));
        const program = () => require("../../index") as StackOutputs;
        delete require.cache[require.resolve("../../index")];
        const recording = await record(program, { config: { "tributary:pipelines": pipelines } });
        queries = recording.all("aws:athena/namedQuery:NamedQuery").map(({ name, inputs }) => ({
            name,
            sql: String(inputs.query),
        }));
    });

    it("are one statement each that can be read as Athena SQL, as Trino has it", () => {
        assert.ok(queries.length >= 10);
        for (const { name, sql } of queries) assert.doesNotThrow(() => parseStatement(polyglot, sql), name);
    });

    it("have nothing of other dialects that Athena refuses", () => {
        const foreign = queries.filter(({ sql }) => FOREIGN.test(bare(sql)));
        assert.deepEqual(foreign, []);
    });

    for (const [what, sql] of [
        ["a table's name with a hyphen and no quotes, as the first of these queries had", "SELECT a FROM details-dev"],
        ["a comma too many", "SELECT a,, b FROM t"],
        ["half of a parenthesis", "SELECT count(* FROM t"],
        ["a condition that is missing", "SELECT a FROM t WHERE"],
        ["a window without BY", "SELECT sum(a) OVER (PARTITION a) FROM t"],
    ] as const) {
        it(`could not have ${what}`, () => {
            assert.throws(() => parseStatement(polyglot, sql), {
                name: "QueryError",
                message: /^line 1:\d+: mismatched input /,
            });
        });
    }
});
