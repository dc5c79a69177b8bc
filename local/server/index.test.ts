import * as assert from "node:assert/strict";
import { FirehoseClient, ListDeliveryStreamsCommand } from "@aws-sdk/client-firehose";
import { serve, type TestServer } from "../../tests/support/local";
import type { JsonService } from "../services";

const firehose: JsonService = {
    target: "Firehose_20150804",
    name: "firehose",
    client: "@aws-sdk/client-firehose",
    operations: {
        ListDeliveryStreams: () => ({ DeliveryStreamNames: ["a"], HasMoreDeliveryStreams: false }),
    },
};

describe("the server", () => {
    let server: TestServer;
    before(async () => {
        server = await serve({ jsonServices: [firehose] });
    });
    after(() => server.close());

    it("lets the SDK's client in", async () => {
        const client = new FirehoseClient(server.client);
        const { DeliveryStreamNames } = await client.send(new ListDeliveryStreamsCommand({}));
        assert.deepStrictEqual(DeliveryStreamNames, ["a"]);
    });
});
