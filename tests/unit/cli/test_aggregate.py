"""`aggregate` prints what a spreadsheet and a script can read, and says in a sentence what it cannot do."""

import csv
import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from hmi.cli.aggregate import aggregate
from hmi.core.batch import batch_of
from hmi.core.instants import SECOND, Instants
from hmi.historian.catalogue import Catalogue
from hmi.historian.store import open_store

DAY = 20_000 * 86_400 * SECOND
"""2024-10-04."""
SAMPLES = [(0, 10.0, 0), (15, 40.0, 0), (30, 25.0, 0), (45, float("nan"), 0x80000000), (70, 60.0, 0), (100, 80.0, 0)]
RECIPES = [(0, "wash"), (50, "fill"), (90, "fill")]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "history"
    writer = open_store(folder, clock=lambda: Instants(5, DAY))
    with Catalogue(folder) as catalogue:
        tags = [("a", "mix/level", False, False), ("b", "mix/recipe", True, True), ("c", "mix/pump", False, True)]
        ids = catalogue.ids_for(tags, DAY)
    numbers = [(ids[uid], t, v, s) for uid in "ac" for t, v, s in SAMPLES]
    strings = [(ids["b"], t, v, 0) for t, v in RECIPES]
    for rows in (numbers, strings):
        tag, time, value, status = zip(*rows, strict=True)
        at = [DAY + t * SECOND for t in time]
        writer.append(batch_of(tag, at, [0] * len(at), value, status))
    writer.flush()
    writer.close()
    return folder


def ask(store: Path, *arguments: str, tag: str = "mix/level", end: str = "2024-10-04T00:02:00Z") -> Result:
    # As a command of a group, which is how it is used.
    group = click.Group("history", commands=[aggregate])
    given = ["--store", str(store), "--tag", tag, "--start", "2024-10-04T00:00:00Z", "--end", end, *arguments]
    return CliRunner().invoke(group, ["aggregate", *given])


def test_csv(store: Path) -> None:
    result = ask(store, "--interval", "60s", "--function", "TimeAverage2")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "time,value,status",
        '2024-10-04T00:00:00.000000000Z,27.5,"Uncertain_DataSubNormal,Calculated"',
        '2024-10-04T00:01:00.000000000Z,70.00033332222259,"Uncertain_DataSubNormal,Calculated,Partial"',
    ]


def rows(result: Result) -> list[tuple[str, str, str]]:
    assert result.exit_code == 0, result.output
    return [(row["time"][14:19], row["value"], row["status"]) for row in csv.DictReader(result.stdout.splitlines())]


def test_the_catalogue_says_whether_a_tag_is_stepped(store: Path) -> None:
    function = ("--interval", "1m", "--function", "Interpolative")
    assert rows(ask(store, *function))[1] == ("01:00", "51.25", "Uncertain_DataSubNormal,Interpolated")
    assert rows(ask(store, *function, tag="mix/pump"))[1] == ("01:00", "25.0", "Uncertain_DataSubNormal,Interpolated")
    assert rows(ask(store, *function, "--stepped")) == rows(ask(store, *function, tag="mix/pump"))
    assert rows(ask(store, *function, "--sloped", tag="mix/pump")) == rows(ask(store, *function))


def test_a_stored_value_has_no_mark_and_a_missing_one_is_empty(store: Path) -> None:
    found = rows(ask(store, "--function", "End", "--interval", "50s"))
    assert found == [("00:45", "", "Bad"), ("01:10", "60.0", "Good"), ("01:40", "80.0", "Good,Partial")]


def test_json(store: Path) -> None:
    result = ask(store, "--interval", "0", "--function", "count", "--format", "json")
    assert json.loads(result.stdout) == {
        "tag": "mix/level",
        "function": "Count",
        "stepped": False,
        "rows": [
            {
                "time": "2024-10-04T00:00:00.000000000Z",
                "value": 5.0,
                "status": "Uncertain_DataSubNormal,Calculated,Partial",
            }
        ],
    }


def test_shares_decide_what_is_good_and_bad(store: Path) -> None:
    function = ("--function", "Average", "--interval", "1m")
    assert rows(ask(store, *function))[0] == ("00:00", "25.0", "Uncertain_DataSubNormal,Calculated")
    assert rows(ask(store, *function, "--percent-good", "75"))[0][2] == "Good,Calculated"
    assert rows(ask(store, *function, "--percent-bad", "25"))[0] == ("00:00", "", "Bad,Calculated")


def test_strings_and_qualities_are_shown_as_such(store: Path) -> None:
    assert rows(ask(store, "--function", "End", "--interval", "1m", tag="mix/recipe")) == [
        ("00:50", "fill", "Good"),
        ("01:30", "fill", "Good,Partial"),
    ]
    assert rows(ask(store, "--function", "WorstQuality", "--interval", "1m"))[0] == ("00:00", "Bad", "Good,Calculated")


def test_an_end_before_the_start_gives_the_latest_first(store: Path) -> None:
    forward = [row[0] for row in rows(ask(store, "--function", "Count", "--interval", "60s"))]
    assert forward == ["00:00", "01:00"]
    backward = ask(store, "--function", "Count", "--interval", "60s", end="2024-10-03T23:58:00Z")
    assert [row[0] for row in rows(backward)] == ["00:00", "59:00"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--function", "Median"], 2, "no aggregate; there are Interpolative"),
        (["--function", "Count", "--interval", "5 fortnights"], 2, "Write 500ms, 60s, 5m, 1h, 1d"),
        (["--function", "Count", "--interval", "0.1ns"], 2, "shorter than a nanosecond"),
        (["--function", "Count", "--interval", "1ns"], 1, "intervals are more than one read gives"),
        (["--function", "Count", "--percent-bad", "10", "--percent-good", "10"], 1, "at least 90"),
        ([], 2, "Missing option '--function'"),
    ],
)
def test_mistakes_are_sentences(store: Path, arguments: list[str], code: int, words: str) -> None:
    result = ask(store, *arguments)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("tag", "function", "words"),
    [("mix/nothing", "Count", "There is no tag 'mix/nothing'"), ("mix/recipe", "Average", "whose values are text")],
)
def test_what_a_store_cannot_answer(store: Path, tag: str, function: str, words: str) -> None:
    result = ask(store, "--function", function, tag=tag)
    assert (result.exit_code, words in result.stderr) == (1, True), result.output


def test_a_folder_without_a_store_is_a_sentence(tmp_path: Path) -> None:
    result = ask(tmp_path / "nowhere", "--function", "Count")
    assert result.exit_code == 1
    assert "nowhere" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("text", "ns"),
    [("500ms", SECOND // 2), ("1.5h", 5400 * SECOND), ("5m", 300 * SECOND), ("1d", 86_400 * SECOND), ("7us", 7000)],
)
def test_intervals(text: str, ns: int) -> None:
    from hmi.cli.param_types import Interval

    assert Interval().convert(text, None, None) == ns
