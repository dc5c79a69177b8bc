import { orders } from "../../components/orders/dataset";
import { type BadKind, corrupt } from "../../schema/corrupt";
import type { RecordOf } from "../../schema/dataset";
import { generator } from "../../schema/generate";

/** An order, as the dataset has it. */
export type Order = RecordOf<typeof orders>;

/** What a shop sends: good orders and bad ones, in two rounds, so that each comes twice. */
export interface Shop {
    /** By round, what is sent, each as a JSON text. */
    readonly rounds: readonly [readonly string[], readonly string[]];
    /** The good ones as they are at last, by key. */
    readonly good: ReadonlyMap<string, Order>;
    /** What is wrong with each of the bad ones, by its text. */
    readonly bad: ReadonlyMap<string, RegExp>;
}

/** The key of an order as one text. */
export function keyOf({ customer_id, order_id }: { readonly customer_id: string; readonly order_id: string }): string {
    return `${customer_id} ${order_id}`;
}

const BAD_EVERY = 100;
const CHANGED_EVERY = 10;
const MISSPELT_EVERY = 3;

/** Countries that would break a path, a query or a document that is put together carelessly. */
const COUNTRIES = [
    "Côte d'Ivoire",
    'The "Republic"',
    "a/b/../c",
    "  two  spaces ",
    "back\\slash",
    "日本",
    "x'; DROP TABLE",
];

/** Moments around the end of a year in every direction, and what day they are in UTC is another one. */
const TIMES = [
    "2025-12-31T23:59:59Z",
    "2026-01-01T00:00:00Z",
    "2025-12-31T23:30:00-00:30",
    "2025-12-31T14:00:00-10:00",
    "2026-01-01T13:59:59.999999+14:00",
    "2026-01-01T00:30:00+01:00",
    "2025-12-31T18:15:00.5-05:45",
    "2024-12-31T23:59:59.999999Z",
    "2027-01-01T05:44:59+0545",
];

const PRODUCTS = [0, 1, 2];

const REASONS: Readonly<Record<string, RegExp>> = {
    "missing column": /^\w+ is missing$/,
    "null column": /^\w+ is not /,
    "wrong type": /^\w+ is not /,
    "wrong timestamp": /^order_date is not an ISO 8601 time$/,
};

/** Bad ones that only orders have, with the reason. */
const WRONG: readonly (readonly [object | number | string, RegExp])[] = [
    [{ order_date: "2040-01-01T00:00:00Z" }, /^order_date is not in 2020 to 2039$/],
    [{ order_date: "2039-12-31T23:30:00-01:00" }, /^order_date is not in 2020 to 2039$/],
    [{ customer_id: "x".repeat(65) }, /^customer_id is not a string that matches/],
    [{ purchaise_details: {} }, /^has both purchaise_details and purchase_details$/],
    [{ "": 1 }, /^an attribute has no name$/],
    [{ note: "x".repeat(420_000) }, /^larger than 400 KB as an item$/],
];

/** Makes what a shop sends: so many orders, one in a hundred bad, one in ten another one when it comes again, some with a hundred products. */
export function shop(count: number, seed: number): Shop {
    const made = generator(orders, { seed, now: Date.UTC(2026, 10, 20) });
    const first: string[] = [];
    const second: string[] = [];
    const good = new Map<string, Order>();
    const bad = new Map<string, RegExp>();
    for (let n = 0; n < count; n++) {
        const order = varied(made.next(), n);
        if (n % BAD_EVERY === 1) {
            const [text, reason] = spoilt(order, n);
            bad.set(text, reason);
            first.push(text);
            second.push(text);
            continue;
        }
        const last = n % CHANGED_EVERY === 0 ? changed(order) : order;
        good.set(keyOf(order), last);
        first.push(textOf(order, n));
        second.push(textOf(last, n + 1));
    }
    return { rounds: [first, second], good, bad };
}

function varied(order: Order, n: number): Order {
    const product = order.product_details[0] ?? {
        product_id: "p",
        name: "p",
        quantity: 1,
        item_details: { color: "", size: "" },
    };
    const products = n % 1000 === 7 ? 100 : (PRODUCTS[n % PRODUCTS.length] ?? 0);
    return {
        ...order,
        order_date: n % 2 === 0 ? order.order_date : (TIMES[n % TIMES.length] ?? ""),
        shipping_address: {
            ...order.shipping_address,
            country: COUNTRIES[n % 20] ?? order.shipping_address.country,
        },
        product_details: Array.from({ length: products }, (_, line) => ({
            ...product,
            quantity: 1 + ((n + line) % 5),
        })),
    };
}

/** The order when it has been paid in another way, of other products, and of fewer. */
function changed(order: Order): Order {
    return {
        ...order,
        status: "changed",
        purchase_details: { ...order.purchase_details, amount: order.purchase_details.amount + 1 },
        product_details: order.product_details.slice(1),
    };
}

/** Some producers misspell a part of it. */
function textOf(order: Order, n: number): string {
    const { purchase_details, ...others } = order;
    return JSON.stringify(n % MISSPELT_EVERY === 0 ? { ...others, purchaise_details: purchase_details } : order);
}

function spoilt(order: Order, n: number): readonly [text: string, reason: RegExp] {
    const own = WRONG[Math.floor(n / BAD_EVERY) % (WRONG.length * 4)];
    if (own) return [JSON.stringify({ ...order, ...(own[0] as object) }), own[1]];
    const { text, why } = corrupt(orders, order, n, Object.keys(REASONS) as BadKind[]);
    return [text, REASONS[why as BadKind] as RegExp];
}
