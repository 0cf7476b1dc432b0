"""What a person at a terminal gets from `hmi history`."""

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from hmi.cli import main
from hmi.cli.progress import progress
from hmi.core.batch import batch_of
from hmi.core.instants import Instants
from hmi.core.quality import Status
from hmi.historian.catalogue import Catalogue
from hmi.historian.export.csv_sink import CsvSink
from hmi.historian.store import open_store

START = 1_769_846_400 * 10**9  # 2026-01-31T08:00:00Z
SECOND = 10**9


def clock() -> Instants:
    return Instants(5, START)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two tags: a level that rises by 1 every 10 s and then fails, and a state."""
    folder = tmp_path / "store"
    writer = open_store(folder, clock=clock)
    with Catalogue(folder) as catalogue:
        level, state = catalogue.ids_for(
            [("u1", "mix/level", False, False), ("u2", "mix/state", True, True)], 1
        ).values()
    at = [START + 10 * SECOND * row for row in range(3)]
    writer.append(batch_of([level] * 3, at, [0] * 3, [1.0, 2.0, 2.5], [0, 0, Status.BAD_TIMEOUT]))
    writer.append(batch_of([state] * 2, at[:2], [0] * 2, ["=go", "stop"], [0, 0]))
    writer.close()
    return folder


def history(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["history", *map(str, arguments)])


def rows(*arguments: object) -> list[str]:
    result = history("export", *arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    head, *found = result.stdout.splitlines()
    assert head == "tag,time,value,status"
    return found


def test_raw_samples_of_one_tag(store: Path) -> None:
    assert rows(
        "--store", store, "--tag", "mix/level", "--start", "2026-01-31", "--end", "2026-02-01T00:00:00+01:00"
    ) == [
        "mix/level,2026-01-31T08:00:00.000000000Z,1.0,Good",
        "mix/level,2026-01-31T08:00:10.000000000Z,2.0,Good",
        "mix/level,2026-01-31T08:00:20.000000000Z,,Bad_Timeout",
    ]


def test_all_tags_of_all_time_with_numbers(store: Path) -> None:
    assert rows("--store", store, "--all", "--time", "ns", "--status", "number") == [
        f"mix/level,{START},1.0,0",
        f"mix/level,{START + 10 * SECOND},2.0,0",
        f"mix/level,{START + 20 * SECOND},,2148139008",
        f"mix/state,{START},'=go,0",
        f"mix/state,{START + 10 * SECOND},stop,0",
    ]


def test_only_what_lies_between_and_a_tag_once(store: Path) -> None:
    found = rows("--store", store, "--tag", "u1", "--tag", "u1", "--start", START + 1, "--end", START + 20 * SECOND)
    assert found == ["u1,2026-01-31T08:00:10.000000000Z,2.0,Good"]
    assert rows("--store", store, "--all", "--end", START - 1) == []
    assert rows("--store", store, "--all", "--start", START + 60 * SECOND) == []
    assert len(rows("--store", store, "--all", "--start", START, "--end", START)) == 2


def test_values_at_instants(store: Path) -> None:
    assert rows("--store", store, "--tag", "mix/level", "--interval", "15s", "--time", "ns") == [
        f"mix/level,{START},1.0,Good",
        f'mix/level,{START + 15 * SECOND},2.0,"Uncertain_DataSubNormal,Interpolated"',
    ]
    first = rows("--store", store, "--tag", "mix/level", "--interval", "1h", "--start", "2026-01-31T07:00Z")[0]
    assert first == "mix/level,2026-01-31T07:00:00.000000000Z,,Bad_NoData"


def test_nobody_knows_the_future(store: Path) -> None:
    writer = open_store(store, clock=lambda: Instants(5, START + 30 * SECOND))
    writer.mark_alive(START + 30 * SECOND)
    writer.close()
    span = ("--start", START + 5 * SECOND, "--end", START + 60 * SECOND, "--time", "ns")
    assert rows("--store", store, "--tag", "mix/state", "--interval", "12s", *span) == [
        f'mix/state,{START + 5 * SECOND},\'=go,"Good,Interpolated"',
        f'mix/state,{START + 17 * SECOND},stop,"Uncertain_DataSubNormal,Interpolated"',
        f'mix/state,{START + 29 * SECOND},stop,"Uncertain_DataSubNormal,Interpolated"',
        f"mix/state,{START + 41 * SECOND},,Bad_NoData",
        f"mix/state,{START + 53 * SECOND},,Bad_NoData",
    ]


def test_into_a_file(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = history("export", "--store", store, "--all", "--out", out)
    assert (result.exit_code, result.output) == (0, "")
    assert out.read_text().splitlines()[1:] == rows("--store", store, "--all")


@pytest.mark.parametrize("arguments", [("out.parquet",), ("out", "--format", "parquet")])
def test_parquet(store: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    name, *more = arguments
    assert history("export", "--store", store, "--all", "--out", tmp_path / name, *more).exit_code == 0
    found = parquet.read_table(io.BytesIO((tmp_path / name).read_bytes()))
    assert found["tag"].to_pylist() == ["mix/level"] * 3 + ["mix/state"] * 2
    assert found["value"].to_pylist() == [1.0, 2.0, None, None, None]
    assert found["text"].to_pylist() == [None, None, None, "=go", "stop"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "--tag, or take all of them with --all"),
        (["--all", "--tag", "mix/level"], 2, "--all"),
        (["--all", "--format", "parquet"], 2, "--out"),
        (["--all", "--interval", "soon"], 2, "Write 500ms"),
        (["--all", "--interval", "0"], 2, "Say with --interval"),
        (["--all", "--function", "Count"], 2, "Say with --interval"),
        (["--all", "--interval", "1h", "--function", "Median"], 2, "no aggregate; there are"),
        (["--tag", "mix/levle"], 1, "There is no tag 'mix/levle'"),
        (["--tag", "mix/levle"], 1, "Did you mean mix/level?"),
        (["--all", "--start", "noon"], 1, "'noon' is no time. Write"),
        (["--all", "--start", "2026-01-02", "--end", "2026-01-01"], 1, "must not lie before its start"),
        (["--all", "--out", "/no/where/x.csv"], 1, "cannot be written"),
    ],
)
def test_export_says_what_is_wrong(store: Path, arguments: list[str], code: int, words: str) -> None:
    result = history("export", "--store", store, *arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_ctrl_c_leaves_nothing_half_written(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def stop(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hmi.historian.export.pages.page_of", stop)
    folder = tmp_path / "out"
    folder.mkdir()
    assert history("export", "--store", store, "--all", "--out", folder / name).exit_code == 1
    assert list(folder.iterdir()) == []


def test_aggregates(store: Path) -> None:
    level = ["--store", store, "--tag", "mix/level", "--start", "2026-01-31T08:00Z", "--end", "2026-01-31T08:00:30Z"]
    assert rows(*level, "--interval", "15s", "--function", "maximum", "--time", "ns") == [
        f'mix/level,{START},2.0,"Good,Calculated"',
        f"mix/level,{START + 15 * SECOND},,Bad_NoData",
    ]
    both = history("export", "--store", store, "--all", "--interval", "1h", "--function", "Maximum")
    assert both.stderr == "1 tags of texts are left out: Maximum is for numbers.\n"
    assert {line.split(",")[0] for line in both.stdout.splitlines()[1:]} == {"mix/level"}
    last = rows("--store", store, "--all", "--interval", "1h", "--function", "Start", "--time", "ns")
    assert last == [f'mix/level,{START},1.0,"Good,Partial"', f'mix/state,{START},\'=go,"Good,Partial"']
    refused = history("export", "--store", store, "--tag", "mix/state", "--interval", "1h", "--function", "Maximum")
    assert (refused.exit_code, "whose values are text" in refused.stderr) == (1, True)


def test_import_round_trip(store: Path, tmp_path: Path) -> None:
    out, second = tmp_path / "out.csv", tmp_path / "second"
    history("export", "--store", store, "--all", "--out", out)
    refused = history("import", out, "--store", second)
    assert (refused.exit_code, second.exists()) == (1, False)
    assert "There is no store in" in refused.stderr
    tried = history("import", out, "--store", second, "--dry-run", "--create")
    assert (tried.exit_code, second.exists()) == (0, False)
    assert tried.stdout.splitlines() == [
        "5 rows of 2 tags from 2026-01-31T08:00:00.000000000Z to 2026-01-31T08:00:20.000000000Z (6 lines) can be"
        " imported; nothing was written.",
        "would make: mix/level (number)",
        "would make: mix/state (text)",
    ]
    done = history("import", out, "--store", second, "--create")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("5 rows of 2 tags from 2026-01-31T08:00:00.000000000Z")
    assert "made: mix/state (uid " in done.stdout
    assert rows("--store", second, "--all") == rows("--store", store, "--all")
    again = history("import", out, "--store", second)
    assert again.exit_code == 0
    assert "made" not in again.stdout
    assert rows("--store", second, "--all") == rows("--store", store, "--all")


def test_import_lists_findings_and_writes_nothing(store: Path, tmp_path: Path) -> None:
    before = rows("--store", store, "--all")
    file = tmp_path / "x.csv"
    file.write_text("tag,time,value,status\nmix/level,5,7,Good\n" + "mix/level,5,,Good\n" * 22 + "mix/levle,5,1,\n")
    result = history("import", file, "--store", store)
    assert (result.exit_code, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    assert lines[0].startswith("line 3, value: there is no value")
    assert len(lines) == 22
    assert lines[20:] == [
        "and 3 more",
        f"{file} has 23 errors; nothing was imported. Correct the file and import it again.",
    ]
    assert rows("--store", store, "--all") == before


def test_import_refuses_a_store_that_a_station_runs(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("this file is not even looked at")
    station = open_store(store, clock=clock)
    result = history("import", file, "--store", store)
    assert result.exit_code == 1
    assert "is written by process" in result.stderr
    file.write_text("tag,time,value\nmix/level,5,7\n")
    assert history("import", file, "--store", store, "--dry-run").exit_code == 0
    station.close()


def test_info_and_verify(store: Path) -> None:
    found = json.loads(history("info", "--store", store, "--json").stdout)
    assert (found["samples"], found["oldest"]) == (5, START)
    assert "span: 2026-01-31T08:00:00.000000000Z to" in history("info", "--store", store).stdout
    assert history("verify", "--store", store).stdout == "Every row is sound.\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    with progress("Doing") as tell:
        tell(0.5)
    assert stream.getvalue() == ""
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    with progress("Doing", quiet=True) as tell:
        tell(0.5)
    assert terminal.getvalue() == ""
    with progress("Doing") as tell:
        tell(0.25)
        tell(0.5)
        tell(0.5)
        tell(1.0)
    assert "Doing" in terminal.getvalue()
    assert "100%" in terminal.getvalue()


def test_a_sink_is_left_open_for_the_terminal() -> None:
    stream = io.BytesIO()
    with CsvSink(stream):
        pass
    assert not stream.closed
