import { doesNotThrow, strictEqual, throws } from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { requireFormat } from "./data-format";

describe("A data folder", () => {
    let folder: string;
    beforeEach(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "tributary-format-"));
    });
    afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

    const refused = () => ({
        message: `${folder} was written by another version of the local runtime, in a form that this one does not read. Delete it, which npm start -- --reset does, or choose another folder with --data.`,
    });

    it("is marked when it is new, and known again", () => {
        fs.writeFileSync(path.join(folder, "lock"), "1");
        requireFormat(folder);
        fs.mkdirSync(path.join(folder, "firehose"));
        doesNotThrow(() => requireFormat(folder));
    });

    it("is refused, and left as it is, when it is from before there was a mark", () => {
        fs.mkdirSync(path.join(folder, "firehose"));
        throws(() => requireFormat(folder), refused());
        strictEqual(fs.existsSync(path.join(folder, "format")), false);
    });

    it("is refused when it has the mark of another version", () => {
        fs.writeFileSync(path.join(folder, "format"), "3");
        throws(() => requireFormat(folder), refused());
        strictEqual(fs.readFileSync(path.join(folder, "format"), "utf8"), "3");
    });
});
