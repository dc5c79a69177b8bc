import { type Column, defineDataset } from "../../schema/dataset";
import { processed } from "../../schema/glue-job";

/** A payment by card, as its producer sends it within an event, and what EventBridge says of that event. */
export const payments = defineDataset({
    name: "card_events",
    doc: "Payments by card, each event once, without the personal data that came with it.",
    columns: [
        { name: "id", type: "string", doc: "Id of the event." },
        { name: "time", type: "timestamp", doc: "When the event happened." },
        { name: "source", type: "string", doc: "Who sent the event." },
        { name: "account", type: "string", doc: "AWS account that the event came from." },
        { name: "region", type: "string", doc: "AWS region that the event came from." },
        {
            name: "amount",
            type: "decimal(18,2)",
            from: "detail.amount.value",
            fake: 'finance.amount {"min":10,"max":5000,"dec":2}',
            doc: "What was paid.",
        },
        {
            name: "currency",
            type: "string",
            from: "detail.amount.currency",
            fake: 'helpers.arrayElement ["dollar","rupee","pound","rial"]',
            doc: "Currency of the amount.",
        },
        {
            name: "country",
            type: "string",
            from: "detail.location.country",
            fake: 'helpers.arrayElement ["US","IN"]',
            doc: "Country of the payment.",
        },
        {
            name: "state",
            type: "string",
            optional: true,
            from: "detail.location.state",
            fake: 'helpers.arrayElement ["TX","FL","MH","GA","AP"]',
            doc: "State or province of the payment.",
        },
        {
            name: "city",
            type: "string",
            optional: true,
            from: "detail.location.city",
            fake: "location.city",
            doc: "City of the payment.",
        },
        {
            name: "card_number",
            type: "string",
            from: "detail.credit_card",
            pii: "hash",
            // No issuer has numbers that begin with 9999, so none of these can be anyone's: https://www.iso.org/standard/70484.html
            fake: 'helpers.fromRegExp "9999[0-9]{12}"',
            doc: "The card as a keyed hash: the same card has the same one, and none tells the number.",
        },
        {
            name: "name",
            type: "string",
            optional: true,
            from: "detail.firstName detail.lastName",
            pii: "mask",
            fake: 'helpers.fromRegExp "[BDFGHJKLMNPRSTV][aeiou][lmnrst][aeiou] [BDFGHJKLMNPRSTV][aeiou][lmnrst][aeiou][lmnrst]"',
            doc: "Whether the card holder's name was there.",
        },
        {
            name: "transaction_message",
            type: "string",
            optional: true,
            from: "detail.transaction_message",
            // It names the card and its holder.
            pii: "drop",
            fake: 'helpers.fromRegExp "[BDFGHJKLMNPRSTV][aeiou][lmnrst][aeiou] with credit card number 9999[0-9]{12} made a purchase"',
        },
    ],
    partitionBy: ["day(time)"],
    key: ["id"],
});

/** The rows that the job makes of the events. */
export const cardEvents = processed(payments);

/** What a producer sends, which is the `detail` of an event: EventBridge adds the rest. */
export const details = defineDataset({
    name: "payment_details",
    columns: payments.columns.flatMap((column: Column) =>
        column.from ? [{ ...column, from: column.from.replaceAll("detail.", "") }] : [],
    ),
});
