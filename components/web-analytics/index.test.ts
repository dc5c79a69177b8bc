import * as assert from "node:assert/strict";
import { type Recording, record, valueAt, valueOf } from "../../tests/support/mocks";
import type { StackContext } from "../blocks/pipeline";
import { type WebAnalytics, webAnalytics } from ".";
import { webAnalyticsOptions } from "./options";

const CONTEXT: StackContext = {
    disposable: false,
    logRetentionDays: 14,
    lakeFormation: "off",
    alarmTopic: "arn:aws:sns:us-east-1:123456789012:alarms",
};

/** Records a pipeline named `web` with these options. */
function pipeline(options: unknown = {}, context: Partial<StackContext> = {}): Promise<Recording<WebAnalytics>> {
    return record(() => {
        const parsed = webAnalyticsOptions.parse(options);
        return webAnalytics.create("web", parsed, { ...CONTEXT, ...context }) as WebAnalytics;
    });
}

const STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream";

describe("WebAnalytics", () => {
    let web: Recording<WebAnalytics>;
    before(async () => {
        web = await pipeline();
    });

    describe("the way of an event", () => {
        it("leads from the API to its own stream and to no other", () => {
            const body = JSON.stringify(valueAt(web.find("aws:apigateway/restApi:RestApi"), "body"));
            assert.match(body, /\/streams\/web-stream-1a2b3c4\/records/);
            assert.deepEqual(statements(web, "web-api-role-policy"), [
                {
                    Effect: "Allow",
                    Action: ["firehose:DescribeDeliveryStream", "firehose:PutRecord", "firehose:PutRecordBatch"],
                    Resource: ["arn:aws:firehose:us-east-1:123456789012:deliverystream/web-stream-1a2b3c4"],
                },
            ]);
        });
        console.log;
    });
});

function statements(recording: Recording<unknown>, policy: string): unknown {
    return valueAt(recording.find("aws:iam/rolePolicy:RolePolicy", policy), "policy.Statement");
}
void STREAM;
void valueOf;
