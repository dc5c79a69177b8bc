// Velocity has no escapes in its strings, so a quote is made this way.
const QUOTE = '#set($quote = $util.base64Decode("Ig=="))';

/** Stands for the customer of an order that has none, and that is kept as rejected once it is read. */
const NOBODY = "-";

/**
 * Sets `$key` to the partition key of the order `$order` at `path`: its customer, so that a customer's orders stay in order, escaped as JSON.
 * A client may send anything there, so what is no text of 1 to 256 characters, as Kinesis wants it, is not taken: it would cost the others of
 * its batch. `escapeJavaScript` writes a single quote in a way that JSON does not know.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#util-template-reference
 */
function partitionKey(path: string): string {
    return (
        `#set($key = "${NOBODY}")#if($order.containsKey("customer_id"))#set($json = $input.json("${path}.customer_id"))` +
        `#if($json.startsWith($quote))#set($id = $input.path("${path}.customer_id"))` +
        "#if($id.length() > 0 && $id.length() <= 256)" +
        `#set($key = $util.escapeJavaScript($id).replaceAll("\\\\'", "'"))#end#end#end`
    );
}

/** Request template of PutRecord for an order. The body goes as it came, so that no number in it changes. */
export function orderRequest(stream: string): string {
    return (
        `${QUOTE}#set($order = $input.path('$'))${partitionKey("$")}` +
        `{"StreamName":"${stream}","PartitionKey":"$key","Data":"$util.base64Encode($input.body)"}`
    );
}

/** Request template of PutRecords for `{"orders": [...]}`. Kinesis itself refuses more than 500. */
export function ordersRequest(stream: string): string {
    const path = "$.orders[${foreach.index}]";
    const each = `${partitionKey(path)}{"PartitionKey":"$key","Data":"$util.base64Encode($input.json("${path}"))"}`;
    return (
        `${QUOTE}{"StreamName":"${stream}","Records":[` +
        `#foreach($order in $input.path('$.orders'))${each}#if($foreach.hasNext),#end#end]}`
    );
}

/** Response template for an order that the stream has: where it is there. */
export const accepted = "{\"SequenceNumber\":$input.json('$.SequenceNumber'),\"ShardId\":$input.json('$.ShardId')}";

/**
 * Response template for a batch: what became of each order, as Kinesis says it, but for its messages, which name the account. Part of a batch
 * is 207. When the stream took none of it, that is 429 if there was too much, and 503 otherwise. A field that is missing is empty text to API
 * Gateway, and that is true in a condition.
 */
export const acceptedBatch =
    "#set($records = $input.path('$.Records'))#set($failed = $input.path('$.FailedRecordCount'))#set($throttled = false)" +
    '{"FailedRecordCount":$failed,"Records":[#foreach($record in $records)#set($code = "$!record.ErrorCode")' +
    '#if($code == ""){"SequenceNumber":"$record.SequenceNumber","ShardId":"$record.ShardId"}' +
    '#else#if($code.contains("Throughput"))#set($throttled = true)#end{"ErrorCode":"$code"}#end' +
    "#if($foreach.hasNext),#end#end]}" +
    "#if($failed > 0)#set($context.responseOverride.status = 207)#end" +
    "#if($failed == $records.size())#set($context.responseOverride.status = 503)" +
    "#if($throttled)#set($context.responseOverride.status = 429)#end#end";

/**
 * Response template for an error of Kinesis. Throttling is 429 although Kinesis has 400 for it, what is too large is 413, the client's own
 * mistakes are 400, and all else is 503: the program's permissions, its key or the stream are at fault, and the client can only try again.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html#API_PutRecords_Errors
 */
export const failed =
    "#set($type = $input.path('$.__type'))#set($message = $input.path('$.message'))" +
    `#if(${any("$type", "Throughput", "Throttl", "LimitExceeded")})` +
    `#set($context.responseOverride.status = 429)${sentence("The stream takes no more at the moment. Send the same again later.")}` +
    `#elseif(${any("$type", "ValidationException", "InvalidArgument", "Serialization")})` +
    `#if(${any("$message", "data' failed to satisfy", "size exceeds")})` +
    `#set($context.responseOverride.status = 413)${sentence("An order may have 1 MiB, and a batch 10 MiB.")}` +
    `#elseif(${any("$message", "'records' failed to satisfy")})` +
    `#set($context.responseOverride.status = 400)${sentence("A batch has 1 to 500 orders.")}` +
    `#else#set($context.responseOverride.status = 400){"message":$input.json('$.message')}#end` +
    `#else#set($context.responseOverride.status = 503)${sentence("The stream cannot be written to at the moment. Send the same again later.")}#end`;

function any(value: string, ...parts: readonly string[]): string {
    return parts.map((part) => `${value}.contains("${part}")`).join(" || ");
}

function sentence(message: string): string {
    return JSON.stringify({ message });
}
