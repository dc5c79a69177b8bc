import * as assert from "node:assert/strict";
import * as S3 from "@aws-sdk/client-s3";
import { createXml, escapeXml, queryError, s3Error } from "./xml";

describe("XML", () => {
    const xml = createXml("http://s3.amazonaws.com/doc/2006-03-01/", "com.amazonaws.s3");

    it("writes a value of a schema below the element that S3 names", () => {
        assert.equal(
            xml.write(S3.CopyObjectResult$, { ETag: '"a&b"', LastModified: new Date(0) }, "CopyObjectResult"),
            '<?xml version="1.0" encoding="UTF-8"?>\n<CopyObjectResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
                "<ETag>&quot;a&amp;b&quot;</ETag><LastModified>1970-01-01T00:00:00Z</LastModified></CopyObjectResult>",
        );
    });

    it("reads the documents that clients send", async () => {
        assert.deepStrictEqual(
            await xml.read(S3.Delete$, "<Delete><Object><Key>a &lt; b</Key></Object><Quiet>true</Quiet></Delete>"),
            { Objects: [{ Key: "a < b" }], Quiet: true },
        );
    });

    it("escapes what would end an element, and leaves out what XML cannot say", () => {
        assert.equal(escapeXml("<a href='\"&\u0000\u001b\uffff\n>"), "&lt;a href=&apos;&quot;&amp;\n&gt;");
    });

    it("has the error documents of S3 and of the query services", () => {
        assert.equal(
            s3Error("NoSuchKey", "no <key>", "r-1"),
            '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>no &lt;key&gt;</Message><RequestId>r-1</RequestId></Error>',
        );
        assert.equal(
            queryError("urn:x", "Denied", "a & b", "r-2"),
            '<ErrorResponse xmlns="urn:x"><Error><Type>Sender</Type><Code>Denied</Code><Message>a &amp; b</Message></Error><RequestId>r-2</RequestId></ErrorResponse>',
        );
    });
});
