import pathlib

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from awsglue.job import bookmark


class GlueContext:
    def __init__(self, spark_context):
        self.spark_session = SparkSession(spark_context)
        self.create_dynamic_frame = self

    def from_options(self, connection_type, connection_options, format, format_options, transformation_ctx):
        """A file's lines, of those that the bookmark does not have, in columns as Glue names them."""
        assert (connection_type, format, connection_options["recurse"]) == ("s3", "csv", True)
        assert (format_options["quoteChar"], format_options["withHeader"]) == (-1, False)
        [folder] = connection_options["paths"]
        files = [str(path) for path in pathlib.Path(folder).rglob("*") if path.is_file()]
        return Lines(self.spark_session, sorted(bookmark.fresh(transformation_ctx, files)), format_options["separator"])


class Lines:
    def __init__(self, spark, files, separator):
        self.spark, self.files, self.separator = spark, files, separator

    def toDF(self):
        if not self.files:
            return self.spark.createDataFrame([], "struct<>")
        lines = self.spark.read.text(self.files, lineSep="\n")
        parts = F.split("value", self.separator)
        width = lines.select(F.max(F.size(parts))).first()[0] or 1
        return lines.select(*[parts.getItem(at).alias(f"col{at}") for at in range(width)])
