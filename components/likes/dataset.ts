import { defineDataset } from "../../schema/dataset";

/** What people like, one item for each thing: a new count takes the place of the old one. Items may have any other attributes as well. */
export const likes = defineDataset({
    name: "likes",
    doc: "What people like.",
    columns: [
        {
            name: "element_class",
            type: "string",
            fake: 'string.numeric {"length":12}',
            doc: "What is liked.",
        },
        { name: "likes", type: "long", fake: 'number.int {"max":100000}', doc: "How many like it." },
        { name: "score", type: "double", fake: 'number.float {"max":5,"fractionDigits":2}', doc: "How much, of five." },
        { name: "title", type: "string", optional: true, fake: "commerce.productName", doc: "What it is called." },
        { name: "liked_at", type: "timestamp", doc: "When it was liked last." },
        {
            name: "liked_by",
            type: {
                struct: [
                    { name: "user_id", type: "string", fake: "string.uuid", doc: "An id that the site gives." },
                    { name: "country", type: "string", fake: "location.countryCode", doc: "Country of the user." },
                ],
            },
            doc: "Who liked it last.",
        },
        { name: "tags", type: { array: "string" }, optional: true, doc: "What it is about." },
    ],
    key: ["element_class"],
});
