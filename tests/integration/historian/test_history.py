"""A store as numpy and pandas users see it."""

import datetime
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import hmi.historian
from hmi.core.batch import batch_of
from hmi.core.errors import LinesideError
from hmi.core.instants import Instants
from hmi.core.quality import Status
from hmi.historian.aggregates import Aggregate, AggregateConfig
from hmi.historian.api import StoreError
from hmi.historian.catalogue import Catalogue
from hmi.historian.history import History
from hmi.historian.store import open_store

START = 1_769_846_400 * 10**9  # 2026-01-31T08:00:00Z
BAD = int(Status.BAD_TIMEOUT)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    writer = open_store(tmp_path, clock=lambda: Instants(5, START))
    with Catalogue(tmp_path) as catalogue:
        catalogue.ids_for([("u1", "mix/level", False, False), ("u2", "mix/state", True, True)], 1)
    at = [START + row for row in range(4)]
    writer.append(batch_of([1] * 4, at, [0] * 4, [1.0, 2.0, 3.0, float("nan")], [0, 0, BAD, BAD]))
    writer.append(batch_of([2] * 2, at[:2], [0] * 2, ["on", "off"], [0, 0]))
    writer.close()
    return tmp_path


@pytest.fixture
def history(store: Path) -> Iterator[History]:
    with hmi.historian.open(str(store)) as found:
        yield found


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (START, START + 4),
        ("2026-01-31", "2026-02-01T00:00:00+01:00"),
        (datetime.datetime(2026, 1, 31, 8, tzinfo=datetime.UTC), np.datetime64("2026-01-31T08:01")),
    ],
)
def test_raw_samples_are_arrays(history: History, start: Any, end: Any) -> None:
    found = history.raw("mix/level", start, end)
    assert (found.tag, len(found), found.text, found.next_start) == ("mix/level", 4, None, None)
    assert found.time.dtype == "datetime64[ns]"
    assert found.time[1] == np.datetime64("2026-01-31T08:00:00.000000001")
    assert found.value.tolist()[:3] == [1.0, 2.0, 3.0]
    assert found.status.tolist() == [0, 0, BAD, BAD]
    assert found.good.tolist() == [True, True, False, False]


def test_texts_limits_and_bounds(history: History) -> None:
    page = history.raw("u2", None, START + 9, limit=1)
    assert page.text is not None
    assert (page.text.tolist(), page.next_start) == (["off"], START)
    assert np.isnan(page.value).all()
    level, state = history.tags()
    assert (level.path, state.path) == ("mix/level", "mix/state")
    found = history.raw(state, START + 1, START + 5, bounds=True)
    assert found.tag == "mix/state"
    assert found.status.tolist() == [0, Status.BAD_BOUND_NOT_FOUND]


def test_a_tag_that_came_later_is_found(history: History, store: Path) -> None:
    with pytest.raises(StoreError, match=r"no tag 'mix/levels' in .* Did you mean mix/level"):
        history.raw("mix/levels", 0, 1)
    with Catalogue(store) as catalogue:
        catalogue.ids_for([("u3", "mix/levels", False, False)], 1)
    assert len(history.raw("mix/levels", 0, 1)) == 0


def test_what_is_wrong_is_a_sentence(history: History, tmp_path: Path) -> None:
    with pytest.raises(LinesideError, match="'noon' is no time"):
        history.raw("mix/level", "noon", 5)
    with pytest.raises(StoreError, match="at least two"):
        history.raw("mix/level", 5)
    with pytest.raises(StoreError, match="There is no"):
        hmi.historian.open(tmp_path / "nowhere")
    history.close()
    history.close()
    with pytest.raises(StoreError, match="is closed"):
        history.raw("mix/level", 0, 5)
    with pytest.raises(StoreError, match="is closed"):
        history.tags()


def test_processed_results(history: History) -> None:
    found = history.processed("mix/level", START, START + 4, 2, "count")
    assert (found.tag, found.value[0], found.good.tolist()) == ("mix/level", 2.0, [True, False])
    whole = history.processed("mix/level", START, START + 4, "0", Aggregate.MAXIMUM)
    assert whole.value.tolist() == [2.0]
    held = AggregateConfig(stepped=True, treat_uncertain_as_bad=False)
    assert len(history.processed("u1", START, START + 4, np.timedelta64(1, "ns"), "TimeAverage2", held)) == 4
    texts = history.processed("mix/state", START, START + 4, datetime.timedelta(hours=1), "End")
    assert texts.text is not None
    assert texts.text.tolist() == ["off"]
    with pytest.raises(LinesideError, match=r"'Median' is no aggregate\. There are Interpolative"):
        history.processed("mix/level", START, START + 4, 2, "Median")
    with pytest.raises(LinesideError, match="'soon' is no interval"):
        history.processed("mix/level", START, START + 4, "soon", "Count")


def test_trend_of_few_and_of_many_samples(history: History, store: Path) -> None:
    few = history.trend(["mix/level"], START, START + 10, 100)["mix/level"]
    assert few.time[0] == np.datetime64(START, "ns")
    assert few.first.tolist()[:2] == few.max.tolist()[:2] == [1.0, 2.0]
    assert np.isnan(few.last[2:]).all()
    assert (few.count.tolist(), few.status.tolist()) == ([1] * 4, [0, 0, BAD, BAD])
    writer = open_store(store, clock=lambda: Instants(5, START))
    time = START + np.arange(1000) * 10**9
    writer.append(batch_of(np.ones(1000, np.int32), time, time, np.sin(np.arange(1000.0)), np.zeros(1000, np.uint32)))
    writer.close()
    many = history.trend(["mix/level"], START, START + 1000 * 10**9, 10)["mix/level"]
    assert len(many) <= 12
    assert int(many.count.sum()) >= 1000
    assert many.max.max() == 2.0  # the one of before
    assert (many.time[1:] > many.time[:-1]).all()
    with pytest.raises(StoreError, match="end after its start"):
        history.trend(["mix/level"], 5, 5, 10)
    with pytest.raises(StoreError, match="text"):
        history.trend(["mix/state"], START, START + 10, 10)


class FakeIndex:
    def __init__(self, time: Any, name: str) -> None:
        self.time, self.name, self.zone = time, name, ""

    def tz_localize(self, zone: str) -> "FakeIndex":
        self.zone = zone
        return self


def test_a_frame_for_pandas_users(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = SimpleNamespace(DatetimeIndex=FakeIndex, DataFrame=lambda columns, index: (columns, index))
    monkeypatch.setitem(sys.modules, "pandas", fake)
    samples = history.raw("mix/level", 0, START + 9)
    columns, index = samples.to_pandas()
    assert {name: column.tolist()[:2] for name, column in columns.items()} == {"value": [1.0, 2.0], "status": [0, 0]}
    assert (index.time is samples.time, index.name, index.zone) == (True, "time", "UTC")
    texts, _ = history.raw("mix/state", 0, START + 9).to_pandas()
    assert list(texts) == ["value", "text", "status"]
    trend, index = history.trend(["mix/level"], START, START + 4, 10)["mix/level"].to_pandas()
    assert list(trend) == ["first", "min", "max", "last", "count", "status"]
    assert index.zone == "UTC"


def test_without_pandas_it_says_what_to_install(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(LinesideError, match="pip install pandas"):
        history.raw("mix/level", 0, 5).to_pandas()


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys, hmi.historian; print(sorted({'numpy', 'pysqlite3', 'pandas'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
