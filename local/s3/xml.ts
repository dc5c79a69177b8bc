import { serviceError } from "../errors";
import type { HttpResponse } from "../services";
import { createXml, escapeXml, type Xml } from "../wire/xml";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** XML of a value, by the schema of the SDK's S3 client that has this name. `root` is the outermost element's name where it differs. */
export function toXml(shape: string, value: object, root = shape): string {
    const { xml, schemas } = tools();
    return xml.write(schemas[`${shape}$`], value, root);
}

/** The value of an XML document, by the schema of the SDK's S3 client that has this name. Throws S3's MalformedXML. */
export async function fromXml<T>(shape: string, text: string): Promise<T> {
    const { xml, schemas } = tools();
    try {
        return (await xml.read(schemas[`${shape}$`], text)) as T;
    } catch {
        throw malformed();
    }
}

/** S3's answer to a document that it cannot read. */
export function malformed() {
    const message = "The XML you provided was not well-formed or did not validate against our published schema";
    return serviceError("MalformedXML", message, 400);
}

/** An answer of XML. */
export function xmlResponse(body: string): HttpResponse {
    return { status: 200, headers: { "content-type": "application/xml" }, body };
}

/** XML of an error: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function errorXml(fields: Readonly<Record<string, string>>): string {
    const elements = Object.entries(fields).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`);
    return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements.join("")}</Error>`;
}

let loaded: { readonly xml: Xml; readonly schemas: Readonly<Record<string, unknown>> } | undefined;

/** The SDK's codec and schemas, loaded when the first XML is needed: it takes 60 ms. */
function tools() {
    loaded ??= { xml: createXml(NAMESPACE, "com.amazonaws.s3"), schemas: require("@aws-sdk/client-s3") };
    return loaded;
}
