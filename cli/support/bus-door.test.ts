import * as assert from "node:assert/strict";
import type { PutEventsRequest, PutEventsResponse } from "@aws-sdk/client-eventbridge";
import { serviceError } from "../../local/errors";
import type { Operation } from "../../local/services";
import { serve, type TestServer } from "../../tests/support/local";
import { busDoor } from "./bus-door";

describe("The door through an event bus", () => {
    let server: TestServer;
    let answer: (request: PutEventsRequest) => PutEventsResponse;
    before(async () => {
        const operations: Record<string, Operation> = { PutEvents: (request: PutEventsRequest) => answer(request) };
        server = await serve({
            jsonServices: [{ target: "AWSEvents", name: "events", client: "@aws-sdk/client-eventbridge", operations }],
        });
    });
    after(() => server.close());
    const door = () =>
        busDoor(
            { name: "local", pipelines: {}, client: server.client },
            { kind: "event-lake", region: "us-east-1", bus: "lake", source: "transactions", detailType: "card-event" },
        );

    it("makes an event of each document, and tells what became of it", async () => {
        const requests: PutEventsRequest[] = [];
        answer = (request) => {
            requests.push(request);
            const codes = [undefined, "MalformedDetail", "ThrottlingException", "InternalFailure"];
            return { FailedEntryCount: 3, Entries: codes.map((ErrorCode) => ({ ErrorCode })) };
        };
        assert.deepStrictEqual(await door().send(["{}", "x", "{}", "{}"]), ["accepted", "refused", "again", "again"]);
        const entry = { EventBusName: "lake", Source: "transactions", DetailType: "card-event" };
        assert.deepStrictEqual(requests, [
            { Entries: ["{}", "x", "{}", "{}"].map((Detail) => ({ ...entry, Detail })) },
        ]);
        assert.strictEqual(door().batch, 10);
    });

    it("has everything sent again when the service is busy", async () => {
        answer = () => {
            throw serviceError("ThrottlingException", "Rate exceeded");
        };
        assert.deepStrictEqual(await door().send(["{}", "{}"]), ["again", "again"]);
    });

    it("fails when it may not send", async () => {
        answer = () => {
            throw serviceError("AccessDeniedException", "No.");
        };
        await assert.rejects(door().send(["{}"]), { name: "AccessDeniedException", message: "No." });
    });
});
