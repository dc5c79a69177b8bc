import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { textOf } from "../payload";
import { frameOfData } from "../records/frame";
import { type Arranged, arrange, type Batch } from "./arrange";
import { type Arranger, createArranger } from "./arranger";
import type { BucketConfig, StreamConfig } from "./config";
import { eventOf } from "./event";
import { recordIds } from "./record";

const INCARNATION = "ab";
const IDS = recordIds(INCARNATION);
const ROLE = "arn:aws:iam::000000000000:role/writer";
const BUCKET: BucketConfig = { bucket: "lake", roleArn: ROLE, gzip: false, timeZone: "UTC", extension: "" };

const CONFIG: StreamConfig = {
    name: "visits",
    arn: "arn:aws:firehose:us-east-1:000000000000:deliverystream/visits",
    version: "1",
    destination: "extendedS3",
    roleArn: ROLE,
    buffer: { bytes: 1024 * 1024, ms: 0 },
    transform: { lambdaArn: "check", roleArn: "role", retries: 3, buffer: { bytes: 1024, ms: 0 } },
    partitionKeys: ["day"],
    delimiter: true,
    bucket: { ...BUCKET, prefix: "!{partitionKeyFromLambda:day}/" },
    backup: BUCKET,
};

/** A batch of so many records, of which the function has dropped some and failed others, in two partitions and without one. */
function batchOf(count: number): Batch {
    const given: Buffer[] = [];
    const records: object[] = [];
    for (let index = 0; index < count; index++) {
        given.push(Buffer.from(`{"visit":"é${index}","page":"/somewhere"}`));
        const data = (given[index] as Buffer).toString("base64");
        const recordId = IDS.transform(7 + index);
        const partitionKeys = index % 5 === 4 ? {} : { day: String(index % 2) };
        const result = ["Ok", "Ok", "Dropped", "Ok", "ProcessingFailed", "Ok", "Ok"][index % 7];
        records.push({ recordId, result, data, metadata: { partitionKeys } });
    }
    const transformed = { answer: JSON.stringify({ records }), attempts: 2, ended: 1_760_000_009_000 };
    const { body } = frameOfData(given, 0);
    const runs = [{ body, count, first: 7, arrival: 1_760_000_000_000 }];
    return { config: CONFIG, incarnation: INCARNATION, runs, transformed, columns: undefined, partitions: ["0"] };
}

/** What a function answers that gives records these keys. */
function answered(keys: readonly object[]): Batch["transformed"] {
    const records = keys.map((partitionKeys, index) => {
        const recordId = IDS.transform(7 + index);
        return { recordId, result: "Ok", data: "e30=", metadata: { partitionKeys } };
    });
    return { answer: JSON.stringify({ records }), attempts: 1, ended: 0 };
}

const readable = ({ contents, ...rest }: Arranged) => ({ ...rest, contents: Buffer.from(contents).toString() });

describe("An arranger", () => {
    let arranger: Arranger;
    beforeEach(() => {
        arranger = createArranger();
    });
    afterEach(() => arranger.close());

    it("gives of a large batch, from its thread, what it gives of a small one at once", async () => {
        for (const count of [3, 2_000]) {
            const batch = batchOf(count);
            deepStrictEqual(readable(await arranger.arrange(batch)), readable(arrange(batch)));
            const head = { region: "us-east-1" };
            strictEqual(textOf(await arranger.event(head, batch)), textOf(eventOf(head, batch)));
        }
    });

    it("counts what became of each record, and puts each into one file and the backup", async () => {
        const { files, succeeded, dropped, failure } = await arranger.arrange(batchOf(2_100));
        deepStrictEqual([succeeded, dropped, failure], [1500, 300, undefined]);
        const records = Object.fromEntries(files.map(({ key, records: count }) => [key, count]));
        deepStrictEqual(records, {
            "backup\0\0": 2100,
            "data\0\x000": 600,
            "data\0\x001": 600,
            "metadata-extraction-failed\0\0": 300,
            "processing-failed\0\0": 300,
        });
    });

    it("fails a record without keys, also when it is the first, or follows one that has them", () => {
        const { files } = arrange({ ...batchOf(1), transformed: answered([{}]) });
        deepStrictEqual(
            files.map(({ key }) => key),
            ["backup\0\0", "metadata-extraction-failed\0\0"],
        );
        const keys = [{ day: "1" }, { day: "1" }, {}, { day: "" }, { day: "2", more: "x" }, { day: "2" }];
        const arranged = arrange({ ...batchOf(6), transformed: answered(keys) });
        deepStrictEqual(
            arranged.files.map(({ key, records }) => [key, records]),
            [
                ["backup\0\0", 6],
                ["data\0\x001", 2],
                ["metadata-extraction-failed\0\0", 2],
                ["data\0\x002", 2],
            ],
        );
    });

    it("works on several batches one after the other", async () => {
        const batches = [2_000, 1_500, 3_000].map(batchOf);
        const arranged = await Promise.all(batches.map(arranger.arrange));
        deepStrictEqual(
            arranged.map((each) => each.files[0]?.records),
            [2_000, 1_500, 3_000],
        );
    });

    it("tells who waits when its thread ends, and begins another one", async () => {
        const waiting = rejects(arranger.arrange(batchOf(2_000)), {
            message: "The thread that arranges batches has ended.",
        });
        await arranger.close();
        await waiting;
        strictEqual((await arranger.arrange(batchOf(2_000))).files[0]?.records, 2_000);
    });

    it("passes on what an answer of no use is", async () => {
        const batch = batchOf(2_000);
        const { failure } = await arranger.arrange({
            ...batch,
            transformed: { ...batch.transformed, answer: "<html>" },
        });
        strictEqual(failure?.code, "Lambda.JsonProcessingException");
    });
});
