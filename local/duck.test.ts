import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { temporaryPlace } from "../tests/support/local";
import { createDuck, type DuckEngine, identifier, literal } from "./duck";

describe("createDuck", () => {
    const place = temporaryPlace();
    let duck: DuckEngine;
    before(() => {
        duck = createDuck({ place });
    });
    after(async () => {
        await duck.close();
        place.remove();
    });

    it("gives the last statement's rows, with values that JSON can hold", async () => {
        assert.deepStrictEqual(
            await duck.query(
                "SELECT 1; SELECT 9007199254740993 AS large, 1.50::DECIMAL(9,2) AS money, TIMESTAMP '2026-11-20 12:00:00' AS at, [1, 2] AS list, 7 / 2 AS whole",
            ),
            [{ large: "9007199254740993", money: "1.50", at: "2026-11-20 12:00:00", list: [1, 2], whole: 3 }],
        );
    });

    it("keeps columns of the same name apart", async () => {
        const table = await duck.session((session) => session.table("SELECT 1 AS a, 'x' AS a"));
        assert.deepStrictEqual(
            [table.names, table.types.map(String), table.rows],
            [["a", "a"], ["INTEGER", "VARCHAR"], [[1, "x"]]],
        );
    });

    it("keeps what a session makes to itself", async () => {
        await duck.session((session) => session.query("CREATE TEMP TABLE mine AS SELECT 1"));
        await assert.rejects(duck.query("SELECT * FROM mine"), {
            name: "DuckError",
            message: "Catalog Error: Table with name mine does not exist!",
        });
    });

    it("reads and writes in the data folder and nowhere else", async () => {
        const inside = path.join(place.data, "inside.parquet");
        await duck.query(`COPY (SELECT 1 AS n) TO ${literal(inside)} (FORMAT parquet)`);
        assert.deepStrictEqual(await duck.query(`SELECT * FROM ${literal(inside)}`), [{ n: 1 }]);
        const outside = `${place.data}-outside.csv`;
        const refused = (file: string) => ({
            name: "DuckError",
            message: `Permission Error: Cannot access file "${file}" - file system operations are disabled by configuration`,
        });
        await assert.rejects(duck.query(`COPY (SELECT 1) TO ${literal(outside)}`), refused(outside));
        await assert.rejects(duck.query("SELECT * FROM read_csv('/etc/passwd')"), refused("/etc/passwd"));
        assert.ok(!fs.existsSync(outside));
    });

    it("does not let SQL change its settings", async () => {
        await assert.rejects(duck.query("SET threads = 8"), {
            message:
                'Invalid Input Error: Cannot change configuration option "threads" - the configuration has been locked',
        });
    });

    it("stops a statement when it is told to", async () => {
        const abort = new AbortController();
        const endless = duck.session(
            (session) =>
                session.query("SELECT count(*) FROM range(100000000) a, range(1000) b WHERE a.range + b.range = 7"),
            abort.signal,
        );
        setTimeout(() => abort.abort(), 20);
        await assert.rejects(endless, { name: "DuckError", message: "INTERRUPT Error: Interrupted!" });
    });

    it("interrupts what runs when it is closed, and runs nothing more", async () => {
        const closing = createDuck({ place });
        await closing.warm();
        const endless = closing.query(
            "SELECT count(*) FROM range(100000000) a, range(1000) b WHERE a.range + b.range = 7",
        );
        endless.catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 20));
        await closing.close();
        await assert.rejects(endless, { message: "INTERRUPT Error: Interrupted!" });
        await assert.rejects(closing.query("SELECT 1"), { name: "DuckError", message: "The engine is closed." });
    });

    it("calls a function of ours, and gives NULL for NULL", async () => {
        await duck.define("shout", (text) => text.length * 100);
        await duck.define("shout", () => 0);
        assert.deepStrictEqual(await duck.query("SELECT shout('abc') AS a, shout(NULL) AS b"), [{ a: 300, b: null }]);
    });

    it("quotes any name and any text", async () => {
        const odd = `a"b'c`;
        assert.deepStrictEqual(await duck.query(`SELECT ${literal(odd)} AS ${identifier(odd)}`), [{ [odd]: odd }]);
    });
});
