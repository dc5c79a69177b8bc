"""Runs functions/lake_job.py on real Spark over folders, and compares all that it writes with what the local runtime made of the same events."""
import collections
import contextlib
import gzip
import io
import json
import os
import pathlib
import runpy
import shutil
import sys

here = pathlib.Path(__file__).resolve().parent
folder = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(here / "lake"))
# The executors' own Python, which is to find what the script imports.
os.environ["PYTHONPATH"] = str(here / "lake")
os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
# On a machine in a zone of its own, nothing may change.
os.environ["TZ"] = "America/St_Johns"

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
from awsglue.job import Killed, bookmark
from pyspark.sql import SparkSession

SCRIPT = str(here.parent.parent / "functions" / "lake_job.py")


def folders(name):
    return {file: file.stat().st_mtime_ns for file in (folder / name).rglob("*") if file.is_file()}


def run_script(job, killed):
    """What a run prints."""
    bookmark.fails = killed
    sys.argv = [SCRIPT, "--JOB_NAME", "lake", *[part for pair in job.items() for part in pair]]
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        try:
            runpy.run_path(SCRIPT, run_name="__main__")
            assert not killed
        except Killed:
            assert killed
    return output.getvalue()


def rows_in(table):
    """Rows by their folder and id, and the types of the columns. A time is UTC, whether the file says so or not."""
    rows = {}
    types = set()
    for file in sorted(table.rglob("*.parquet")):
        part = str(file.parent.relative_to(table))
        # A single file, as pyarrow would otherwise read more columns out of its folders.
        data = pq.ParquetFile(file).read()
        types.add(tuple((field.name, str(plain(field.type))) for field in data.schema))
        for row in data.cast(pa.schema([(field.name, plain(field.type)) for field in data.schema])).to_pylist():
            assert (part, row["id"]) not in rows, f"{row['id']} is in {part} twice"
            rows[part, row["id"]] = comparable(row)
    assert len(types) == 1, types
    return rows, types.pop()


def plain(data_type):
    if pa.types.is_timestamp(data_type):
        return pa.timestamp("us")
    if pa.types.is_struct(data_type):
        return pa.struct([(field.name, plain(field.type)) for field in data_type])
    if pa.types.is_map(data_type):
        return pa.map_(plain(data_type.key_type), plain(data_type.item_type))
    if pa.types.is_list(data_type):
        return pa.list_(plain(data_type.value_type))
    return data_type


def comparable(value):
    """A map is a list of pairs to pyarrow, in any order. A float is told by its bits."""
    if isinstance(value, dict):
        return {name: comparable(each) for name, each in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return sorted((key, comparable(each)) for key, each in value)
    if isinstance(value, list):
        return [comparable(each) for each in value]
    return value.hex() if isinstance(value, float) else value


def errors_in(place):
    lines = [line for file in place.rglob("*.json.gz") for line in gzip.open(file, "rt", encoding="utf-8", newline="\n")]
    return collections.Counter(json.dumps(json.loads(line), sort_keys=True) for line in lines)


def compare_rows(local, spark):
    rows, types = rows_in(local)
    found, found_types = rows_in(spark)
    assert types == found_types, f"columns: {types} locally, {found_types} on Spark"
    assert rows.keys() == found.keys(), f"rows of only one: {sorted(rows.keys() ^ found.keys())[:5]}"
    for key, row in rows.items():
        for name, value in row.items():
            assert found[key][name] == value, f"{key} {name}: {value!r:.200} locally, {found[key][name]!r:.200} on Spark"
    return len(rows) * len(types)


def check_key(script):
    """The first run makes the key; of two that make one, both use the same."""
    secrets = boto3.secretsmanager
    arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:new-AbCdEf"
    made = script["key_in"](arn)
    assert len(made) == 64 and script["key_in"](arn) == made
    secrets.versions.clear()
    secrets.rival = "f" * 64
    assert script["key_in"](arn) == b"f" * 64
    secrets.rival = None
    secrets.versions[arn] = ("token", "short")
    try:
        script["key_in"](arn)
    except RuntimeError as refusal:
        assert str(refusal) == f"The key in {arn} is shorter than 32 characters.", refusal
    else:
        raise AssertionError("A short key was taken.")


def check_log(output, key):
    for secret in (key, "4111111111111111", "Asha"):
        assert secret not in output, f"The log holds {secret}."


def main():
    lake = json.loads((folder / "lake.json").read_text(encoding="utf-8"))
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    check_key(runpy.run_path(SCRIPT, run_name="lake_job"))
    job = lake["job"] | {name: str(folder / "spark" / name.strip("-")) for name in ("--source", "--target", "--errors")}
    boto3.secretsmanager.versions = {job["--secret_id"]: ("token", lake["key"])}
    for at, run in enumerate(lake["runs"]):
        for name in run["files"]:
            target = folder / "spark" / "source" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / "s3" / "raw" / name, target)
        (folder / "spark" / "source").mkdir(parents=True, exist_ok=True)
        before = folders("spark/target")
        output = run_script(job, run["killed"])
        check_log(output, lake["key"])
        assert output == json.dumps(run["counts"]) + "\n", f"run {at}: {run['counts']} locally, {output} on Spark"
        after = folders("spark/target")
        assert before.items() <= after.items(), "Rows of an earlier run were touched."
        new = [str(file.parent) for file in after.keys() - before.keys() if file.suffix == ".parquet"]
        assert len(new) == len(set(new)), "A run has written two files into one folder."
    cells = compare_rows(folder / "s3" / "lake" / "table", folder / "spark" / "target")
    errors, found = errors_in(folder / "s3" / "lake" / "errors"), errors_in(folder / "spark" / "errors")
    # The run that was killed had written its errors; the next one has written them again.
    assert errors.keys() == found.keys(), f"errors of only one: {[each[:300] for each in sorted(errors.keys() ^ found.keys())[:5]]}"
    spark.stop()
    print(f"python: {cells} cells and {errors.total()} errors are the same locally and on Spark {spark.version}")


main()
