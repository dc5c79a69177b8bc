import * as assert from "node:assert/strict";
import { type Analysts, analysts } from "./test-support";

describe("Athena's functions", () => {
    let on: Analysts;
    before(async () => {
        on = await analysts();
        await on.icebergTable(
            "t",
            {
                n: "long",
                s: "string",
                at: "timestamp",
                tags: { type: "list", "element-id": 10, element: "string", "element-required": false },
                props: {
                    type: "map",
                    "key-id": 11,
                    key: "string",
                    "value-id": 12,
                    value: "int",
                    "value-required": false,
                },
            },
            [
                { n: 1, s: "a", at: "2026-01-01T10:20:30.5Z", tags: ["x", "y"], props: { k: 7 } },
                { n: 2, s: "b", at: "2026-01-02T10:20:30Z", tags: [], props: {} },
                { n: null, s: "a", at: null, tags: null, props: null },
            ],
        );
    });
    after(() => on.close());

    /** Expressions with what they are in Trino. https://trino.io/docs/current/functions.html */
    const values: readonly (readonly [string, string | null])[] = [
        ["concat('a', NULL)", null],
        ["concat('a', 'b', 'c', 'd')", "abcd"],
        ["'a' || 'b'", "ab"],
        ["7 / 2", "3"],
        ["-7 / 2", "-3"],
        ["7.0 / 2", "3.5"],
        ["7 % 2", "1"],
        ["greatest(1, NULL)", null],
        ["least(3, 2, 1)", "1"],
        ["date_diff('day', timestamp '2026-01-01 10:00:00', timestamp '2026-01-02 09:00:00')", "0"],
        ["date_diff('day', date '2026-01-01', date '2026-03-01')", "59"],
        ["date_diff('month', date '2026-01-15', date '2026-03-14')", "1"],
        ["date_diff('minute', timestamp '2026-01-01 10:00:59', timestamp '2026-01-01 10:01:00')", "0"],
        ["date_add('hour', -1, timestamp '2026-01-01 00:00:00')", "2025-12-31 23:00:00.000000"],
        ["date_trunc('month', timestamp '2026-01-31 10:00:00')", "2026-01-01 00:00:00.000000"],
        ["date_format(timestamp '2026-01-02 03:04:05', '%Y-%m-%d %H:%i:%s')", "2026-01-02 03:04:05"],
        ["date_parse('2026-01-02', '%Y-%m-%d')", "2026-01-02 00:00:00.000000"],
        ["format_datetime(timestamp '2026-01-02 03:04:05', 'yyyy-MM-dd''T''HH:mm:ss')", "2026-01-02T03:04:05"],
        ["parse_datetime('02/01/2026', 'dd/MM/yyyy')", "2026-01-02 00:00:00.000000"],
        ["from_iso8601_timestamp('2026-01-01T10:00:00+02:00')", "2026-01-01 08:00:00.000 UTC"],
        ["from_unixtime(1700000000)", "2023-11-14 22:13:20.000 UTC"],
        ["to_unixtime(timestamp '2026-01-01 00:00:00')", "1.7672256E9"],
        ["timestamp '2026-01-01 00:00:00' AT TIME ZONE 'UTC'", "2026-01-01 00:00:00.000 UTC"],
        ["year(date '2026-02-03') * 10000 + month(date '2026-02-03') * 100 + day(date '2026-02-03')", "20260203"],
        ["day_of_week(date '2026-11-22')", "7"],
        ["day_of_year(date '2026-02-01')", "32"],
        ["week(date '2027-01-01')", "53"],
        ["year_of_week(date '2027-01-01')", "2026"],
        ["last_day_of_month(date '2024-02-10')", "2024-02-29"],
        ["hour(timestamp '2026-01-01 10:20:30.456') + millisecond(timestamp '2026-01-01 10:20:30.456')", "466"],
        ["extract(quarter FROM date '2026-05-01')", "2"],
        ["date '2026-01-31' > date '2026-01-30'", "true"],
        ["element_at(ARRAY[1, 2], -1)", "2"],
        ["element_at(ARRAY[1, 2], 5)", null],
        ["element_at(MAP(ARRAY['a'], ARRAY[1]), 'b')", null],
        ["MAP(ARRAY['a'], ARRAY[1])['a']", "1"],
        ["cardinality(ARRAY[1, 2])", "2"],
        ["cardinality(MAP(ARRAY['a'], ARRAY[1]))", "1"],
        ["array_join(ARRAY['a', NULL, 'b'], ',')", "a,b"],
        ["array_join(ARRAY['a', NULL], ',', '-')", "a,-"],
        ["array_distinct(ARRAY[1, 1])", "[1]"],
        ["array_position(ARRAY[1, 2], 3)", "0"],
        ["array_sort(ARRAY[2, 1])", "[1, 2]"],
        ["array_max(ARRAY[2, 1])", "2"],
        ["slice(ARRAY[1, 2, 3], 2, 2)", "[2, 3]"],
        ["sequence(1, 3)", "[1, 2, 3]"],
        ["flatten(ARRAY[ARRAY[1], ARRAY[2, 3]])", "[1, 2, 3]"],
        ["transform(ARRAY[1, 2], x -> x + 1)", "[2, 3]"],
        ["filter(ARRAY[1, 2], x -> x > 1)", "[2]"],
        ["reduce(ARRAY[1, 2, 3], 10, (s, x) -> s + x, s -> s)", "16"],
        ["any_match(ARRAY[1, 2], x -> x > 1)", "true"],
        ["all_match(ARRAY[1, 2], x -> x > 1)", "false"],
        ["none_match(ARRAY[1, 2], x -> x > 2)", "true"],
        ["contains(ARRAY[1, 2], 2)", "true"],
        ["ARRAY[1] || ARRAY[2]", "[1, 2]"],
        ["repeat('a', 2)", "[a, a]"],
        ["arrays_overlap(ARRAY[1], ARRAY[1, 2])", "true"],
        ["map_keys(MAP(ARRAY['a'], ARRAY[1]))", "[a]"],
        ["CAST(ROW(1, 'x') AS ROW(a integer, b varchar))", "{a=1, b=x}"],
        ["CAST(ROW(1, 'x') AS ROW(a integer, b varchar)).b", "x"],
        [`json_extract_scalar('{"a":{"b":"z"}}', '$.a.b')`, "z"],
        [`json_extract('{"a":[1,2]}', '$.a')`, "[1,2]"],
        [`json_array_length('[1,2]')`, "2"],
        [`json_format(json_parse('{"a":1}'))`, '{"a":1}'],
        ["split('a,b', ',')", "[a, b]"],
        ["split_part('a,b', ',', 2)", "b"],
        ["split_part('a,b', ',', 3)", null],
        ["regexp_like('abc', '^a')", "true"],
        ["regexp_extract('abc', 'a(b)', 1)", "b"],
        ["regexp_extract('abc', 'x')", null],
        ["regexp_replace('abc', '(b)', '[$1]')", "a[b]c"],
        ["regexp_replace('abcb', 'b')", "ac"],
        ["regexp_count('abab', 'a')", "2"],
        ["substr('hello', -3)", "llo"],
        ["strpos('hello', 'l')", "3"],
        ["position('x' IN 'hello')", "0"],
        ["length('é😀')", "2"],
        ["lpad('5', 3, '0')", "005"],
        ["reverse('abc')", "cba"],
        ["levenshtein_distance('kitten', 'sitting')", "3"],
        ["to_hex(md5(to_utf8('a')))", "0CC175B9C0F1B6A831C399E269772661"],
        ["to_base64(to_utf8('a'))", "YQ=="],
        ["from_utf8(from_base64('YQ=='))", "a"],
        ["url_extract_host('http://u@h.x:80/p?q=1#f')", "h.x"],
        ["url_extract_path('http://h.x/p?q=1')", "/p"],
        ["url_extract_path('/p/q?r')", "/p/q"],
        ["url_extract_query('http://h.x/p?q=1#f')", "q=1"],
        ["url_extract_port('http://h.x:80/')", "80"],
        ["url_decode('a%20b')", "a b"],
        ["chr(65)", "A"],
        ["round(2.5)", "3"],
        ["round(-2.345, 2)", "-2.35"],
        ["truncate(-2.7)", "-2"],
        ["mod(-7, 3)", "-1"],
        ["power(2, 10)", "1024.0"],
        ["bitwise_and(6, 3)", "2"],
        ["to_base(255, 16)", "ff"],
        ["1e7", "1.0E7"],
        ["CAST(0.1 AS real)", "0.1"],
        ["1.10 + 2.205", "3.305"],
        ["TRY(CAST('x' AS integer))", null],
        ["TRY_CAST('7' AS bigint)", "7"],
        ["IF(1 = 2, 'a')", null],
        ["COALESCE(NULL, 2)", "2"],
        ["NULLIF(1, 1)", null],
        ["typeof(1)", "integer"],
        ["'a_b' LIKE 'a\\_%' ESCAPE '\\'", "true"],
        ["1 IS DISTINCT FROM NULL", "true"],
        ["X'6162'", "61 62"],
        ["length('a\\nb')", "4"],
        ["any_match(ARRAY[ARRAY[1]], x -> any_match(x, y -> y = 1))", "true"],
        ["interval '90' minute", "0 01:30:00.000"],
    ];
    it("give what they give in Trino", async () => {
        const found: (readonly [string, string | null])[] = [];
        for (let at = 0; at < values.length; at += 25) {
            const some = values.slice(at, at + 25).map(([sql]) => sql);
            const { rows } = await on.ask(`SELECT ${some.join(", ")}`);
            found.push(...some.map((sql, column) => [sql, rows[0][column]] as const));
        }
        assert.deepStrictEqual(found, values);
    }).timeout(20_000);

    it("aggregate as in Trino", async () => {
        const { columns, rows } = await on.ask(
            `SELECT count_if(n > 1) AS a, count_if(n > 9) AS b, approx_distinct(s) AS c, max_by(s, n) AS d, min_by(s, n) AS e,
                array_agg(n ORDER BY n) AS f, map_agg(s, n) AS g, count(*) FILTER (WHERE n > 0) AS h, sum(n) AS i, avg(n) AS j,
                bool_and(n > 0) AS k, approx_percentile(n, 0.5) AS l, listagg(s, ',') WITHIN GROUP (ORDER BY s) AS m, arbitrary(n) AS o
             FROM t WHERE n IS NOT NULL`,
        );
        assert.deepStrictEqual(columns, [
            "a bigint",
            "b bigint",
            "c bigint",
            "d varchar",
            "e varchar",
            "f array",
            "g map",
            "h bigint",
            "i bigint",
            "j double",
            "k boolean",
            "l bigint",
            "m varchar",
            "o bigint",
        ]);
        assert.deepStrictEqual(rows, [
            ["1", "0", "2", "b", "a", "[1, 2]", "{a=1, b=2}", "2", "3", "1.5", "true", "2", "a,b", "1"],
        ]);
        assert.deepStrictEqual((await on.ask("SELECT count_if(n > 1), sum(n), count(*) FROM t WHERE n > 5")).rows, [
            ["0", null, "0"],
        ]);
    });

    it("window, set and nest as in Trino", async () => {
        const rows = async (sql: string) => (await on.ask(sql)).rows;
        assert.deepStrictEqual(
            await rows(
                "SELECT s, rank() OVER (PARTITION BY s ORDER BY n DESC) AS r, lag(n) OVER (ORDER BY n) FROM t ORDER BY n",
            ),
            [
                ["a", "2", null],
                ["b", "1", "1"],
                ["a", "1", "2"],
            ].map((row, at) => (at === 0 ? ["a", "1", null] : at === 2 ? ["a", "2", "2"] : row)),
        );
        assert.deepStrictEqual(await rows("SELECT n FROM t UNION ALL SELECT 9 ORDER BY 1 NULLS FIRST"), [
            [null],
            ["1"],
            ["2"],
            ["9"],
        ]);
        assert.deepStrictEqual(await rows("SELECT s FROM t EXCEPT SELECT 'b'"), [["a"]]);
        assert.deepStrictEqual(
            await rows("SELECT n, x, i FROM t CROSS JOIN UNNEST(tags) WITH ORDINALITY AS u(x, i) ORDER BY i"),
            [
                ["1", "x", "1"],
                ["1", "y", "2"],
            ],
        );
        assert.deepStrictEqual(await rows("SELECT n, k, v FROM t CROSS JOIN UNNEST(props) AS u(k, v)"), [
            ["1", "k", "7"],
        ]);
        assert.deepStrictEqual(await rows("SELECT a, b FROM UNNEST(ARRAY[1, 2], ARRAY['x']) AS u(a, b)"), [
            ["1", "x"],
            ["2", null],
        ]);
        assert.deepStrictEqual(await rows("SELECT x FROM (VALUES 2, 1) AS v(x) ORDER BY x"), [["1"], ["2"]]);
        assert.deepStrictEqual(await rows("SELECT s, sum(n) FROM t GROUP BY ROLLUP (s) ORDER BY s NULLS LAST"), [
            ["a", "1"],
            ["b", "2"],
            [null, "3"],
        ]);
        assert.deepStrictEqual(await rows("SELECT n FROM t ORDER BY n OFFSET 1 LIMIT 1"), [["2"]]);
        assert.deepStrictEqual(
            await rows(
                "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3) SELECT n FROM c ORDER BY n",
            ),
            [["1"], ["2"], ["3"]],
        );
        assert.deepStrictEqual(await rows("SELECT count(*) FROM t WHERE EXISTS (SELECT 1 FROM t u WHERE u.n > t.n)"), [
            ["1"],
        ]);
        assert.deepStrictEqual(
            await rows("SELECT props['k'], tags[1] FROM t WHERE at < timestamp '2026-01-02 00:00:00'"),
            [["7", "x"]],
        );
    });

    const refused: readonly (readonly [string, string])[] = [
        ["random(10)", "random with a limit"],
        ["at_timezone(current_timestamp, 'Europe/Paris')", "The time zone 'Europe/Paris'"],
        ["format_datetime(current_timestamp, 'EEE')", "The pattern 'EEE' of format_datetime or parse_datetime"],
        ["reduce(ARRAY[1], 0, (s, x) -> s + x, s -> s * 2)", "reduce with a final function that does something"],
    ];
    for (const [sql, what] of refused) {
        it(`do not include ${sql}`, async () => {
            const [state, reason] = await on.refusal(`SELECT ${sql}`);
            assert.deepStrictEqual(
                [state, reason?.replace(/line \d+:\d+: /, "")],
                ["FAILED", `NOT_SUPPORTED: LocalUnsupported: ${what} is not supported by the local runtime.`],
            );
        });
    }
});
