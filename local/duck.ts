import * as fs from "node:fs";
import * as path from "node:path";
import type { DuckDBConnection, DuckDBInstance, DuckDBScalarFunction, DuckDBType } from "@duckdb/node-api";
import type { Duck, Place } from "./services";

/** The columns and rows that a statement gave, values as JSON types (big integers, decimals and timestamps as text). */
export interface DuckTable {
    readonly names: readonly string[];
    readonly types: readonly DuckDBType[];
    readonly rows: readonly (readonly unknown[])[];
}

/** One connection: what it creates as TEMP is its own and goes with it. */
export interface DuckSession extends Duck {
    /** Runs one statement and gives its rows as lists, which keeps columns of the same name apart. */
    table(sql: string): Promise<DuckTable>;
}

/** {@link Duck} with everything that a reader or writer of many statements needs. */
export interface DuckEngine extends Duck {
    /** Opens a connection for `use`. Statements that run when the signal aborts fail. */
    session<T>(use: (session: DuckSession) => Promise<T>, signal?: AbortSignal): Promise<T>;
    /** Makes a function of texts that SQL can call; its answer is an INTEGER, and NULL in is NULL out. Defining a name again does nothing. */
    define(name: string, of: (...texts: string[]) => number): Promise<void>;
    /** Opens the engine before the first statement needs it; without it, the first statement waits some 50 ms longer. */
    warm(): Promise<void>;
    /** Closes the engine for good. Statements that still run are interrupted, and fail. */
    close(): Promise<void>;
}

/** What may differ from the defaults of {@link createDuck}. */
export interface DuckOptions {
    /** Size of DuckDB's buffers in MiB; beyond it, it works in the temporary folder. Defaults to 128. */
    readonly memoryMiB?: number;
    /** Threads that share one statement. Defaults to 1: statements run beside each other, and the batches here are small. */
    readonly threads?: number;
    /** SQL that is run once, such as CREATE MACRO. */
    readonly prelude?: readonly string[];
}

/**
 * Makes the engine that reads and writes columns: one DuckDB for the whole runtime, opened on first use. It reaches no file outside the data
 * folder, loads no extension, and its settings cannot be changed by SQL. A statement that fails throws a `DuckError` with DuckDB's sentence.
 */
export function createDuck({ place }: { readonly place: Pick<Place, "data"> }, options: DuckOptions = {}): DuckEngine {
    const connections = connectionsOf(() => open(place.data, options));
    const defined = new Set<string>();
    const session: DuckEngine["session"] = (use, signal) =>
        connections.use(async (connection) => {
            const interrupt = () => connection.interrupt();
            signal?.addEventListener("abort", interrupt);
            const work = use(sessionOn(connection, signal));
            return await work.finally(() => signal?.removeEventListener("abort", interrupt));
        });
    return {
        session,
        query: (sql) => session((own) => own.query(sql)),
        define: (name, of) =>
            connections.use(async (connection) => {
                if (defined.has(name)) return;
                defined.add(name);
                connection.registerScalarFunction(await scalarFunction(name, of));
            }),
        warm: () => connections.use(async () => undefined),
        close: connections.close,
    };
}

/**
 * Connections to a database that is opened for the first. The native part crashes when the database is closed under a connection that is at
 * work or being made, so closing waits for all of them.
 */
function connectionsOf(openDatabase: () => Promise<DuckDBInstance>) {
    const open = new Set<DuckDBConnection>();
    const working = new Set<Promise<void>>();
    let database: Promise<DuckDBInstance> | undefined;
    let closing: Promise<void> | undefined;

    const work = async <T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
        if (closing) throw duckError("The engine is closed.", "");
        database ??= openDatabase();
        const connection = await (await database).connect();
        open.add(connection);
        try {
            if (closing) throw duckError("The engine is closed.", "");
            return await use(connection);
        } finally {
            open.delete(connection);
            connection.closeSync();
        }
    };
    const end = async () => {
        for (const connection of open) connection.interrupt();
        await Promise.all(working);
        (await database?.catch(() => undefined))?.closeSync();
    };
    return {
        async use<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
            const result = work(use);
            const settled: Promise<void> = result
                .then(
                    () => undefined,
                    () => undefined,
                )
                .finally(() => void working.delete(settled));
            working.add(settled);
            return await result;
        },
        close(): Promise<void> {
            closing ??= end();
            return closing;
        },
    };
}

/** A text as a SQL literal. */
export function literal(text: string): string {
    return `'${text.replaceAll("'", "''")}'`;
}

/** A name as a SQL identifier, whatever it holds. */
export function identifier(name: string): string {
    return `"${name.replaceAll('"', '""')}"`;
}

function sessionOn(connection: DuckDBConnection, signal: AbortSignal | undefined): DuckSession {
    const guarded = async <T>(sql: string, run: () => Promise<T>): Promise<T> => {
        signal?.throwIfAborted();
        return await run().catch((cause: unknown) => Promise.reject(duckError(cause, sql)));
    };
    const query = async (sql: string) => {
        const statements = await connection.extractStatements(sql);
        let rows: readonly Record<string, unknown>[] = [];
        for (let at = 0; at < statements.count; at++) {
            const prepared = await statements.prepare(at);
            rows = (await prepared.runAndReadAll()).getRowObjectsJson();
            prepared.destroySync();
        }
        return rows;
    };
    const table = async (sql: string) => {
        const reader = await connection.runAndReadAll(sql);
        return { names: reader.columnNames(), types: reader.columnTypes(), rows: reader.getRowsJson() };
    };
    return {
        query: (sql) => guarded(sql, () => query(sql)),
        table: (sql) => guarded(sql, () => table(sql)),
    };
}

async function scalarFunction(name: string, of: (...texts: string[]) => number): Promise<DuckDBScalarFunction> {
    const { DuckDBScalarFunction, INTEGER, VARCHAR } = await import("@duckdb/node-api");
    return DuckDBScalarFunction.create({
        name,
        returnType: INTEGER,
        parameterTypes: Array.from({ length: of.length }, () => VARCHAR),
        mainFunction: (_info, input, output) => {
            const texts = Array.from(
                { length: input.columnCount },
                (_, at) => input.getColumnValues(at) as (string | null)[],
            );
            for (let row = 0; row < input.rowCount; row++) {
                const values = texts.map((column) => column[row]);
                output.setItem(row, values.includes(null) ? null : of(...(values as string[])));
            }
            output.flush();
        },
    });
}

/** DuckDB's sentence as the message, without its stack of suggestions; the statement is kept for the log. */
function duckError(cause: unknown, sql: string): Error {
    const message = cause instanceof Error ? cause.message : String(cause);
    return Object.assign(new Error(message.split("\n")[0], { cause }), { name: "DuckError", sql });
}

async function open(data: string, options: DuckOptions): Promise<DuckDBInstance> {
    const temporary = path.join(data, "duck");
    fs.mkdirSync(temporary, { recursive: true });
    const { DuckDBInstance } = await import("@duckdb/node-api");
    keepByteOrderMarks();
    const db = await DuckDBInstance.create(":memory:", {
        threads: String(options.threads ?? 1),
        memory_limit: `${options.memoryMiB ?? 128}MiB`,
        temp_directory: temporary,
        autoinstall_known_extensions: "false",
        autoload_known_extensions: "false",
        integer_division: "true",
        default_null_order: "nulls_last",
    });
    const connection = await db.connect();
    for (const statement of [...(options.prelude ?? []), ...settings(data)]) await connection.run(statement);
    connection.closeSync();
    return db;
}

/** The binding's own decoder takes a byte-order mark at the start of every text for one of a file's, and drops it. */
function keepByteOrderMarks(): void {
    const accessors = require("@duckdb/node-api/lib/vectors/dataAccessors") as { textDecoder: unknown };
    accessors.textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
}

/** The settings that can only be made after the start; the last one forbids all others. */
function settings(data: string): readonly string[] {
    return [
        "SET GLOBAL TimeZone = 'UTC'",
        // Without this, what large batches used stays with the process: 320 MiB instead of 210 after ten batches of 37 MB.
        "SET GLOBAL allocator_bulk_deallocation_flush_threshold = '16MiB'",
        `SET GLOBAL allowed_directories = [${literal(data)}]`,
        "SET GLOBAL enable_external_access = false",
        "SET GLOBAL lock_configuration = true",
    ];
}
