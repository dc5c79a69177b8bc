/** Operations of Firehose that the API calls. */
export type FirehoseAction = "DescribeDeliveryStream" | "PutRecord" | "PutRecordBatch";

// Velocity has no escapes in its strings, so a newline and a quote are made this way.
const CHARACTERS = '#set($newline = $util.base64Decode("Cg=="))#set($quote = $util.base64Decode("Ig=="))';

/**
 * Sets `$text` to what the map `$record` at `path` has as `Data` or `data`: a JSON string as it is, any other value as JSON, and with a
 * newline at its end if it has none. Whether it is an event is for the check function to say, record by record. Only when there is
 * neither is `$given` false; Firehose then misses the record's data, and says at which place.
 */
function readText(path: string): string {
    return (
        `#set($given = true)#if($record.containsKey("Data"))#set($path = "${path}.Data")` +
        `#elseif($record.containsKey("data"))#set($path = "${path}.data")#else#set($given = false)#end` +
        "#if($given)#set($json = $input.json($path))" +
        "#if($json.startsWith($quote))#set($text = $input.path($path))#else#set($text = $json)#end" +
        '#if(!$text.endsWith($newline))#set($text = "$text$newline")#end#end'
    );
}

/** Nothing that a client sends gets into a request other than in base64. */
const RECORD = '{#if($given)"Data":"$util.base64Encode($text)"#end}';

/** Request template of DescribeDeliveryStream. */
export function describeRequest(stream: string): string {
    return JSON.stringify({ DeliveryStreamName: stream });
}

/** Request template of PutRecord for `{"Data": ...}` or `{"data": ...}`. */
export function recordRequest(stream: string): string {
    return `${CHARACTERS}#set($record = $input.path('$'))${readText("$")}{"DeliveryStreamName":"${stream}","Record":${RECORD}}`;
}

/** Request template of PutRecordBatch for `{"records": [{"data": ...}]}`, `Data` as well. Firehose itself refuses more than 500. */
export function recordsRequest(stream: string): string {
    const each = `${readText("$.records[${foreach.index}]")}${RECORD}#if($foreach.hasNext),#end`;
    return (
        `${CHARACTERS}{"DeliveryStreamName":"${stream}","Records":[` +
        `#foreach($record in $input.path('$.records'))${each}#end]}`
    );
}

/** Response template for what Firehose accepted, in AWS's own shapes. */
export function accepted(action: FirehoseAction): string {
    switch (action) {
        case "PutRecord":
            return "$input.json('$')";
        case "PutRecordBatch":
            return "#if($input.path('$.FailedPutCount') > 0)#set($context.responseOverride.status = 207)#end$input.json('$')";
        case "DescribeDeliveryStream":
            return described;
    }
}

/** What a writer may know of the stream. Where it delivers to, and with which role, is not among it. */
const described = `{"DeliveryStreamDescription":{${["Name", "Status", "Type"]
    .map((part) => `"DeliveryStream${part}":$input.json('$.DeliveryStreamDescription.DeliveryStream${part}')`)
    .join(",")},"CreateTimestamp":$input.json('$.DeliveryStreamDescription.CreateTimestamp')}}`;

/**
 * Response template for an error of Firehose. Throttling is 429 although Firehose has 400 and 503 for it, a record or batch that is too large
 * is 413, the client's own mistakes are 400 in Firehose's words, and all else is 503: the program's permissions or the stream are at fault,
 * and the client can only try again.
 * https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html#API_PutRecordBatch_Errors
 */
export const failed =
    "#set($type = $input.path('$.__type'))#set($message = $input.path('$.message'))" +
    `#if(${any("$type", "Throttl", "LimitExceeded")} || $message.contains("Slow down"))` +
    `#set($context.responseOverride.status = 429)${sentence("The stream takes no more at the moment. Send the same again later.")}` +
    `#elseif(${any("$type", "ValidationException", "InvalidArgument", "Serialization")})` +
    `#if(${any("$message", "exceeds 4 MB", "less than or equal to 1024000")})#set($context.responseOverride.status = 413)` +
    `#else#set($context.responseOverride.status = 400)#end{"message":$input.json('$.message')}` +
    `#else#set($context.responseOverride.status = 503)${sentence("The stream cannot be written to at the moment. Send the same again later.")}#end`;

function any(value: string, ...parts: readonly string[]): string {
    return parts.map((part) => `${value}.contains("${part}")`).join(" || ");
}

function sentence(message: string): string {
    return JSON.stringify({ message });
}
