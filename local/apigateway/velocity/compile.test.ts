import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { inputVariable, payload, utilVariable } from "../variables";
import { compileTemplate } from "./compile";

/** Renders a template over a body, as an integration does. */
function render(template: string, body: unknown = {}, variables: Record<string, unknown> = {}): string {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const parameters = { path: { id: "p" }, querystring: { id: "q", page: "2" }, header: { "x-trace": "t" } };
    const context = { stage: "v1", identity: {}, responseOverride: { header: {} } };
    const input = inputVariable(payload(text), parameters);
    return compileTemplate(template)({ input, util: utilVariable, context, stageVariables: { a: "b" }, ...variables });
}

/** Strings that have broken templates before: what templates, JSON, Java, regular expressions and UTF-8 give a meaning to. */
const hostile = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom(..."$#{}[]\"'\\/\n\r\t\0!()._ab1\u2028\u2029é😀") }),
    fc.constantFrom(
        "$util.base64Encode('x')",
        "#set($x = 1)",
        "#end",
        "${text}",
        "$!{x}",
        "#[[x]]#",
        "##",
        "#*",
        "\\u0041",
        "$1",
        "$&",
    ),
);

describe("A mapping template", () => {
    const items = { items: [{ a: 1 }, { a: "two" }, { a: null }] };
    const cases: readonly (readonly [string, string, unknown, string])[] = [
        ["passes text through", '{"a": "b"}', {}, '{"a": "b"}'],
        ["prints a variable", "$stageVariables.a ${stageVariables.a} $!stageVariables.a", {}, "b b b"],
        [
            "prints what is missing as nothing",
            "[$nothing][$input.path('$.x')][$stageVariables.x][$input.path('$').a.b]",
            {},
            "[][][][]",
        ],
        ["prints a missing value as an empty string of JSON", "$input.json('$.x')", {}, '""'],
        ["prints null as null of JSON", "$input.json('$.x')", { x: null }, "null"],
        ["serializes without spaces", "$input.json('$')", '{ "a" : [ 1, "x" ] }', '{"a":[1,"x"]}'],
        [
            "keeps numbers as they came",
            "$input.json('$')",
            '{"a":12345678901234567890,"b":1.0,"c":1e5,"d":-0}',
            '{"a":12345678901234567890,"b":1.0,"c":1e5,"d":-0}',
        ],
        [
            "prints a number as it came",
            "$input.path('$.a') $input.path('$.b')",
            '{"a":12345678901234567890,"b":1.50}',
            "12345678901234567890 1.50",
        ],
        [
            "prints a map as Java does, and a list as JSON",
            "$input.path('$')",
            { a: "x", b: [{ c: 1 }] },
            '{a=x, b=[{"c":1}]}',
        ],
        ["takes an empty body as an empty object", "$input.json('$') $input.body", "", "{} {}"],
        ["takes a body that is not JSON as text", "$input.path('$') $input.json('$')", "nope", 'nope "nope"'],
        [
            "looks for parameters in path, query and headers",
            "$input.params('id') $input.params('page') $input.params('X-Trace') [$input.params('z')]",
            {},
            "p 2 t []",
        ],
        [
            "gives parameters as maps",
            "$input.params().path.id $input.params().querystring.get('page') $input.params().header.keySet()",
            {},
            'p 2 ["x-trace"]',
        ],
        [
            "loops over a list",
            "#foreach($i in $input.path('$.items'))$foreach.index:$i.a:$foreach.count#if($foreach.hasNext),#end#end",
            items,
            "0:1:1,1:two:2,2::3",
        ],
        ["loops over a map's values", "#foreach($v in $input.path('$'))$v;#end", { a: 1, b: 2 }, "1;2;"],
        [
            "loops over entries",
            "#foreach($e in $input.path('$').entrySet())$e.key=$e.value,$e.getKey();#end",
            { a: 1 },
            "a=1,a;",
        ],
        ["loops over nothing", "#foreach($v in $nothing)x#end#foreach($v in $stageVariables.a)x#end", {}, ""],
        [
            "stops a loop at #break, and only that loop",
            "#foreach($i in [1..2])#foreach($j in [1..9])#if($j == 3)#break#end$j#end;#end",
            {},
            "12;12;",
        ],
        [
            "gives a loop its outer loop",
            "#foreach($i in [1..2])#foreach($j in [5])$foreach.parent.index#end#end",
            {},
            "01",
        ],
        ["puts the loop's variable back", "#set($i = 'x')#foreach($i in [1..2])$i#end$i", {}, "12x"],
        ["counts down", "#foreach($i in [3..1])$i#end", {}, "321"],
        ["keeps what a loop sets", "#foreach($i in [1..3])#set($last = $i)#end$last", {}, "3"],
        [
            "chooses a branch",
            "#if($input.path('$.a') == 1)one#elseif($input.path('$.a') == 2)two#{else}more#end",
            { a: 2 },
            "two",
        ],
        [
            "takes empty text, zero and empty lists as true, as Velocity 1.7 does",
            "#if($input.path('$.s'))s#end#if($input.path('$.z'))z#end#if($input.path('$.l'))l#end#if($nothing)n#end",
            { s: "", z: 0, l: [] },
            "szln",
        ],
        [
            "takes false alone as false",
            "#if($input.path('$.f'))x#{else}y#end#if(!$input.path('$.f'))z#end",
            { f: false },
            "yz",
        ],
        ["combines conditions", "#if($a && !$b || false)x#end#if(($a || $b) && !($b == true))y#end", {}, "y"],
        [
            "compares numbers by value",
            "#if(1 == 1.0)a#end#if($input.path('$.n') == 10)b#end#if($input.path('$.n') >= 10)c#end#if(2 < 10)d#end",
            '{"n":10.0}',
            "abcd",
        ],
        [
            "compares different kinds by what they print",
            "#if('1' == 1)a#end#if('true' == true)b#end#if('x' != 1)c#end",
            {},
            "abc",
        ],
        ["compares text with numbers to nothing", "#if('2' > 1)x#end#if('2' <= 1)y#end#if($nothing > 0)z#end", {}, ""],
        [
            "calculates",
            "#set($x = 1 + 2 * 3)$x #set($y = 7 / 2)$y #set($z = 7 % 4)$z #set($w = 7.5 / 2)$w #set($v = 5 - 7)$v",
            {},
            "7 3 3 3.75 -2",
        ],
        ["divides by zero to nothing", "#set($x = 1 / 0)[$x]", {}, "[]"],
        ["joins text with +", "#set($x = 'a' + 1 + 'b')$x", {}, "a1b"],
        [
            "interpolates double quotes only",
            "#set($n = 'v')#set($d = \"<$n ${n}>\")#set($s = '<$n>')$d$s",
            {},
            "<v v><$n>",
        ],
        [
            "leaves a JSONPath in double quotes alone",
            '#foreach($i in [0..1])$input.json("$.items[$foreach.index].a")#end',
            items,
            '1"two"',
        ],
        [
            "sets entries of maps and lists",
            "#set($m = {'a': 1})#set($m.b = 2)#set($m['c'] = 3)#set($l = [1, 2])#set($l[0] = 9)$m $l",
            {},
            "{a=1, b=2, c=3} [9,2]",
        ],
        [
            "changes maps and lists by their methods",
            "#set($m = {})#set($o = $m.put('k', 'v'))#set($o = $m.put('k', 'w'))$o#set($l = [])#set($o = $l.add('x'))$o $l.size() $m.size() $l.contains('x') $m.containsKey('k') $l.isEmpty() $m.remove('k')$m.isEmpty()",
            {},
            "vtrue 1 1 true true false wtrue",
        ],
        [
            "reads by index",
            "$input.path('$.items')[1].a $input.path('$.items').get(0).a $input.path('$')['items'].size()",
            items,
            "two 1 3",
        ],
        [
            "overrides the status",
            "#set($context.responseOverride.status = 207)#set($context.responseOverride.header.X-A = 'b')$context.responseOverride.status $context.responseOverride.header.X-A",
            {},
            "207 b",
        ],
        ["ignores comments", "a## rest\nb#* c *#d", {}, "abd"],
        ["leaves raw text alone", "#[[ $x #if ]]#", {}, " $x #if "],
        ["swallows the line break after a directive", "#set($x = 1)\n$x\n#if($x)\ny\n#end\nz", {}, "1\ny\nz"],
        ["calls macros", "#macro(twice $v)$v$v#end#twice('ab')#twice($stageVariables.a)", {}, "ababbb"],
        ["decodes and encodes base64", "$util.base64Encode('é😀') $util.base64Decode('w6k=')", {}, "w6nwn5iA é"],
        [
            "escapes for JavaScript",
            "$util.escapeJavaScript($input.path('$.t'))",
            { t: "a'b\"c\\d/e\nf\u0001gé😀" },
            "a\\'b\\\"c\\\\d\\/e\\nf\\u0001g\\u00E9\\uD83D\\uDE00",
        ],
        [
            "takes the escapes of single quotes back as AWS's documentation says",
            "$util.escapeJavaScript($input.path('$.t')).replaceAll(\"\\\\'\",\"'\")",
            { t: "it's" },
            "it's",
        ],
        [
            "encodes and decodes URLs as Java does",
            "$util.urlEncode($input.path('$.t')) $util.urlDecode('a+b%20c%2B')",
            { t: "a b~*(é)'-_." },
            "a+b%7E*%28%C3%A9%29%27-_. a b c+",
        ],
        ["parses JSON in text", "$util.parseJson($input.path('$.t')).k[1]", { t: '{"k":[1,2]}' }, "2"],
        [
            "queries many places",
            "$input.json('$..a') $input.path('$.items[*].a').size() $input.json('$.items[?(@.a == 1)]') $input.json('$.items[0:2]') $input.path('$.items.length()')",
            items,
            '[1,"two",null] 3 [{"a":1}] [{"a":1},{"a":"two"}] 3',
        ],
    ];
    for (const [title, template, body, expected] of cases) {
        it(title, () => assert.deepStrictEqual(render(template, body), expected));
    }

    const strings: readonly (readonly [string, string])[] = [
        ["$s.length() $s.isEmpty() $s.contains('b,') $s.indexOf('b') $s.lastIndexOf('z')", "8 false true 3 -1"],
        ["$s.startsWith(' ') $s.endsWith('c ') $s.equals('x') $s.equalsIgnoreCase(' A,B,,C ')", "true true false true"],
        ["$s.trim() $s.substring(1, 2) $s.substring(6) $s.charAt(1) $s.concat('!')", "a,b,,c a c  a  a,b,,c !"],
        ["$s.toUpperCase() $s.toLowerCase() $s.toString()", " A,B,,C   a,b,,c   a,b,,c "],
        [
            "$s.replace(',', '.') $s.replaceAll('[a-c]', '<$0>') $s.replaceFirst(',', '\\$1')",
            " a.b..c   <a>,<b>,,<c>   a$1b,,c ",
        ],
        [
            "$s.matches('.*b.*') $s.matches('b') $s.trim().split(',') $s.split('x').size()",
            'true false ["a","b","","c"] 1',
        ],
        ["$s.trim().concat(',,').split(',').size() $s.compareTo('zzz')", "4 -1"],
    ];
    for (const [template, expected] of strings) {
        it(`has Java's string methods: ${template}`, () =>
            assert.deepStrictEqual(render(template, {}, { s: " a,b,,c " }), expected));
    }

    it("takes at most 1,000 turns in a loop, as AWS does", () => {
        assert.deepStrictEqual(render("#foreach($i in $input.path('$'))x#end", Array(1200).fill(0)).length, 1000);
        assert.deepStrictEqual(render("#foreach($i in [1..99999999])x#end").length, 1000);
    });

    const refused: readonly (readonly [string, string])[] = [
        ["#evaluate('$x')", "The directive #evaluate in a mapping template is not supported by the local runtime."],
        ["#stop", "The directive #stop in a mapping template is not supported by the local runtime."],
        [
            "$util.toJson($x)",
            "The method toJson() of $util.toJson($x) in a mapping template is not supported by the local runtime.",
        ],
        [
            "$x.getClass()",
            "The method getClass() of $x.getClass() in a mapping template is not supported by the local runtime.",
        ],
        ["#unknown('x')", "The directive #unknown in a mapping template is not supported by the local runtime."],
        ["#if($x)", "1 blocks are opened and 0 are closed with #end"],
        ["#end", "0 blocks are opened and 1 are closed with #end"],
    ];
    for (const [template, message] of refused) {
        it(`is refused when it is made, not when it runs: ${template}`, () => {
            assert.throws(() => compileTemplate(template), { message });
        });
    }

    it("does not parse", () => assert.throws(() => compileTemplate("#set($x = )")));

    it("gives nothing of JavaScript away", () => {
        const template =
            "[$o.constructor][$o.__proto__][$o.toString][$s.length][$l.constructor][$o.get('constructor')][$o.get('__proto__')]";
        assert.deepStrictEqual(render(template, {}, { o: {}, s: "abc", l: [] }), "[][][][][][][]");
        const put =
            "#set($x = $o.put('__proto__', 'v'))$o.get('__proto__') $o.size() #set($o.constructor = 'c')$o.constructor";
        assert.deepStrictEqual(render(put, "{}", { o: {} }), "v 1 c");
    });

    it("reads a key named __proto__ like any other", () => {
        assert.deepStrictEqual(
            render("$input.path('$.__proto__.a') $input.json('$')", '{"__proto__":{"a":1}}'),
            '1 {"__proto__":{"a":1}}',
        );
    });

    describe("given a hostile string", () => {
        const forms: readonly (readonly [string, string, (out: string) => string])[] = [
            ["in text", "$text", (out) => out],
            ["twice through double quotes", '#set($a = "$text")#set($b = "${a}")$b', (out) => out],
            ["through a macro", "#macro(m $v)$v#end#m($text)", (out) => out],
            ["through a loop over a list", "#foreach($t in [$text])$t#end", (out) => out],
            ["in base64", "$util.base64Encode($text)", (out) => Buffer.from(out, "base64").toString()],
            [
                "in base64 of double quotes",
                '$util.base64Encode("$text")',
                (out) => Buffer.from(out, "base64").toString(),
            ],
            ["in a URL", "$util.urlEncode($text)", (out) => decodeURIComponent(out.replaceAll("+", " "))],
            ["there and back in a URL", "$util.urlDecode($util.urlEncode($text))", (out) => out],
            ["as JSON", "$input.json('$.text')", (out) => JSON.parse(out) as string],
            ["as JSON inside JSON", "$util.parseJson($input.json('$')).text", (out) => out],
            [
                "escaped in a property",
                `{"t": "$util.escapeJavaScript($text).replaceAll("\\\\'","'")"}`,
                (out) => (JSON.parse(out) as { t: string }).t,
            ],
        ];
        for (const [title, template, back] of forms) {
            const compiled = compileTemplate(`#set($text = $input.path('$.text'))${template}`);
            it(`gives it back unchanged ${title}`, () => {
                fc.assert(
                    fc.property(hostile, (text) => {
                        const input = inputVariable(payload(JSON.stringify({ text })), {
                            path: {},
                            querystring: {},
                            header: {},
                        });
                        assert.deepStrictEqual(back(compiled({ input, util: utilVariable })), text);
                    }),
                    { seed: 7, numRuns: 300 },
                );
            });
        }

        it("gives a mebibyte of it back", () => {
            const text = "$x#end\"'\\\n\u2028😀".repeat(90_000);
            assert.deepStrictEqual(
                Buffer.from(render("$util.base64Encode($input.path('$.text'))", { text }), "base64").toString(),
                text,
            );
        });

        it("refuses half a surrogate pair where it would be changed, and keeps it where it is not", () => {
            const body = '{"text":"\\ud800"}';
            assert.throws(() => render("$util.base64Encode($input.path('$.text'))", body), {
                message: "Unpaired surrogate in a string",
            });
            assert.throws(() => render("$util.urlEncode($input.path('$.text'))", body), {
                message: "Unpaired surrogate in a string",
            });
            assert.deepStrictEqual(render("$input.json('$')", body), body);
        });
    });
});
