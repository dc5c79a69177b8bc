import { XmlCodec } from "@aws-sdk/core/protocols";
import { NormalizedSchema } from "@smithy/core/schema";

/** First line of every XML answer. */
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Text and schemas of one XML service, in both directions. */
export interface Xml {
    /** A document for a value of a schema (an export of the client package whose name ends with `$`). `root` is the name of its element. */
    write(schema: unknown, value: object, root: string): string;
    /** The value of a schema behind a document; throws when the text is not XML. */
    read(schema: unknown, text: string): Promise<Record<string, unknown>>;
}

/** Makes the {@link Xml} of a service, such as S3 with the namespace `http://s3.amazonaws.com/doc/2006-03-01/`. */
export function createXml(xmlNamespace: string, serviceNamespace: string): Xml {
    const codec = new XmlCodec({
        xmlNamespace,
        serviceNamespace,
        httpBindings: true,
        timestampFormat: { useTrait: true, default: 5 },
    });
    codec.setSerdeContext(textContext());
    return {
        write(schema, value, root) {
            const serializer = codec.createSerializer();
            serializer.write(NormalizedSchema.of(schema as never), value);
            const text = String(serializer.flush());
            return DECLARATION + text.replace(/^<[^\s/>]+/, `<${root}`).replace(/<\/[^\s/>]+>$/, `</${root}>`);
        },
        read: async (schema, text) => codec.createDeserializer().read(NormalizedSchema.of(schema as never), text),
    };
}

type SerdeContext = Parameters<XmlCodec["setSerdeContext"]>[0];

/** The little that a codec uses of an SDK client's configuration. */
function textContext(): SerdeContext {
    return {
        base64Decoder: (text: string) => Buffer.from(text, "base64"),
        base64Encoder: (bytes: Uint8Array | string) => Buffer.from(bytes as Uint8Array).toString("base64"),
        utf8Decoder: (text: string) => Buffer.from(text),
        utf8Encoder: (bytes: Uint8Array | string) => Buffer.from(bytes as Uint8Array).toString("utf8"),
    } as unknown as SerdeContext;
}

const ENTITIES: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
};

/** Text as it may stand in an element or an attribute. What XML 1.0 has no way to say is left out. */
export function escapeXml(text: string): string {
    return (
        text
            // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not stand in XML
            .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
            .replace(/[&<>"']/g, (character) => ENTITIES[character] as string)
    );
}

/** S3's error document. */
export function s3Error(code: string, message: string, requestId: string): string {
    const body = `<Code>${code}</Code><Message>${escapeXml(message)}</Message><RequestId>${requestId}</RequestId>`;
    return `${DECLARATION}<Error>${body}</Error>`;
}

/** The error document of a query service, such as STS with the namespace `https://sts.amazonaws.com/doc/2011-06-15/`. */
export function queryError(namespace: string, code: string, message: string, requestId: string): string {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
    return `<ErrorResponse xmlns="${namespace}">${error}<RequestId>${requestId}</RequestId></ErrorResponse>`;
}
