import { keyOf, type Order, type Shop } from "./shop";

type Rows = readonly (readonly string[])[];

/** What the named queries of orders have to answer, by name, as Athena writes it. */
export function answersOf({ good }: Shop): Readonly<Record<string, Rows>> {
    const all = [...good.values()];
    const currencies = grouped(all, (order) => [order.purchase_details.currency]);
    const methods = grouped(all, ({ purchase_details: { payment_type, currency } }) => [payment_type, currency]);
    const countries = grouped(all, (order) => [order.shipping_address.country, order.purchase_details.currency]);
    const income = ({ key, members }: Group) => [...key, String(members.length), money(members)];
    return {
        "average-order-value": currencies.map(({ key, members }) => [
            ...key,
            String(members.length),
            String(Math.round(cents(members) / members.length) / 100),
        ]),
        "most-sold-products": mostSold(all),
        "order-and-client-details": latest(all),
        "income-per-payment-method": methods.map(income),
        "sales-per-country": countries.map(income),
    };
}

interface Group {
    readonly key: readonly string[];
    readonly members: readonly Order[];
}

/** Groups in the order of their keys. */
function grouped(all: readonly Order[], keysOf: (order: Order) => readonly string[]): readonly Group[] {
    const groups = Object.groupBy(all, (order) => JSON.stringify(keysOf(order)));
    return Object.values(groups)
        .map((members = []): Group => ({ key: keysOf(members[0] as Order), members }))
        .sort((a, b) => compare(a.key.join("\0"), b.key.join("\0")));
}

function compare(a: string, b: string): number {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function cents(members: readonly Order[]): number {
    return members.reduce((sum, { purchase_details: { amount } }) => sum + Math.round(amount * 100), 0);
}

function money(members: readonly Order[]): string {
    return (cents(members) / 100).toFixed(2);
}

function mostSold(all: readonly Order[]): Rows {
    const sold = new Map<string, { name: string; quantity: number }>();
    for (const { product_id, name, quantity } of all.flatMap((order) => order.product_details)) {
        const known = sold.get(product_id) ?? { name: "", quantity: 0 };
        const [, last = ""] = [known.name, name].sort(compare);
        sold.set(product_id, { name: last, quantity: known.quantity + quantity });
    }
    return [...sold]
        .sort(([a, one], [b, other]) => other.quantity - one.quantity || compare(a, b))
        .slice(0, 20)
        .map(([id, { name, quantity }]) => [id, name, String(quantity)]);
}

function latest(all: readonly Order[]): Rows {
    return all
        .map((order) => ({ order, time: utc(order.order_date) }))
        .sort((a, b) => compare(b.time, a.time) || compare(keyOf(a.order), keyOf(b.order)))
        .slice(0, 100)
        .map(({ order: { customer_id, order_id, status, shipping_address: address }, time }) => {
            const { country, state, city, street, zip } = address;
            return [customer_id, order_id, time, status, country, state, city, street, zip];
        });
}

/** A time as Athena writes it: in UTC, with microseconds. */
export function utc(time: string): string {
    const [, text = "", fraction = "", zone = ""] = /^(.{19})(?:\.(\d+))?(.*)$/.exec(time) ?? [];
    const offset = zone === "Z" ? zone : zone.replace(/(\d\d)(\d\d)$/, "$1:$2");
    const moment = new Date(`${text}${offset}`).toISOString();
    return `${moment.slice(0, 19).replace("T", " ")}.${fraction.padEnd(6, "0")}`;
}
