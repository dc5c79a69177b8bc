import { defineDataset } from "../../schema/dataset";

/** What visitors do on a site, one row for each thing done. */
export const pageEvents = defineDataset({
    name: "page_events",
    doc: "What visitors do on a site.",
    columns: [
        { name: "user_id", type: "string", fake: "string.uuid", doc: "Who: an id that the site gives." },
        {
            name: "session_id",
            type: "string",
            fake: "database.mongodbObjectId",
            doc: "Visit that the event is part of.",
        },
        {
            name: "event",
            type: "string",
            // A closed list, because a row's partition is named after it: any value a client may send would be a partition.
            oneOf: ["visit", "view", "list", "like", "cart", "purchase"],
            doc: "What was done.",
        },
        { name: "referrer", type: "string", optional: true, fake: "internet.domainName", doc: "Site that led here." },
        {
            name: "user_agent",
            type: "string",
            optional: true,
            fake: "internet.userAgent",
            doc: "Browser, in its own words.",
        },
        { name: "ip", type: "string", fake: "internet.ipv4", doc: "Address of the visitor." },
        { name: "hostname", type: "string", fake: "internet.domainName", doc: "Site." },
        {
            name: "os",
            type: "string",
            optional: true,
            fake: 'helpers.objectValue {"a":"Windows","b":"Android","c":"iOS","d":"macOS","e":"Linux"}',
            doc: "Operating system of the visitor.",
        },
        { name: "timestamp", type: "timestamp", doc: "When, in UTC." },
        { name: "uri", type: "string", fake: "system.filePath", doc: "Path and query on the site." },
    ],
    partitionBy: ["event"],
});
