"""History goes out of one store and into another, and is the same."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hmi.core.batch import Batch, batch_of
from hmi.core.errors import LinesideError
from hmi.core.instants import Instants
from hmi.core.quality import Status
from hmi.historian import months
from hmi.historian.api import StoreError, StoreLockedError
from hmi.historian.backfill import importing
from hmi.historian.backfill.content import Content, check_file
from hmi.historian.backfill.importing import Imported, import_file
from hmi.historian.backfill.targets import Targets
from hmi.historian.catalogue import Catalogue
from hmi.historian.export.csv_sink import CsvSink
from hmi.historian.export.pages import raw_pages
from hmi.historian.export.write import write_tags
from hmi.historian.files import present
from hmi.historian.store import StoreOptions, open_reader, open_store
from hmi.historian.tag_names import TagNames
from hmi.historian.times import EARLIEST, LATEST

NOW = 1_800_000_000 * 10**9
DAY = 86_400 * 10**9
HEAD = "tag,time,value,status\n"

Sample = tuple[int, float | str, int]


def clock() -> Instants:
    return Instants(5, NOW)


def make(folder: Path, numbers: list[Sample], texts: list[Sample], last: int = 0) -> None:
    """A store with a tag of numbers, `n`, and one of texts, `t`; written by a station that was alive at `last`."""
    writer = open_store(folder, clock=lambda: Instants(5, last or NOW))
    with Catalogue(folder) as catalogue:
        ids = catalogue.ids_for([("uid-n", "n", False, False), ("uid-t", "t", True, True)], 0)
    for uid, samples in (("uid-n", numbers), ("uid-t", texts)):
        if samples:
            times, values, statuses = zip(*samples, strict=True)
            writer.append(batch_of([ids[uid]] * len(times), times, [0] * len(times), values, statuses))
    writer.close()


def exported(folder: Path, *, as_ns: bool = False) -> str:
    stream, reader = io.BytesIO(), open_reader(folder)
    with Catalogue(folder, readonly=True) as catalogue:
        tags = TagNames(catalogue).all()
    sink = CsvSink(stream, time_as_ns=as_ns, status_as_number=as_ns)
    write_tags(tags, raw_pages(reader, EARLIEST, LATEST, 7), sink, (EARLIEST, LATEST), lambda _: None)
    reader.close()
    return stream.getvalue().decode()


def checked(folder: Path, content: str, *, create: bool = False) -> Content:
    path = folder.with_suffix(".csv")
    path.write_text(content, "utf-8", newline="")
    if not folder.exists():
        return check_file(path, Targets(None, create=create), lambda _: None)
    with Catalogue(folder, readonly=True) as catalogue:
        return check_file(path, Targets(TagNames(catalogue), create=create), lambda _: None)


def imported(folder: Path, content: str, *, create: bool = False) -> Imported:
    return import_file(checked(folder, content, create=create), folder, clock, lambda _: None)


def raw(folder: Path, path: str) -> list[tuple[int, float | str | None, int]]:
    with Catalogue(folder, readonly=True) as catalogue:
        number = catalogue.id_of(path)
    assert number is not None
    reader = open_reader(folder)
    page = reader.read_raw(number, EARLIEST, LATEST)
    reader.close()
    values = [None if np.isnan(v) else page.text[int(v)] if page.text else v for v in page.value.tolist()]
    return list(zip(page.time.tolist(), values, page.status.tolist(), strict=True))


# Mostly a few days around 1970, since each month may cost a store a file.
times = st.one_of(st.integers(-2 * DAY, 2 * DAY), st.sampled_from([-40 * 365 * DAY - 1, NOW, 200 * 365 * DAY + 1]))
statuses = st.one_of(
    st.sampled_from([0, 0, 0, int(Status.BAD_NO_DATA), 0x40A40406]),
    st.builds(lambda s, low: int(s) | low, st.sampled_from(Status), st.integers(0, 0xFFFF)),
    st.integers(0, 0xFFFFFFFF),
)
numbers = st.lists(st.tuples(times, st.floats(), statuses), max_size=20, unique_by=lambda s: s[0])
words = st.one_of(
    st.text(), st.text(alphabet="'=+-@\t\r\n\",＝1.e ", max_size=5), st.sampled_from(["", "nan", "-1", "é"])
)
texts = st.lists(st.tuples(times, words, statuses), max_size=20, unique_by=lambda s: s[0])


@settings(max_examples=20)
@given(numbers, texts, st.booleans())
@example(
    [(-1, 5e-324, 0), (0, -0.0, 0), (1, float("nan"), 0), (2, float("-inf"), 0x80000000)], [(-1, "a\r\nb", 0)], True
)
def test_out_in_and_out_again_is_identical(some: list[Sample], others: list[Sample], as_ns: bool) -> None:
    with TemporaryDirectory() as name:
        first, second = Path(name, "first"), Path(name, "second")
        make(first, some, others)
        make(second, [], [])
        out = exported(first, as_ns=as_ns)
        assert imported(second, out).rows == len(some) + len(others)
        assert exported(second, as_ns=as_ns) == out
        usable = [row for row in raw(first, "n") if not row[2] & 0x80000000]
        assert [row for row in raw(second, "n") if not row[2] & 0x80000000] == usable


def test_a_text_longer_than_most_goes_out_and_in_again(tmp_path: Path) -> None:
    long = [(1, "x" * 131_073, 0), (2, '="' + "ä,\n" * 500_000, 0), (3, "ö" * 2_000_001, 0)]
    make(tmp_path / "first", [], long)
    make(tmp_path / "second", [], [])
    out = exported(tmp_path / "first")
    assert imported(tmp_path / "second", out).rows == 3
    assert raw(tmp_path / "second", "t") == long
    assert exported(tmp_path / "second") == out


@settings(max_examples=8)
@given(numbers, texts)
def test_a_new_store_is_made_of_an_export(some: list[Sample], others: list[Sample]) -> None:
    with TemporaryDirectory() as name:
        first, second = Path(name, "first"), Path(name, "second")
        make(first, some, others)
        out = exported(first)
        made = imported(second, out, create=True).made
        assert sorted(made) == (["n"] if some else []) + (["t"] if others else [])
        assert exported(second) == out


def test_the_last_written_wins(tmp_path: Path) -> None:
    store = tmp_path / "store"
    make(store, [(5, 1.0, 0), (6, 1.0, 0)], [])
    imported(store, HEAD + "n,5,2,\nn,7,3,\nn,7,4,Bad_NoData\nn,7,5,\n")
    assert raw(store, "n") == [(5, 2.0, 0), (6, 1.0, 0), (7, 5.0, 0)]
    imported(store, HEAD + "uid-n,7,6,Uncertain\n")
    assert raw(store, "n")[-1] == (7, 6.0, Status.UNCERTAIN)


def test_nothing_is_written_when_a_late_line_is_wrong(tmp_path: Path) -> None:
    store = tmp_path / "store"
    make(store, [(5, 1.0, 0)], [])
    before = {path: path.read_bytes() for path in store.glob("*.db")}
    with pytest.raises(LinesideError, match="1 error; nothing was imported"):
        imported(store, HEAD + "new,1,1,\n" * 120_000 + "n,never,1,\n", create=True)
    assert {path: path.read_bytes() for path in store.glob("*.db")} == before


def test_a_store_that_somebody_writes_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "store"
    make(store, [(5, 1.0, 0)], [])
    content = checked(store, HEAD + "n,5,2,\n")
    station = open_store(store, clock=clock)
    with pytest.raises(StoreLockedError, match=r"is written by process \d+"):
        import_file(content, store, clock, lambda _: None)
    station.close()


def test_no_row_is_lost_however_small_the_queue_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def small(folder: Path, **options: object) -> object:
        return open_store(folder, **options | {"options": StoreOptions(max_rows=110_000, max_bytes=5_000_000)})  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "open_store", small)
    store, told = tmp_path / "store", list[float]()
    make(store, [], [])
    content = checked(store, HEAD + "".join(f"n,{at},{at / 10},\n" for at in range(350_000)))
    import_file(content, store, clock, told.append)
    reader = open_reader(store)
    page = reader.read_raw(1, 0, 10**9)
    assert reader.info().lost == 0
    reader.close()
    assert (page.time == np.arange(350_000)).all()
    assert (page.value == np.arange(350_000) / 10).all()
    assert told == sorted(told)
    assert len(told) == 4


def test_a_queue_that_drops_all_the_same_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def tiny(folder: Path, **options: object) -> object:
        return open_store(folder, **options | {"options": StoreOptions(max_rows=10, flush_rows=1_000_000)})  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "open_store", tiny)
    store = tmp_path / "store"
    make(store, [], [])
    with pytest.raises(StoreError, match=r"lost rows.*At most 1,000 of 1,000 rows"):
        imported(store, HEAD + "".join(f"n,{at},1,\n" for at in range(1000)))


def test_the_last_alive_mark_stays_where_it_was(tmp_path: Path) -> None:
    """A station marks the time since that mark as unknown when it starts; an import hours later must not hide it."""
    store = tmp_path / "store"
    make(store, [(5, 1.0, 0)], [], last=NOW - DAY)
    imported(store, HEAD + "n,6,2,\n")
    station = open_store(store, clock=clock)
    assert station.recovered() == NOW - DAY
    station.close()


def test_a_store_made_by_an_import_was_last_alive_with_its_last_sample(tmp_path: Path) -> None:
    imported(tmp_path / "store", HEAD + f"a/b,{NOW - DAY},2,\na/b,5,2,\n", create=True)
    station = open_store(tmp_path / "store", clock=clock)
    assert station.recovered() == NOW - DAY
    station.close()
    with Catalogue(tmp_path / "store", readonly=True) as catalogue:
        assert catalogue.id_of("a/b", at=5) == 1


def test_a_file_that_changes_meanwhile_is_told(tmp_path: Path) -> None:
    store = tmp_path / "store"
    make(store, [], [])
    content = checked(store, HEAD + "n,5,2,\n")
    content.path.write_text(HEAD + "n,5,2,\nn,6,2,\n")
    with pytest.raises(LinesideError, match="was changed while it was imported"):
        import_file(content, store, clock, lambda _: None)
    assert raw(store, "n") == []


def test_an_interrupted_import_gives_the_store_back(tmp_path: Path) -> None:
    store = tmp_path / "store"
    make(store, [], [])
    content = checked(store, HEAD + "n,5,2,\n")

    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(content, store, clock, stop)
    open_store(store, clock=clock).close()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A store of 250,000 samples, several pages of an export."""
    writer = open_store(tmp_path / "large", clock=clock)
    with Catalogue(tmp_path / "large") as catalogue:
        catalogue.ids_for([("uid-n", "n", False, False)], 0)
    time = np.arange(250_000)
    writer.append(Batch(np.ones(250_000, np.int32), time, time, time / 4, np.zeros(250_000, np.uint32)))
    writer.close()
    return tmp_path / "large"


def test_large_exports_are_complete(large: Path, tmp_path: Path) -> None:
    out = exported_large(large)
    assert out.count("\n") == 250_001
    make(tmp_path / "second", [], [])
    assert imported(tmp_path / "second", out).rows == 250_000
    assert exported_large(tmp_path / "second") == out


def exported_large(folder: Path) -> str:
    stream, reader = io.BytesIO(), open_reader(folder)
    with Catalogue(folder, readonly=True) as catalogue:
        tags = [(name, tag) for name, tag in TagNames(catalogue).all() if name == "n"]
    write_tags(tags, raw_pages(reader, 0, 250_000), CsvSink(stream), (0, 250_000), lambda _: None)
    reader.close()
    return stream.getvalue().decode()


def test_what_is_imported_is_filed_under_the_group_of_its_tag(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    make(folder, [], [])
    with Catalogue(folder) as catalogue:
        catalogue.keep_groups({1: "energy"})
    imported(folder, f"{HEAD}n,{NOW - 400 * DAY},1.5,\nt,{NOW - 400 * DAY},on,\n")
    assert [(key.group, months.name_of(key.month)) for key in present(folder)] == [
        ("default", "2025-12"),
        ("energy", "2025-12"),
    ]
    assert raw(folder, "n") == [(NOW - 400 * DAY, 1.5, 0)]
