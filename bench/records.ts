/** An event of web-analytics in 366 bytes. */
export function pageEvent(index: number) {
    return {
        user_id: `3f0e8d7c-1b2a-4c5d-9e8f-${String(index).padStart(12, "0")}`,
        session_id: "a1b2c3d4e5f6a7b8c9d0e1f2",
        event: ["visit", "view", "list", "like"][index % 4],
        referrer: "www.referrer.example",
        user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0",
        ip: "203.0.113.42",
        hostname: "shop.example.com",
        os: "Linux",
        timestamp: "2026-11-20T10:15:30Z",
        uri: "/list?page=12&q=books",
    };
}

/** An order in 549 bytes. */
export function order(index: number) {
    return {
        customer_id: `user${1000 + (index % 30)}`,
        order_id: `o${String(index).padStart(5, "0")}`,
        order_date: "2026-11-20T10:15:30Z",
        status: "pending",
        shipping_address: {
            street: "482 Kihn",
            city: "Westkaela",
            state: "Vermont",
            zip: "48213",
            country: "United States of America",
        },
        purchase_details: { payment_type: "credit_card", amount: 59.99, currency: "USD", instalments: 3 },
        product_details: [
            { product_id: "p48213", name: "keyboard", quantity: 2, item_details: { color: "fuchsia", size: "XL" } },
            { product_id: "p48214", name: "computer", quantity: 1, item_details: { color: "azure", size: "M" } },
        ],
    };
}

/** An item of likes in 255 bytes. */
export function like(index: number) {
    return {
        element_class: String(100_000_000_000 + index),
        likes: 4711 + index,
        score: 4.25,
        title: "Handcrafted Granite Chair No 1",
        liked_at: "2026-11-20T10:15:30.123456Z",
        liked_by: { user_id: `3f0e8d7c-1b2a-4c5d-9e8f-${String(index).padStart(12, "0")}`, country: "NO" },
        tags: ["chair", "granite", "handmade"],
    };
}
