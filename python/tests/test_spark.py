"""The recipe for Spark in local mode. It needs a Java runtime and the package pyspark, which `./test.sh` installs if there is one."""

import json
import os
import sys

import pytest

pytest.importorskip("pyspark", reason="pyspark is not installed")

from pyspark.sql import SparkSession  # noqa: E402

import charter  # noqa: E402


@pytest.fixture(scope="module")
def spark():
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = SparkSession.builder.master("local[2]").appName("charter").config("spark.ui.enabled", "false").getOrCreate()
    yield session
    session.stop()


@pytest.mark.parametrize("by_path", [True, False])
def test_map_in_arrow_judges_each_row(spark, parcels, by_path):
    rows = [(number, json.dumps({"id": f"parcel_{number}", "weight": -1 if number % 10 == 0 else 12.5})) for number in range(1_000)]
    frame = spark.createDataFrame(rows, "number long, body string").repartition(4)
    path, shared = str(parcels), charter.Contract(parcels, operation="parcels.get")

    def judge(batches):
        contract = charter.Contract(path, operation="parcels.get") if by_path else shared
        for batch in batches:
            yield contract.judge_arrow(batch, column="body", keep=["number"])

    verdicts = frame.mapInArrow(judge, "number long, kept boolean, verdict string").collect()
    assert sorted(row.number for row in verdicts) == list(range(1_000))
    assert sorted(row.number for row in verdicts if not row.kept) == list(range(0, 1_000, 10))
    assert all("/weight" in row.verdict for row in verdicts if not row.kept)
