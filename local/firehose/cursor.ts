import * as path from "node:path";
import { readJson, writeJson } from "./files";

/** How far a stream has come. */
export interface Cursor {
    /** Position before which every record has been delivered, dropped, or reported as failed. */
    readonly position: number;
    readonly delivered: number;
    readonly failed: number;
    readonly dropped: number;
}

/** The cursor kept in a stream's folder. */
export function readCursor(folder: string): Cursor {
    return readJson<Cursor>(cursorFile(folder)) ?? { position: 0, delivered: 0, failed: 0, dropped: 0 };
}

/** Keeps a cursor in the place of the former one. */
export function writeCursor(folder: string, cursor: Cursor): void {
    writeJson(cursorFile(folder), cursor);
}

function cursorFile(folder: string): string {
    return path.join(folder, "cursor.json");
}
