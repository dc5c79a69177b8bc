import type * as S3Client from "@aws-sdk/client-s3";
import { serviceError } from "../errors";

type Schema = typeof S3Client.ListObjectsV2Output$;

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** XML of a value, by the schema of the SDK's S3 client that has this name. `root` is the outermost element's name where it differs. */
export function toXml(shape: string, value: unknown, root = shape): string {
    const { codec, schemaOf } = tools();
    const serializer = codec.createSerializer();
    serializer.write(schemaOf(shape), value);
    const text = String(serializer.flush());
    // Some of the schemas have the name that code uses, not the one on the wire.
    return HEAD + text.replace(/^<\w+/, `<${root}`).replace(/<\/\w+>$/, `</${root}>`);
}

/** The value of an XML document, by the schema of the SDK's S3 client that has this name. Throws S3's MalformedXML. */
export async function fromXml<T>(shape: string, text: string): Promise<T> {
    const { codec, schemaOf } = tools();
    try {
        return (await codec.createDeserializer().read(schemaOf(shape), text)) as T;
    } catch {
        throw malformed();
    }
}

/** S3's answer to a document that it cannot read. */
export function malformed() {
    const message = "The XML you provided was not well-formed or did not validate against our published schema";
    return serviceError("MalformedXML", message, 400);
}

/** XML of an error: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function errorXml(fields: Readonly<Record<string, string>>): string {
    const elements = Object.entries(fields).map(([name, text]) => `<${name}>${escaped(text)}</${name}>`);
    return `${HEAD}<Error>${elements.join("")}</Error>`;
}

/** Text as it stands in XML. Control characters, which XML cannot hold, are left out. */
function escaped(text: string): string {
    return text.replace(/[&<>"]|\p{Cc}/gu, (character) => ENTITIES[character] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

type Tools = ReturnType<typeof load>;
let loaded: Tools | undefined;

/** The SDK's codec, loaded when the first XML is needed: it takes 60 ms. */
function tools(): Tools {
    loaded ??= load();
    return loaded;
}

function load() {
    const { XmlCodec } = require("@aws-sdk/core/protocols") as typeof import("@aws-sdk/core/protocols");
    const { NormalizedSchema } = require("@smithy/core/schema") as typeof import("@smithy/core/schema");
    const schemas = require("@aws-sdk/client-s3") as unknown as Readonly<Record<string, Schema>>;
    const codec = new XmlCodec({
        xmlNamespace: "http://s3.amazonaws.com/doc/2006-03-01/",
        timestampFormat: { useTrait: true, default: 5 },
        httpBindings: true,
        serviceNamespace: "com.amazonaws.s3",
    });
    codec.setSerdeContext({
        base64Decoder: (text: string) => Buffer.from(text, "base64"),
        base64Encoder: (bytes: Uint8Array | string) => Buffer.from(bytes as Uint8Array).toString("base64"),
        utf8Decoder: (text: string) => Buffer.from(text),
        utf8Encoder: (bytes: Uint8Array | string) => Buffer.from(bytes as Uint8Array).toString("utf8"),
    } as never);
    return { codec, schemaOf: (shape: string) => NormalizedSchema.of(schemas[`${shape}$`]) };
}
