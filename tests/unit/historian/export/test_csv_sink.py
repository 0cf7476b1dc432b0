"""The CSV of an export, to the byte."""

import csv
import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.core.quality import Status
from hmi.historian.cells.text_cell import text_of_cell
from hmi.historian.export.csv_sink import CsvSink
from hmi.historian.export.page import Page

HOUR = 3600 * 10**9


def page(*rows: tuple[int, float | str | None, int]) -> Page:
    times, values, statuses = zip(*rows, strict=True)
    numbers = [value if isinstance(value, float) else np.nan for value in values]
    text = [value if isinstance(value, str) else None for value in values]
    return Page(
        np.array(times, np.int64), np.array(numbers), np.array(statuses, np.uint32), text if any(text) else None
    )


def written(fill: Callable[[CsvSink], object], *, as_ns: bool = False, as_number: bool = False) -> str:
    stream = io.BytesIO()
    with CsvSink(stream, time_as_ns=as_ns, status_as_number=as_number) as sink:
        fill(sink)
    return stream.getvalue().decode()


def test_columns_are_fixed() -> None:
    rows = page((0, 1.5, 0), (HOUR, -0.0, 0x40940401), (2 * HOUR, 7.0, Status.BAD_TIMEOUT), (-1, np.nan, 0))
    assert written(lambda sink: sink.write("a/b", rows)) == (
        "tag,time,value,status\n"
        "a/b,1970-01-01T00:00:00.000000000Z,1.5,Good\n"
        'a/b,1970-01-01T01:00:00.000000000Z,-0.0,"Uncertain_EngineeringUnitsExceeded,Calculated"\n'
        "a/b,1970-01-01T02:00:00.000000000Z,,Bad_Timeout\n"
        "a/b,1969-12-31T23:59:59.999999999Z,nan,Good\n"
    )


def test_times_and_statuses_as_numbers() -> None:
    rows = page((-1, 1.5, 0), (HOUR, 2.0, 0x40940401))
    assert written(lambda sink: sink.write("a", rows), as_ns=True, as_number=True) == (
        "tag,time,value,status\na,-1,1.5,0\na,3600000000000,2.0,1083442177\n"
    )


def test_nothing_but_the_columns() -> None:
    assert written(lambda sink: None) == "tag,time,value,status\n"
    empty = Page(np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint32))
    assert written(lambda sink: sink.write("a", empty)) == "tag,time,value,status\n"


@given(st.lists(st.text(), min_size=1, max_size=8), st.text(min_size=1))
def test_texts_are_cells_for_any_reader(texts: list[str], tag: str) -> None:
    rows = page(*[(at, text, 0) for at, text in enumerate(texts)])
    found = list(
        csv.reader(io.StringIO(written(lambda sink: sink.write(tag, rows), as_ns=True), newline=""), strict=True)
    )
    if any(texts):
        assert [text_of_cell(row[2]) for row in found[1:]] == texts
    assert {row[0] for row in found[1:]} == {tag}
    assert all(len(row) == 4 for row in found)


@pytest.mark.parametrize("bad", [True, False])
def test_texts_beside_numbers(bad: bool) -> None:
    rows = page((0, "=1", Status.BAD if bad else 0), (1, 2.0, 0))
    first = ",Bad" if bad else "'=1,Good"
    assert (
        written(lambda sink: sink.write("a", rows), as_ns=True) == f"tag,time,value,status\na,0,{first}\na,1,2.0,Good\n"
    )


def test_half_a_surrogate_pair_does_not_end_an_export() -> None:
    assert "a,0,x?,Good\n" in written(lambda sink: sink.write("a", page((0, "x\ud800", 0))), as_ns=True)
