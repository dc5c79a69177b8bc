import { createHash } from "node:crypto";

/** An attribute that the sender gave a message. Binary values are base64. */
export interface MessageAttribute {
    readonly DataType: string;
    readonly StringValue?: string;
    readonly BinaryValue?: string;
}

/** Attributes of a message by name. */
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** A message in a queue. Times are in milliseconds since 1970. */
export interface Message {
    readonly id: string;
    readonly body: string;
    readonly attributes: MessageAttributes;
    /** Who sent it. */
    readonly sender: string;
    readonly sent: number;
    /** When it can be received. */
    readonly visible: number;
    readonly receiveCount: number;
    readonly firstReceived?: number;
    /** The queue that it was moved from, because it had been received too often. */
    readonly sourceArn?: string;
}

/** MD5 of a body, in hex. */
export function bodyDigest(body: string): string {
    return createHash("md5").update(body).digest("hex");
}

/** MD5 of attributes, in hex: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation */
export function attributesDigest(attributes: MessageAttributes): string | undefined {
    const names = Object.keys(attributes).sort();
    if (names.length === 0) return undefined;
    const hash = createHash("md5");
    const add = (bytes: Buffer) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(bytes.length);
        hash.update(length).update(bytes);
    };
    for (const name of names) {
        const { DataType, StringValue, BinaryValue } = attributes[name] as MessageAttribute;
        add(Buffer.from(name));
        add(Buffer.from(DataType));
        hash.update(Buffer.from([BinaryValue === undefined ? 1 : 2]));
        add(BinaryValue === undefined ? Buffer.from(StringValue ?? "") : Buffer.from(BinaryValue, "base64"));
    }
    return hash.digest("hex");
}

/** Bytes of a message as SQS counts them: the body, and the names, types and values of the attributes. */
export function messageBytes({ body, attributes }: Pick<Message, "body" | "attributes">): number {
    return Object.entries(attributes).reduce(
        (bytes, [name, { DataType, StringValue = "", BinaryValue = "" }]) =>
            bytes +
            Buffer.byteLength(name) +
            Buffer.byteLength(DataType) +
            Buffer.byteLength(StringValue) +
            Buffer.byteLength(BinaryValue, "base64"),
        Buffer.byteLength(body),
    );
}
