# Runs locally: lake_job 1
"""
A Glue job that turns raw events into the rows of a lake. What it does is said by its arguments alone:

--mapping        what becomes of which value, as JSON: schema/glue-job.ts says what is in it
--source         folder of the raw events, `s3://bucket/raw-data/`: one JSON document to a line, gzipped or not
--target         folder of the rows, `s3://bucket/table/`: Parquet with snappy in `year=2026/month=01/day=31/`, by the event's time in UTC
--errors         folder of the documents that did not fit, `s3://bucket/errors/`: JSON lines in `2026/01/31/`, by the day of the run
--lookback_days  days before today in which an event is known again although its time has changed
--secret_id      ARN of the secret that holds the key of the hashes; only needed when the mapping hashes

One document has one outcome. It becomes a row; or it is a duplicate, because the target, or the same run, has a row with its id; or it does
not fit, and lies in the error folder with the reason. A copy of an event has the event's time, so the days of a run's own events are looked
into however old they are: a run after one that failed between writing and committing the bookmark adds nothing twice. A copy with another
time is found within the days of the look-back. Of copies in one run, the one with the earliest time stays.

Nothing is rounded on the way in: numbers are read as they are spelled. A value fits a column when it says the same in its type: "12" is a
number, 1e2 is an integer, 1.5 is none; a decimal is rounded half up at its last digit; a time has an offset, and is cut off at microseconds.
Text is kept as it came, without any normalization; halves of characters, which UTF-8 cannot hold, become U+FFFD.

Personal data: `mask` replaces a text, whatever it is, by four asterisks; `hash` is the HMAC-SHA256 of its UTF-8, in hex. Whether there is a
value can be seen in both. The log has counts; the reason of an error names columns, never values. The error folder holds the document itself,
as base64, for it is all that is left of it: it belongs where the raw events are, under the same access rules. A document may lie there twice:
a run that failed before it committed the bookmark has written it, and so has the next.

The key is in no argument and no template: the first run that finds the secret empty makes 32 random bytes and puts them there, under a fixed
request token, so that of two first runs one wins and both read its key.
"""
import base64
import datetime
import decimal
import hashlib
import hmac
import json
import re
import secrets
import sys

import boto3
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

MASK = "****"
KEY_CHARACTERS = 32
MAX_DEPTH = 100
FOLDERS = ["year", "month", "day"]

# A character that no JSON document holds as it is, so that each line is one column.
SEPARATOR = "\u0001"

# Spark would refuse days before 1900, and write times in a format that is out of use.
SETTINGS = {
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}


class Misfit(Exception):
    """Why a document becomes no row. Says nothing of its values."""


class Number(str):
    """A number as its document spells it."""


def refuse(constant):
    """NaN and Infinity, which are no JSON."""
    raise ValueError(constant)


def document_in(text):
    """The JSON object that a text is."""
    if depth_of(text) > MAX_DEPTH:
        raise Misfit(f"The document has more than {MAX_DEPTH} levels.")
    try:
        document = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=refuse)
    except ValueError:
        raise Misfit("The document is not JSON.") from None
    if not isinstance(document, dict):
        raise Misfit("The document is not an object.")
    return document


def depth_of(text):
    """How deeply a document is nested, or less when it is not deep anyway."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for token in re.findall(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', text, re.DOTALL):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token, 0)
        deepest = max(deepest, depth)
    return deepest


def value_at(document, path):
    for key in path.split("."):
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def as_text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise ValueError
    return re.sub("[\ud800-\udfff]", "\ufffd", str(value))


NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,9}))?")


def spelled(value):
    """The parts of a number: sign, digits without leading zeros, and the power of ten that they count."""
    found = NUMBER.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError
    sign, whole, fraction, exponent = found.groups(default="")
    return sign, (whole + fraction).lstrip("0"), int(exponent or 0) - len(fraction)


def scaled(value, scale, rounds):
    """A number times ten to the power of `scale`, as an integer, rounded half up or refused when it is none."""
    sign, digits, power = spelled(value)
    kept = len(digits) + power + scale
    if not digits:
        return 0
    if kept > 38:
        raise ValueError
    rest = digits[max(kept, 0) :]
    if not rounds and rest.strip("0"):
        raise ValueError
    amount = int(digits[: max(kept, 0)].ljust(kept, "0") or "0")
    if kept >= 0 and rest[:1] >= "5":
        amount += 1
    return -amount if sign else amount


def as_integer(bits):
    def convert(value):
        number = scaled(value, 0, False)
        if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            raise ValueError
        return number

    return convert


def as_decimal(precision, scale):
    def convert(value):
        number = scaled(value, scale, True)
        if abs(number) >= 10**precision:
            raise ValueError
        return decimal.Decimal((int(number < 0), [int(digit) for digit in str(abs(number))], -scale))

    return convert


def as_double(value):
    spelled(value)
    number = float(value)
    if number in (float("inf"), float("-inf")):
        raise ValueError
    return number + 0.0


def as_boolean(value):
    if value is True or value == "true":
        return True
    if value is False or value == "false":
        return False
    raise ValueError


DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
TIME = re.compile(
    DATE.pattern + r"T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)"
)


def as_date(value):
    found = DATE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError
    return datetime.date(*map(int, found.groups()))


def as_timestamp(value):
    found = TIME.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError
    *parts, fraction, sign, hours, minutes = found.groups(default="")
    micros = int(fraction[:6].ljust(6, "0"))
    local = datetime.datetime(*map(int, parts), micros, datetime.timezone.utc)
    offset = datetime.timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        raise ValueError
    try:
        return local + offset if sign == "-" else local - offset
    except OverflowError:
        raise ValueError from None


def as_array(convert):
    def convert_all(value):
        if not isinstance(value, list):
            raise ValueError
        return [None if each is None else convert(each) for each in value]

    return convert_all


def as_map(convert):
    def convert_all(value):
        if not isinstance(value, dict):
            raise ValueError
        return {as_text(key): None if each is None else convert(each) for key, each in value.items()}

    return convert_all


def as_struct(fields):
    def convert_all(value):
        if not isinstance(value, dict):
            raise ValueError
        return tuple(
            None if value.get(name) is None else convert(value[name]) for name, convert in fields
        )

    return convert_all


def converter(data_type):
    """The function that gives a value of a type, or raises a ValueError."""
    if isinstance(data_type, T.StructType):
        return as_struct([(field.name, converter(field.dataType)) for field in data_type])
    if isinstance(data_type, T.ArrayType):
        return as_array(converter(data_type.elementType))
    if isinstance(data_type, T.MapType):
        return as_map(converter(data_type.valueType))
    if isinstance(data_type, T.DecimalType):
        return as_decimal(data_type.precision, data_type.scale)
    return {
        "string": as_text,
        "int": as_integer(32),
        "bigint": as_integer(64),
        "double": as_double,
        "boolean": as_boolean,
        "date": as_date,
        "timestamp": as_timestamp,
    }[data_type.simpleString()]


class Mapper:
    """What becomes of a document. It goes to the executors with the key in it, and is written nowhere."""

    def __init__(self, mapping, schema, key):
        self.columns = [
            (column, converter(field.dataType)) for column, field in zip(mapping["columns"], schema.fields)
        ]
        self.names = [column["target"] for column in mapping["columns"]]
        self.id = self.names.index(mapping["eventId"])
        self.time = self.names.index(mapping["eventTime"])
        self.id_sources = mapping["columns"][self.id]["sources"]
        self.years = mapping["years"]
        self.key = key

    def judge(self, lines):
        """For each line that is not empty: the row, its folders and its digest; or reason, id and text of what did not fit."""
        for (line,) in lines:
            text = line.strip(" \t\r\n")
            if text:
                yield self.outcome(text)

    def outcome(self, text):
        document = None
        try:
            document = document_in(text)
            values = [self.value(document, column, convert) for column, convert in self.columns]
            return (*values, *self.folders(values), digest_of(text), None, None, None)
        except Misfit as misfit:
            raw = base64.b64encode(text.encode("utf-8")).decode("ascii")
            return (*[None] * (len(self.columns) + len(FOLDERS) + 1), str(misfit), self.id_of(document), raw)

    def value(self, document, column, convert):
        found = [value_at(document, path) for path in column["sources"]]
        found = [value for value in found if value is not None]
        label = f'"{column["target"]}"'
        if not found and column["required"]:
            raise Misfit(f"{label} is missing.")
        if not found:
            return None
        try:
            value = convert(found[0]) if len(column["sources"]) == 1 else " ".join(map(convert, found))
        except ValueError:
            raise Misfit(f'{label} is not {column["type"]}.') from None
        if column["pii"] == "mask":
            return MASK
        if column["pii"] == "hash":
            return hmac.new(self.key, value.encode("utf-8"), hashlib.sha256).hexdigest()
        return value

    def folders(self, values):
        time = values[self.time]
        first, last = self.years
        if values[self.id] == "":
            raise Misfit(f'"{self.names[self.id]}" is empty.')
        if not first <= time.year <= last:
            raise Misfit(f'"{self.names[self.time]}" is not within the years {first} to {last}.')
        return f"{time.year:04}", f"{time.month:02}", f"{time.day:02}"

    def id_of(self, document):
        """The id of a document that does not fit, if it has one."""
        value = value_at(document, self.id_sources[0])
        return as_text(value) if type(value) is str else None


def digest_of(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def key_in(secret_id):
    """The key in a secret, made when there is none."""
    client = boto3.client("secretsmanager", region_name=secret_id.split(":")[3])
    try:
        key = client.get_secret_value(SecretId=secret_id)["SecretString"]
    except client.exceptions.ResourceNotFoundException:
        key = make_key(client, secret_id)
    if len(key) < KEY_CHARACTERS:
        raise RuntimeError(f"The key in {secret_id} is shorter than {KEY_CHARACTERS} characters.")
    return key.encode("utf-8")


def make_key(client, secret_id):
    """Puts a random key into a secret without one. A run that did so at the same time has used the same token: its key counts, then."""
    token = hashlib.sha256(f"lake_job {secret_id}".encode("utf-8")).hexdigest()
    try:
        client.put_secret_value(SecretId=secret_id, ClientRequestToken=token, SecretString=secrets.token_hex(32))
    except client.exceptions.ResourceExistsException:
        pass
    return client.get_secret_value(SecretId=secret_id)["SecretString"]


def lines_of(glue, source):
    """The lines of the files that no earlier run has read, or nothing when there are none."""
    frame = glue.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [source], "recurse": True},
        format="csv",
        format_options={"separator": SEPARATOR, "quoteChar": -1, "withHeader": False},
        transformation_ctx="raw",
    ).toDF()
    columns = sorted(frame.columns, key=lambda name: int(name.removeprefix("col")))
    return frame.select(F.concat_ws(SEPARATOR, *columns)) if columns else None


def folders_of(spark, target):
    """The folders of days that the target has, by their parts."""
    pattern = spark._jvm.org.apache.hadoop.fs.Path("/".join([target, *[f"{name}=*" for name in FOLDERS]]))
    found = pattern.getFileSystem(spark._jsc.hadoopConfiguration()).globStatus(pattern) or []
    paths = [status.getPath().toString() for status in found]
    return {tuple(part.partition("=")[2] for part in path.split("/")[-len(FOLDERS) :]): path for path in paths}


def without_known(spark, rows, target, event_id, since):
    """The rows whose ids neither the folders of their own days have, nor those since a day."""
    days = {tuple(row) for row in rows.select(FOLDERS).distinct().collect()}
    paths = [path for parts, path in folders_of(spark, target).items() if parts in days or parts >= since]
    if not paths:
        return rows
    known = spark.read.schema(f"`{event_id}` string").parquet(*sorted(paths))
    return rows.join(known, event_id, "left_anti")


def process(glue, options, now):
    """Does all the work of a run and gives its counts."""
    spark = glue.spark_session
    mapping = json.loads(options["mapping"])
    target, names = options["target"].rstrip("/"), [column["target"] for column in mapping["columns"]]
    lines = lines_of(glue, options["source"])
    if lines is None:
        return {"read": 0, "written": 0, "duplicates": 0, "rejected": 0}
    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
    schema = spark.createDataFrame([], ", ".join(f'`{c["target"]}` {c["type"]}' for c in mapping["columns"])).schema
    hashes = any(column["pii"] == "hash" for column in mapping["columns"])
    mapper = Mapper(mapping, schema, key_in(options["secret_id"]) if hashes else None)
    for name in [*FOLDERS, "_digest", "_reason", "_id", "_raw"]:
        schema = schema.add(name, T.StringType())
    judged = spark.createDataFrame(lines.rdd.mapPartitions(mapper.judge), schema, verifySchema=False).persist()

    since = now.date() - datetime.timedelta(days=int(options["lookback_days"]))
    copies = Window.partitionBy(mapping["eventId"]).orderBy(mapping["eventTime"], "_digest")
    first = (
        judged.where("_reason IS NULL")
        .withColumn("_copy", F.row_number().over(copies))
        .where("_copy = 1")
        .select(*names, *FOLDERS)
    )
    since_parts = (f"{since.year:04}", f"{since.month:02}", f"{since.day:02}")
    rows = without_known(spark, first, target, mapping["eventId"], since_parts).persist()
    errors = judged.where("_reason IS NOT NULL").selectExpr(
        "_reason AS errorMessage", "_id AS eventId", "_raw AS rawData"
    )
    # Before they are written: what is kept of the rows is forgotten when the target changes, which they were compared with.
    read, written, rejected = judged.count(), rows.count(), errors.count()
    # All rows of a day in one task, and so in one file.
    by_day = rows.select(*names, *FOLDERS).repartition(*FOLDERS)
    by_day.write.mode("append").partitionBy(*FOLDERS).parquet(target, compression="snappy")
    if rejected:
        errors.coalesce(1).write.mode("append").json(
            f'{options["errors"].rstrip("/")}/{now:%Y/%m/%d}', compression="gzip"
        )
    return {"read": read, "written": written, "duplicates": read - written - rejected, "rejected": rejected}


def main():
    names = ["JOB_NAME", "mapping", "source", "target", "errors", "lookback_days", "secret_id"]
    options = getResolvedOptions(sys.argv, names)
    glue = GlueContext(SparkContext.getOrCreate())
    job = Job(glue)
    job.init(options["JOB_NAME"], options)
    print(json.dumps(process(glue, options, datetime.datetime.now(datetime.timezone.utc))))
    job.commit()


if __name__ == "__main__":
    main()
