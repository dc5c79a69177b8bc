import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { ROOT, temporaryPlace } from "../../tests/support/local";
import { systemClock } from "../clock";
import { serviceError } from "../errors";
import { BUS, eventBridgeFor, makeRole, makeRule, ROLE_ARN, STREAM_ARN } from "./test-support";

/**
 * Puts events as fast as it can, and tells of each that was acknowledged, and of each that was delivered, until it is killed. Every third
 * delivery fails and waits for another attempt.
 */
async function main(data: string): Promise<void> {
    const place = temporaryPlace();
    place.remove();
    const randomHex = (digits: number) => randomBytes(digits / 2).toString("hex");
    const parts = eventBridgeFor({}, { clock: systemClock, place: { ...place, data }, randomHex });
    await makeRole(parts, [{ Action: "firehose:PutRecord", Resource: STREAM_ARN }]);
    await makeRule(parts, { arn: STREAM_ARN, roleArn: ROLE_ARN });
    const tell = (what: string, id: string) => fs.writeSync(1, `${what} ${id}\n`);
    let deliveries = 0;
    parts.firehose.put = async (_caller, _arn, event) => {
        if (++deliveries % 3 === 0) throw serviceError("ServiceUnavailableException", "Slow down.", 503);
        tell("delivered", JSON.parse(Buffer.from(event).toString()).id);
    };
    parts.events().start();
    const put = parts.events().service.operations.PutEvents as unknown as (
        input: object,
        caller: typeof ROOT,
    ) => Promise<{ Entries: readonly { EventId: string }[] }>;
    const entry = { EventBusName: BUS, Source: "transactions", DetailType: "x", Detail: '{"text":"é"}' };
    for (;;) {
        const { Entries } = await put({ Entries: [entry, entry, entry] }, ROOT);
        for (const { EventId } of Entries) tell("acknowledged", EventId);
    }
}

void main(process.argv[2] as string);
