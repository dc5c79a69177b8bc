import { ofType } from "./column-type";
import type { Column, ColumnType, Dataset, RecordOf } from "./dataset";
import { toUtc } from "./timestamp";

type Package = typeof import("@faker-js/faker/locale/en");
type Faker = Package["faker"];

/** What a {@link generator} starts from. */
export interface GeneratorOptions {
    /** The same seed and time give the same records, on every machine and every day. */
    readonly seed: number;
    /** Milliseconds since 1970: events happened in the hour before. @default now */
    readonly now?: number;
}

/** Makes one record after the other, without end. */
export interface Generator<R> {
    next(): R;
}

/** How many different values a `fake` column outside the key has: visitors come back, and faker is slow. */
const POOL = 1_000;

/** A generator of records that conform to a dataset, as a source of it would send them. Throws when a `fake` cannot fill its column. */
export function generator<const D extends Dataset>(dataset: D, options: GeneratorOptions): Generator<RecordOf<D>> {
    const now = options.now ?? Date.now();
    const faker = fakerOf(options.seed, now);
    const make = objectMaker({ faker, now, dataset }, dataset.columns, "");
    return { next: () => make() as RecordOf<D> };
}

/** A faker of our own: the package's is one for the whole process, so two generators would take each other's random numbers. */
function fakerOf(seed: number, now: number): Faker {
    // Loaded by who generates: everything else that reads a dataset has no use for its lists of words.
    const { faker: english } = require("@faker-js/faker/locale/en") as Package;
    const Faker = english.constructor as new (options: { locale: Faker["rawDefinitions"]; seed: number }) => Faker;
    const faker = new Faker({ locale: english.rawDefinitions, seed });
    faker.setDefaultRefDate(now);
    return faker;
}

interface Context {
    readonly faker: Faker;
    readonly now: number;
    readonly dataset: Dataset;
}

type Maker = () => unknown;

function objectMaker(context: Context, columns: readonly Column[], parent: string): Maker {
    const makers = columns.map((column) => [column.name, columnMaker(context, column, parent + column.name)] as const);
    return () => {
        const record: Record<string, unknown> = {};
        for (const [name, make] of makers) {
            const value = make();
            if (value !== undefined) record[name] = value;
        }
        return record;
    };
}

function columnMaker(context: Context, column: Column, path: string): Maker {
    const make = valueMaker(context, column, path);
    if (!column.optional) return make;
    const { faker } = context;
    // One in ten is not there, half of these as null.
    return () => {
        const dice = faker.number.int(19);
        return dice > 1 ? make() : [undefined, null][dice];
    };
}

function valueMaker(context: Context, column: Column, path: string): Maker {
    const { oneOf, fake, pattern } = column;
    const { faker, dataset } = context;
    if (oneOf) return () => faker.helpers.arrayElement(oneOf);
    if (fake !== undefined) {
        const fresh = fakeMaker(context, column, path, fake);
        return dataset.key?.includes(path) ? fresh : pooled(faker, fresh);
    }
    if (pattern !== undefined) return patternMaker(context, path, pattern);
    return typeMaker(context, column.type, path);
}

/** Fresh values until the pool is full, then one of the pool. */
function pooled(faker: Faker, fresh: Maker): Maker {
    const pool: unknown[] = [];
    return () => {
        if (pool.length === POOL) return pool[faker.number.int(POOL - 1)];
        const value = fresh();
        pool.push(value);
        return value;
    };
}

/** A maker of fitting values; it is tried once, so that a fake that cannot work is found before the first record. */
function fakeMaker({ faker, dataset }: Context, { type }: Column, path: string, fake: string): Maker {
    try {
        const make = fakerMethod(faker, fake);
        const fresh = () => fitted(type, make());
        if (fresh() === undefined) throw new Error("it gives no such type");
        return fresh;
    } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(
            `Dataset "${dataset.name}" cannot fill the column "${path}" with the fake "${fake}": ${reason}.`,
            { cause },
        );
    }
}

/** Reads `internet.userAgent`, `string.hexadecimal {"length":24}` or `helpers.arrayElement ["Linux","Windows"]`. */
function fakerMethod(faker: Faker, fake: string): Maker {
    const [, module, method, options] = /^(\w+)\.(\w+)(?: (.+))?$/.exec(fake) ?? [];
    const group = faker[module as keyof Faker] as unknown as Record<string, (options?: unknown) => unknown> | undefined;
    if (typeof group?.[method] !== "function") throw new Error("faker does not have it");
    const parsed: unknown = options === undefined ? undefined : JSON.parse(options);
    return () => group[method](parsed);
}

/** A value of faker as JSON holds it in a column of that type; undefined when it does not fit. */
function fitted(type: ColumnType, value: unknown): unknown {
    const time = value instanceof Date ? value.toISOString() : String(value);
    const number = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
    const nothing = () => undefined;
    return ofType<unknown>(type, {
        string: typeof value === "object" && !(value instanceof Date) ? undefined : time,
        int: Number.isInteger(number) ? number : undefined,
        long: Number.isSafeInteger(number) ? number : undefined,
        double: Number.isFinite(number) ? number : undefined,
        boolean: typeof value === "boolean" ? value : undefined,
        date: time.slice(0, 10),
        timestamp: toUtc(time),
        decimal: (_, scale) => (Number.isFinite(number) ? Number(number.toFixed(scale)) : undefined),
        struct: nothing,
        array: nothing,
        map: nothing,
    });
}

/** Texts for simple patterns, from faker; what it cannot make needs a `fake`. */
function patternMaker({ faker, dataset }: Context, path: string, pattern: string): Maker {
    const simple = pattern
        .replace(/^\^|\$$/g, "")
        .replaceAll("\\d", "[0-9]")
        .replaceAll("\\w", "[A-Za-z0-9_]");
    const make = () => faker.helpers.fromRegExp(simple);
    const regex = new RegExp(pattern, "u");
    if (Array.from({ length: 20 }, make).some((text) => !regex.test(text))) {
        throw new Error(
            `Dataset "${dataset.name}" needs a fake for the column "${path}", whose pattern is "${pattern}".`,
        );
    }
    return make;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function typeMaker(context: Context, type: ColumnType, path: string): Maker {
    const { faker, now, dataset } = context;
    const unique = dataset.key?.includes(path);
    const whole = (max: number) => () => faker.number.int(max);
    return ofType<Maker>(type, {
        string: () => (unique ? faker.string.uuid() : faker.lorem.word()),
        int: whole(unique ? 2147483647 : 1_000),
        long: whole(unique ? Number.MAX_SAFE_INTEGER : 1_000_000_000_000),
        double: () => faker.number.int(100_000) / 100,
        boolean: () => faker.number.int(1) === 1,
        date: () => new Date(now - faker.number.int(29) * DAY).toISOString().slice(0, 10),
        timestamp: () => timestamp(now - 1 - faker.number.int(HOUR), faker.number.int(999)),
        decimal: (precision, scale) => decimalMaker(faker, precision, scale),
        struct: (columns) => objectMaker(context, columns, `${path}.`),
        array: (element) => listMaker(faker, typeMaker(context, element, `${path}[]`)),
        map: (value) => mapMaker(faker, typeMaker(context, value, `${path}.*`)),
    });
}

/** Microseconds, so that what is stored shows whether they survive, and two events of a visitor hardly meet. */
function timestamp(milliseconds: number, microseconds: number): string {
    return `${new Date(milliseconds).toISOString().slice(0, 23)}${String(microseconds).padStart(3, "0")}Z`;
}

/** Up to six digits, which a number holds exactly as the decimal does. */
function decimalMaker(faker: Faker, precision: number, scale: number): Maker {
    const max = 10 ** Math.min(precision, 6) - 1;
    return () => Number((faker.number.int(max) / 10 ** scale).toFixed(scale));
}

function listMaker(faker: Faker, element: Maker): Maker {
    return () => Array.from({ length: 1 + faker.number.int(2) }, element);
}

function mapMaker(faker: Faker, value: Maker): Maker {
    return () =>
        Object.fromEntries(Array.from({ length: 1 + faker.number.int(2) }, () => [faker.lorem.word(), value()]));
}
