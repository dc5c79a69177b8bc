/** Folder of the bucket for the events as they came: clear, and kept for some days only. */
export const RAW = "raw-data/";

/** Below it, the day on which Firehose got the events. `yyyy`: YYYY is the year of the week, and loses the last days of a year. */
export const RAW_PREFIX = `${RAW}year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/`;
