"""Reads the tables below a folder with pyiceberg and compares them, row for row, with what the writer expects."""

import base64
import datetime
import decimal
import json
import sys
import time
from pathlib import Path

from pyarrow.fs import LocalFileSystem, SubTreeFileSystem
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.table import StaticTable


class FolderIO(PyArrowFileIO):
    """Reads s3://bucket/key from <folder>/bucket/key: the very files that the local runtime wrote."""

    def _initialize_fs(self, scheme, netloc=None):
        return SubTreeFileSystem(self.properties["folder"], LocalFileSystem())


def plain(value):
    """A value as the writer's JSON has it: exact numbers as text."""
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        return value.isoformat(timespec="microseconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value


def rows_of(scan):
    return [plain(row) for row in scan.to_arrow().to_pylist(maps_as_pydicts="strict")]


def by_text(rows):
    return sorted(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in rows)


def difference(found, expected):
    missing = [row for row in expected if row not in set(found)]
    surplus = [row for row in found if row not in set(expected)]
    return f"{len(found)} rows, expected {len(expected)}; missing {missing[:1]}, not expected {surplus[:1]}"


def check(folder, table):
    """Sentences on what differs."""
    static = StaticTable.from_metadata(
        table["location"], {"py-io-impl": "read_tables.FolderIO", "folder": str(folder / "s3")}
    )
    problems = []
    found, expected = by_text(rows_of(static.scan())), by_text(table["rows"])
    if found != expected:
        problems.append(f"scan: {difference(found, expected)}")
    for query in table.get("filters", []):
        found = by_text(rows_of(static.scan(row_filter=query["filter"])))
        expected = by_text(query["rows"])
        if found != expected:
            problems.append(f"{query['filter']}: {difference(found, expected)}")
    for past in table.get("snapshots", []):
        found = static.scan(snapshot_id=past["id"]).to_arrow().num_rows
        if found != past["rows"]:
            problems.append(f"snapshot {past['id']}: {found} rows, expected {past['rows']}")
    return problems


def main(folder):
    sys.modules.setdefault("read_tables", sys.modules["__main__"])
    failed = False
    for table in json.loads((folder / "expected.json").read_text()):
        start = time.monotonic()
        problems = check(folder, table)
        failed = failed or bool(problems)
        checks = 1 + len(table.get("filters", [])) + len(table.get("snapshots", []))
        seconds = time.monotonic() - start
        print(f"  {'FAILED' if problems else 'ok'}  {table['name']}: {len(table['rows'])} rows, {checks} scans, {seconds:.1f} s")
        for problem in problems:
            print(f"      {problem}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
