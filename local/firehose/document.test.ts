import { deepStrictEqual, strictEqual } from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import fc from "fast-check";
import { type StreamConfig, streamConfig } from "./config";
import { type Document, documentOf, rawDataOf, sequenceOf } from "./document";
import { linesIn } from "./files";
import { icebergInputs } from "./test-support";

const config: StreamConfig = streamConfig({
    type: "",
    id: "",
    inputs: icebergInputs() as never,
    outputs: { arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/visits" },
});
const documentFrom = (text: string | Buffer, position = 7) =>
    documentOf(config, Buffer.from(text), position, undefined) as Document;

/** Whatever a client may send, separators of every kind included. */
const hostile = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("\u2028", "\u2029", "\u0085", '"', "\\", "\n", "\r\n", "${}", "#", "\u0000", '{"__seq":1}'),
);

describe("A document", () => {
    it("keeps the text as it came, with the position and the operation in front", () => {
        strictEqual(
            documentFrom('{"n":1.0000000000000000001, "s":"\\u00e9"}\n').line,
            '{"__seq":7,"__op":"insert","n":1.0000000000000000001, "s":"\\u00e9"}\n',
        );
        strictEqual(documentFrom(" { } ").line, '{"__seq":7,"__op":"insert"}\n');
    });

    it("stays one line of the same JSON, whatever its strings hold and however it is laid out", async () => {
        const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "tributary-document-")), "table.ndjson");
        const value = fc.dictionary(
            hostile.filter((key) => !["__seq", "__op"].includes(key)),
            fc.oneof(hostile, fc.jsonValue({ noUnicodeString: false })),
        );
        await fc.assert(
            fc.asyncProperty(
                fc.array(value, { minLength: 1, maxLength: 5 }),
                fc.constantFrom(0, 2),
                async (values, indent) => {
                    const texts = values.map((each) => JSON.stringify(each, null, indent));
                    fs.writeFileSync(file, texts.map((text, index) => documentFrom(text, index).line).join(""));
                    const lines: string[] = [];
                    for await (const line of linesIn(file)) lines.push(line);
                    deepStrictEqual(lines.map(sequenceOf), [...texts.keys()]);
                    // Text is compared: once Node 24.21 has parsed the key "\\", it takes other keys with an escape for it.
                    const rests = texts.map((text) => text.replaceAll("\n", " ").slice(1).trimStart());
                    const start = (index: number) => `{"__seq":${index},"__op":"insert"`;
                    deepStrictEqual(
                        lines,
                        rests.map((rest, index) => `${start(index)}${rest === "}" ? "" : ","}${rest}`),
                    );
                    const raw = lines.map((line) => Buffer.from(rawDataOf(line), "base64").toString());
                    deepStrictEqual(
                        raw,
                        rests.map((rest) => `{${rest}`),
                    );
                },
            ),
            { seed: 5 },
        );
        fs.rmSync(path.dirname(file), { recursive: true });
    });
});
