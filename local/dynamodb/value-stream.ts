import { Readable } from "node:stream";
import type { Level, Range } from "dynalite/db";

/** Values that are read from the database at once. */
const AT_ONCE = 100;

/** The values of a range of keys. dynalite's own stream reads them one by one, which takes a fifth more. */
export function valueStream(db: Level, range: Range): Readable {
    const values = db.values(range);
    return new Readable({
        objectMode: true,
        read() {
            values
                .nextv(AT_ONCE)
                .then((some) => {
                    for (const value of some) this.push(value);
                    if (some.length === 0) this.push(null);
                })
                .catch((error) => this.destroy(error));
        },
        destroy(error, done) {
            values.close().then(
                () => done(error),
                (failed) => done(error ?? failed),
            );
        },
    });
}
