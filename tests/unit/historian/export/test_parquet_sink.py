"""The Parquet of an export, as other programs read it."""

import io
import sys

import numpy as np
import pytest
from pyarrow import parquet

from hmi.core.errors import LinesideError
from hmi.core.quality import Status
from hmi.historian.export.page import Page
from hmi.historian.export.parquet_sink import ParquetSink

BAD = int(Status.BAD_TIMEOUT)


def numbers(*values: float, first: int = 0, status: int = 0) -> Page:
    rows = len(values)
    return Page(np.arange(first, first + rows), np.array(values), np.full(rows, status, np.uint32))


def test_columns_and_types() -> None:
    stream = io.BytesIO()
    texts = Page(np.arange(3), np.array([np.nan, 4.0, np.nan]), np.array([0, 0, BAD], np.uint32), ["=x", None, "y"])
    with ParquetSink(stream) as sink:
        sink.write("a", numbers(1.5, np.nan, -0.0))
        sink.write("b", numbers(7.0, status=BAD))
        sink.write("a", numbers(2.5, first=-5))
        sink.write("c", texts)
    found = parquet.read_table(stream)
    assert [(field.name, str(field.type)) for field in found.schema] == [
        ("tag", "dictionary<values=string, indices=int32, ordered=0>"),
        ("time", "timestamp[ns, tz=UTC]"),
        ("value", "double"),
        ("text", "string"),
        ("status", "uint32"),
    ]
    assert found["tag"].to_pylist() == ["a", "a", "a", "b", "a", "c", "c", "c"]
    assert found["time"].cast("int64").to_pylist() == [0, 1, 2, 0, -5, 0, 1, 2]
    assert str(found["value"].to_pylist()) == "[1.5, nan, -0.0, None, 2.5, None, 4.0, None]"
    assert found["text"].to_pylist() == [None] * 5 + ["=x", None, None]
    assert found["status"].to_pylist() == [0, 0, 0, BAD, 0, 0, 0, BAD]


def test_small_pages_make_large_groups() -> None:
    stream = io.BytesIO()
    with ParquetSink(stream, group_rows=10) as sink:
        for tag in range(9):
            sink.write(str(tag), numbers(1.0, 2.0, 3.0))
    file = parquet.ParquetFile(stream)
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [12, 12, 3]


def test_an_empty_export_is_a_file_too() -> None:
    stream = io.BytesIO()
    with ParquetSink(stream):
        pass
    assert parquet.read_table(stream).num_rows == 0


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(LinesideError, match=r"pip install pyarrow"):
        ParquetSink(io.BytesIO())
