/** Name of the DuckDB schema that holds the macros. */
export const SCHEMA = "trino";

/**
 * Functions that Trino and DuckDB both have under one name and understand differently, or that only Trino has: each as a DuckDB macro.
 * https://docs.aws.amazon.com/athena/latest/ug/functions-env3.html
 */
const MACROS: readonly string[] = [
    // A NULL makes the whole NULL; DuckDB would leave it out.
    several("concat", 2, 10, (args) => args.join(" || ")),
    several("greatest", 2, 6, (args) => nullIfAnyIs(args, `greatest(${args.join(", ")})`)),
    several("least", 2, 6, (args) => nullIfAnyIs(args, `least(${args.join(", ")})`)),
    // Whole units that have passed; DuckDB would count the boundaries between.
    "date_diff(unit, a, b) AS date_sub(lower(unit), a, b)",
    "element_at(x, key) AS x[key]",
    // For arrays and for maps: DuckDB has a function for each.
    "trino_cardinality(x) AS CASE WHEN x IS NULL THEN NULL WHEN json_type(to_json(x)) = 'OBJECT' THEN len(json_keys(to_json(x))) ELSE json_array_length(to_json(x)) END",
    "trino_count_if(x) AS count(CASE WHEN x THEN 1 END)",
    "json_parse(x) AS x::JSON",
    "json_size(j, p) AS coalesce(json_array_length(j, p), len(json_keys(j, p)), 0)",
    "approx_percentile(x, p) AS approx_quantile(x, p)",
    "map_agg(k, v) AS map(list(k), list(v))",
    "geometric_mean(x) AS geomean(x)",
    "array_join(a, s) AS array_to_string(a, s), (a, s, n) AS array_to_string(list_transform(a, lambda x: coalesce(x::VARCHAR, n)), s)",
    "slice(a, s, n) AS list_slice(a, s, s + n - 1)",
    "sequence(a, b) AS generate_series(a, b), (a, b, s) AS generate_series(a, b, s)",
    "array_position(a, x) AS CASE WHEN a IS NULL OR x IS NULL THEN NULL ELSE coalesce(list_position(a, x), 0) END",
    "array_union(a, b) AS list_distinct(list_concat(a, b))",
    "arrays_overlap(a, b) AS list_has_any(a, b)",
    "array_sort(a) AS list_sort(a)",
    "repeat(x, n) AS list_resize([x], n, x)",
    "split_part(s, d, n) AS str_split(s, d)[n]",
    "regexp_replace(s, p, r, o) AS regexp_replace(s, p, regexp_replace(r, '\\$(\\d)', '\\\\\\1', 'g'), 'g'), (s, p) AS regexp_replace(s, p, '', 'g')",
    "regexp_count(s, p) AS len(regexp_extract_all(s, p))",
    "levenshtein_distance(a, b) AS levenshtein(a, b)",
    "hamming_distance(a, b) AS hamming(a, b)",
    "normalize(s) AS nfc_normalize(s)",
    "codepoint(s) AS unicode(s)",
    "md5(x) AS unhex(md5(x))",
    "sha1(x) AS unhex(sha1(x))",
    "sha256(x) AS unhex(sha256(x))",
    "url_extract_protocol(u) AS nullif(regexp_extract(u, '^([a-zA-Z][a-zA-Z0-9+.-]*):', 1), '')",
    "url_extract_host(u) AS nullif(regexp_extract(u, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/:?#]+)', 1), '')",
    "url_extract_port(u) AS TRY_CAST(regexp_extract(u, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*:([0-9]+)', 1) AS BIGINT)",
    "url_extract_path(u) AS regexp_extract(u, '^(?:[a-zA-Z][a-zA-Z0-9+.-]*:(?://[^/?#]*)?)?([^?#]*)', 1)",
    "url_extract_query(u) AS nullif(regexp_extract(u, '\\?([^#]*)', 1), '')",
    "url_extract_fragment(u) AS nullif(regexp_extract(u, '#(.*)$', 1), '')",
    "e() AS exp(1)",
    "infinity() AS 'inf'::DOUBLE",
    "nan() AS 'nan'::DOUBLE",
    "is_finite(x) AS isfinite(x)",
    "is_infinite(x) AS isinf(x)",
    "bitwise_and(a, b) AS a & b",
    "bitwise_or(a, b) AS a | b",
    "bitwise_xor(a, b) AS xor(a, b)",
    "to_base(x, r) AS lower(to_base(x, r))",
    "millisecond(t) AS epoch_ms(t::TIMESTAMP) % 1000",
    "day_of_month(t) AS day(t)",
    "week_of_year(t) AS week(t)",
    "typeof(x) AS lower(typeof(x))",
];

function several(name: string, from: number, to: number, body: (args: readonly string[]) => string): string {
    const overloads = Array.from({ length: to - from + 1 }, (_, at) => {
        const args = Array.from({ length: from + at }, (_, arg) => `x${arg}`);
        return `(${args.join(", ")}) AS ${body(args)}`;
    });
    return `${name}${overloads.join(", ")}`;
}

function nullIfAnyIs(args: readonly string[], otherwise: string): string {
    return `CASE WHEN ${args.map((arg) => `${arg} IS NULL`).join(" OR ")} THEN NULL ELSE ${otherwise} END`;
}

/** SQL that makes the macros, once for each DuckDB. */
export const PRELUDE: readonly string[] = [
    `CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`,
    ...MACROS.map((macro) => `CREATE OR REPLACE MACRO ${SCHEMA}.${macro}`),
];

/** Names of the macros. */
export const MACRO_NAMES: ReadonlySet<string> = new Set(MACROS.map((macro) => macro.slice(0, macro.indexOf("("))));

/** Functions of Trino that are DuckDB's under another name: those that take lambdas, which a macro cannot pass on, and some kept from the bridge. */
export const RENAMED: ReadonlyMap<string, string> = new Map([
    ["transform", "list_transform"],
    ["trino_flatten", "flatten"],
    ["trino_to_hex", "hex"],
    ["trino_unnest", "unnest"],
    ["trino_reduce", "list_reduce"],
    ["year_of_week", "isoyear"],
    ["last_day_of_month", "last_day"],
    ["dow", "isodow"],
    ["doy", "dayofyear"],
    ["yow", "isoyear"],
]);

/** DuckDB's functions and operators that a query may come down to. None of them reaches a file, a setting or another query. */
export const NATIVE: ReadonlySet<string> = new Set(
    `
    + - * / // % ^ ** & | << >> ~ || ~~ !~~ ~~* !~~* ~~~ like_escape not_like_escape ilike_escape not_ilike_escape ->> ->
    abs ceil ceiling floor round trunc power pow sqrt cbrt exp ln log log10 log2 mod sign random pi degrees radians
    sin cos tan asin acos atan atan2 sinh cosh tanh isnan isinf isfinite xor bit_count hex unhex
    lower upper trim ltrim rtrim length len lpad rpad reverse replace substring substr strpos position starts_with ends_with str_split
    str_split_regex string_split string_split_regex split chr translate encode decode to_base64 from_base64 base64 url_encode url_decode
    regexp_matches regexp_extract regexp_extract_all regexp_full_match concat_ws format array_extract array_slice struct_pack
    struct_extract row list_value list_extract map map_keys map_values map_entries map_from_entries map_concat map_extract contains
    list_contains array_distinct list_distinct array_length list_transform list_filter list_reduce list_max list_min
    list_sum list_sort list_reverse_sort list_concat array_concat list_intersect array_intersect list_has_any flatten unnest generate_subscripts
    date_trunc date_part datepart date_add year quarter month week weekofyear yearweek day hour minute second dayofweek dayofmonth
    dayofyear isodow isoyear last_day strftime strptime epoch epoch_ms to_timestamp make_date make_timestamp current_date
    get_current_timestamp now current_localtimestamp current_localtime today to_days to_hours to_minutes to_seconds
    to_milliseconds to_months to_years to_weeks
    json json_extract json_extract_string json_array_length json_keys json_valid to_json json_type
    count count_star sum avg min max stddev stddev_samp stddev_pop variance var_samp var_pop corr covar_pop covar_samp regr_slope regr_intercept
    skewness kurtosis bool_and bool_or approx_count_distinct approx_quantile arg_max arg_min arg_max_null arg_min_null max_by min_by any_value
    array_agg list string_agg listagg histogram bit_and bit_or bit_xor entropy mode median quantile_cont product
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value grouping first last
    coalesce nullif ifnull
    `
        .trim()
        .split(/\s+/),
);

/** Names that only DuckDB knows, though a query may come down to them: what works here must work on AWS. */
export const DUCK_ONLY =
    /^(list|list_.*|len|str_split.*|string_.*|struct_.*|array_extract|array_slice|array_length|array_concat|regexp_matches|regexp_full_match|strftime|strptime|epoch.*|isodow|isoyear|yearweek|weekofyear|dayofweek|dayofmonth|datepart|date_part|make_.*|to_(days|hours|minutes|seconds|milliseconds|months|years|weeks|timestamp|json)|hex|unhex|json_keys|json_type|json_valid|json_extract_string|quantile_cont|median|mode|product|entropy|first|last|trino_.*|.*_null|approx_count_distinct|approx_quantile|encode|decode|isnan|isinf|isfinite|unnest|today|get_current_timestamp|current_local.*|constant_or_null|ifnull|bit_(and|or|xor|count)|map_extract|base64|ends_with|like_escape|ilike_escape)$/;
