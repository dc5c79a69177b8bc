import { defineDataset } from "../../schema/dataset";

/** What a shop sells, one document for each order. */
export const orders = defineDataset({
    name: "orders",
    doc: "What a shop sells.",
    columns: [
        {
            name: "customer_id",
            type: "string",
            // Bounded, because it is the key of the stream's records and of the table's items.
            pattern: "^.{1,64}$",
            fake: 'helpers.fromRegExp "customer-[0-9]{3}"',
            doc: "Who ordered.",
        },
        {
            name: "order_id",
            type: "string",
            pattern: "^.{1,64}$",
            fake: "string.uuid",
            doc: "Which of the customer's orders.",
        },
        { name: "order_date", type: "timestamp", doc: "When, in UTC." },
        {
            name: "status",
            type: "string",
            fake: 'helpers.arrayElement ["pending","paid","shipped"]',
            doc: "How far it has come.",
        },
        {
            name: "shipping_address",
            type: {
                struct: [
                    { name: "country", type: "string", fake: "location.country", doc: "Country, in words." },
                    { name: "state", type: "string", fake: "location.state", doc: "State or province." },
                    { name: "city", type: "string", fake: "location.city", doc: "City." },
                    { name: "street", type: "string", fake: "location.streetAddress", doc: "Street and number." },
                    { name: "zip", type: "string", fake: "location.zipCode", doc: "Postal code." },
                ],
            },
            doc: "Where it goes.",
        },
        {
            name: "purchase_details",
            type: {
                struct: [
                    {
                        name: "payment_type",
                        type: "string",
                        fake: 'helpers.arrayElement ["credit_card","debit_card","cash","coupon","wallet"]',
                        doc: "How it is paid.",
                    },
                    {
                        name: "amount",
                        // A double holds an amount to the cent up to 90 million millions; the deserializer that Firehose reads JSON with knows no decimals.
                        type: "double",
                        fake: 'finance.amount {"min":10,"max":1000,"dec":2}',
                        doc: "What all of it costs.",
                    },
                    {
                        name: "currency",
                        type: "string",
                        pattern: "^[A-Z]{3}$",
                        fake: 'helpers.arrayElement ["USD","EUR","GBP"]',
                        doc: "Currency of the amount, as in ISO 4217.",
                    },
                    {
                        name: "instalments",
                        type: "int",
                        fake: 'number.int {"min":1,"max":13}',
                        doc: "In how many parts it is paid.",
                    },
                ],
            },
            doc: "What it costs and how it is paid.",
        },
        {
            name: "product_details",
            type: {
                array: {
                    struct: [
                        {
                            name: "product_id",
                            type: "string",
                            fake: 'helpers.fromRegExp "p[0-9]{5}"',
                            doc: "Which product.",
                        },
                        { name: "name", type: "string", fake: "commerce.product", doc: "What it is called." },
                        {
                            name: "quantity",
                            type: "int",
                            fake: 'number.int {"min":1,"max":5}',
                            doc: "How many of it.",
                        },
                        {
                            name: "item_details",
                            type: {
                                struct: [
                                    { name: "color", type: "string", fake: "color.human", doc: "Color." },
                                    {
                                        name: "size",
                                        type: "string",
                                        fake: 'helpers.arrayElement ["XXS","XS","S","M","L","XL","XXL","XXXL"]',
                                        doc: "Size.",
                                    },
                                ],
                            },
                            doc: "Which variant of it.",
                        },
                    ],
                },
            },
            doc: "What was ordered.",
        },
    ],
    key: ["customer_id", "order_id"],
});

/** Names under which producers send fields as well. The first of all producers could not spell. */
export const aliases = { purchaise_details: "purchase_details" };

/** The timestamp of an order. */
export const ORDER_DATE = "order_date";
