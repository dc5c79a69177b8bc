import * as fs from "node:fs";
import * as path from "node:path";
import { fakeServices } from "../../tests/support/local";
import { createDuck, type DuckEngine } from "../duck";
import { createIceberg, type IcebergTables } from ".";
import { type IcebergTableInput, tableInput } from "./input";
import type { TableTools } from "./table";

/** A folder with an engine and Iceberg tables, for tests. */
export interface Lake {
    readonly duck: DuckEngine;
    readonly iceberg: IcebergTables;
    readonly resources: ReturnType<typeof fakeServices>["resources"];
    readonly clock: ReturnType<typeof fakeServices>["clock"];
    /** The same folder, opened anew as after a restart. */
    reopened(options?: Pick<TableTools, "onStep" | "keptSnapshots">): IcebergTables;
    /** Makes a table and gives its location. Columns by name, the first with id 1; a type may be an object. */
    table(columns: Readonly<Record<string, unknown>>, options?: TableOptions): Promise<string>;
    /** Writes documents; those without `__op` are inserts. */
    write(
        location: string,
        documents: readonly (string | object)[],
        uniqueKeys?: readonly string[],
    ): ReturnType<IcebergTables["write"]>;
    /** The rows of a table, in no order, or as `select` says: SQL after FROM. */
    rows(location: string, rest?: string): Promise<readonly Record<string, unknown>[]>;
    /** Names of the files in the table's folder, with slashes, sorted. */
    files(location: string): readonly string[];
    file(url: string): string;
    close(): Promise<void>;
}

/** What a test's table has beside its columns. */
export interface TableOptions extends Omit<Partial<IcebergTableInput>, "location" | "schema"> {
    readonly required?: readonly string[];
    readonly identifiers?: readonly number[];
}

/** Makes a {@link Lake}. */
export function lake(options: Pick<TableTools, "keptSnapshots"> = {}): Lake {
    const base = fakeServices();
    const duck = createDuck(base);
    const file = (bucket: string, key: string) => path.join(base.place.data, "s3", bucket, key);
    const services = { ...base, duck, s3: { file }, ...options };
    const iceberg = createIceberg(services);
    let tables = 0;
    let sequence = 0;
    const fileOf = (url: string) => file("", url.replace(/^s3:\/\//, ""));
    const documentFile = path.join(base.place.data, "batch.ndjson");
    return {
        duck,
        iceberg,
        resources: base.resources,
        clock: base.clock,
        reopened: (options) => createIceberg({ ...services, ...options }),
        async table(columns, { required = [], identifiers, ...rest } = {}) {
            const location = `s3://lake/table-${++tables}`;
            const fields = Object.entries(columns).map(([name, type], at) => ({
                id: at + 1,
                name,
                required: required.includes(name),
                type: JSON.stringify(type),
            }));
            await iceberg.create(
                tableInput({ location, schema: { fields, identifierFieldIds: identifiers }, ...rest }),
            );
            return location;
        },
        write(location, documents, uniqueKeys = []) {
            fs.writeFileSync(
                documentFile,
                lines(documents, () => ++sequence),
            );
            return iceberg.write(location, { file: documentFile, uniqueKeys });
        },
        async rows(location, rest = "") {
            const scan = iceberg.scan(location);
            const rows = await duck.query(`SELECT * FROM (${scan.sql}) ${rest}`);
            scan.release();
            return rows;
        },
        files(location) {
            const folder = fileOf(location);
            return fs
                .readdirSync(folder, { recursive: true, withFileTypes: true })
                .filter((entry) => entry.isFile())
                .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
                .sort();
        },
        file: fileOf,
        async close() {
            await duck.close();
            base.place.remove();
        },
    };
}

/** Documents as the lines of a batch. A text is a document's inside, after the number and the operation. */
export function lines(documents: readonly (string | object)[], next: () => number): string {
    return documents
        .map((document) => {
            const seq = next();
            if (typeof document === "string") return `{"__seq":${seq},"__op":"insert",${document}}\n`;
            return `${JSON.stringify({ __seq: seq, __op: "insert", ...document })}\n`;
        })
        .join("");
}
