import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { type Arranged, arrange, type Batch } from "./arrange";
import { type Arranger, createArranger } from "./arranger";
import type { BucketConfig, StreamConfig } from "./config";
import { recordIds, recordLine } from "./record";

const IDS = recordIds("ab");
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
    const lines: string[] = [];
    const records: object[] = [];
    for (let index = 0; index < count; index++) {
        const data = Buffer.from(`{"visit":"é${index}"}`).toString("base64");
        const recordId = IDS.transform(7 + index);
        lines.push(recordLine(recordId, 1_760_000_000_000 + index, data));
        const partitionKeys = index % 5 === 4 ? {} : { day: String(index % 2) };
        const result = ["Ok", "Ok", "Dropped", "Ok", "ProcessingFailed", "Ok", "Ok"][index % 7];
        records.push({ recordId, result, data, metadata: { partitionKeys } });
    }
    const transformed = { answer: JSON.stringify({ records }), attempts: 2, ended: 1_760_000_009_000 };
    return { config: CONFIG, lines, first: 7, transformed, columns: undefined, partitions: ["0"] };
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
