"""A benchmark's line of JSON: what it holds, which goals it meets, and what a broken one does to the table."""

import json

import pytest

from benchmarks import __main__ as runner
from benchmarks.report import Report, main, number

REPORT = Report(
    "store",
    figures={"rows_s": 3e6, "read_ms": 12.5},
    baseline={"rows_s": 1e6},
    goals={"rows_s": (">=", 2e6), "ratio.rows_s": (">=", 5.0), "read_ms": ("<=", 12.5)},
)


def test_the_line_holds_what_was_agreed():
    assert json.loads(REPORT.json()) == {
        "name": "store",
        "figures": {"rows_s": 3e6, "read_ms": 12.5},
        "baseline": {"rows_s": 1e6},
        "ratio": {"rows_s": 3.0},
        "goals": {"rows_s": [">=", 2e6], "ratio.rows_s": [">=", 5], "read_ms": ["<=", 12.5]},
        "met": {"rows_s": True, "ratio.rows_s": False, "read_ms": True},
    }
    assert "\n" not in REPORT.json()


def test_a_given_ratio_wins_and_a_goal_may_name_it_alone():
    report = Report("x", figures={"a_s": 1.0}, ratio={"speedup": 9.0}, goals={"speedup": (">=", 10)})
    assert report.ratios == {"speedup": 9.0}
    assert report.met == {"speedup": False}


def test_a_goal_about_nothing_is_an_error():
    with pytest.raises(KeyError):
        _ = Report("x", figures={}, goals={"a_s": (">=", 1)}).met


def test_the_table_tells_which_goal_is_missed():
    rows, read = REPORT.table().splitlines()
    assert rows.split() == "store rows_s 3,000,000 1,000,000 3x >= 2,000,000 met, ratio >= 5 MISSED".split()  # noqa: SIM905 - as printed
    assert read.endswith("<= 12.5 met")


@pytest.mark.parametrize(("value", "text"), [(None, ""), (0.0, "0"), (1.23456, "1.235"), (54e6, "54,000,000")])
def test_numbers_are_for_people(value, text):
    assert number(value) == text


def test_one_benchmark_prints_one_line(capsys):
    def measure(quick: bool) -> Report:
        return Report("x", figures={"quick": float(quick)})

    main(measure, ["--quick", "--json"])
    printed = capsys.readouterr()
    assert json.loads(printed.out)["figures"] == {"quick": 1.0}
    assert printed.err == ""


def test_the_line_comes_back_as_it_went():
    assert runner.parse(REPORT.json()).json() == REPORT.json()


@pytest.mark.parametrize("line", ["{}", '{"name": 1, "goals": []}', "{", "[]"])
def test_another_line_is_no_report(line):
    with pytest.raises(ValueError, match=r"."):
        runner.parse(line)


def test_the_parts_of_the_runner_are_no_benchmarks(tmp_path):
    for name in ("__init__", "__main__", "report", "_plain", "journal"):
        (tmp_path / f"{name}.py").touch()
    assert runner.names(tmp_path) == ["journal"]


def test_what_does_not_run_is_told_and_fails(monkeypatch, capsys):
    def run(name: str, _quick: bool) -> Report:
        if name == "bad":
            raise ValueError("ImportError: no such thing (exit code 1)")
        return REPORT

    monkeypatch.setattr(runner, "names", lambda: ["bad", "store"])
    monkeypatch.setattr(runner, "run", run)
    assert runner.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("store")
    assert lines[-2:] == [
        "1 benchmarks, 2 of 3 goals met",
        "bad: did not run: ImportError: no such thing (exit code 1)",
    ]


def test_a_benchmark_that_fails_says_its_last_word():
    with pytest.raises(ValueError, match=r"No module named benchmarks.no_such \(exit code 1\)"):
        runner.run("no_such", quick=True)
