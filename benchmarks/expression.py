"""Evaluations of a derived tag's expression on one core, against Python's own `eval` of the same formula.

`eval` knows no quality, no NaN and no overflow: it is the speed of the bare arithmetic, not an alternative.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Final

from benchmarks.report import Goal, Report, main
from hmi.core.expression import compile_, parse
from hmi.core.quality import Status
from hmi.core.tag import TagType

TEXT: Final = "{a} > 80 and {b} < 20 or ({c} - {d}) * 2 > {e} and {f} != 0"
PLAIN: Final = "a > 80 and b < 20 or (c - d) * 2 > e and f != 0"
STATEFUL: Final = "totaliser({a}, 3600) + run_hours({b} > 0)"
TYPES: Final = dict.fromkeys("abcdef", TagType.FLOAT)
VALUES: Final = [85.0, 30.0, 5.0, 4.0, 1.0, 1.0]
"""The first `and` fails at its second part, so every comparison is made."""
SECOND: Final = 1_000_000_000


def rate(run: Callable[[int], None], count: int, repeats: int) -> float:
    """Most runs a second of several tries: what the code can do when nobody disturbs it."""
    best = 0.0
    for _ in range(repeats):
        begin = perf_counter()
        run(count)
        best = max(best, count / (perf_counter() - begin))
    return best


def evaluating(text: str, status: int, count: int, repeats: int) -> float:
    """Evaluations a second with every input of one status."""
    program = compile_(parse(text), TYPES)
    values, statuses, state = VALUES[: len(program.inputs)], [status] * len(program.inputs), program.new_state()
    evaluate = program.evaluate

    def run(times: int) -> None:
        for now in range(times):
            evaluate(values, statuses, now, now, state)

    return rate(run, count, repeats)


def gathering(count: int, repeats: int) -> float:
    """Evaluations a second, each collecting its inputs from lists by index."""
    program = compile_(parse(TEXT), TYPES)
    table, quality, state = list(VALUES), [0] * len(VALUES), program.new_state()
    where = [list(TYPES).index(path) for path in program.inputs]
    evaluate = program.evaluate

    def run(times: int) -> None:
        for now in range(times):
            evaluate([table[i] for i in where], [quality[i] for i in where], now, now, state)

    return rate(run, count, repeats)


def by_eval(count: int, repeats: int) -> float:
    """The same formula by Python's `eval` of compiled code with its variables in a dict."""
    code = compile(PLAIN, "<formula>", "eval")
    names = dict(zip("abcdef", VALUES, strict=True))

    def run(times: int) -> None:
        for _ in range(times):
            eval(code, names)  # noqa: S307 - the baseline; its text is the constant above

    return rate(run, count, repeats)


def loading(count: int, repeats: int) -> float:
    """Texts parsed, checked and compiled a second."""

    def run(times: int) -> None:
        for _ in range(times):
            compile_(parse(TEXT), TYPES)

    return rate(run, count, repeats)


def compiling(count: int, repeats: int) -> float:
    """Formulas Python's own `compile` takes a second."""

    def run(times: int) -> None:
        for _ in range(times):
            compile(PLAIN, "<formula>", "eval")

    return rate(run, count, repeats)


def measure(quick: bool) -> Report:
    """Expressions of derived tags: one condition of six variables."""
    count, repeats = (100_000, 5) if quick else (500_000, 9)
    doubt = int(Status.UNCERTAIN_LAST_USABLE_VALUE)
    figures = {
        "evaluations_s": evaluating(TEXT, 0, count, repeats),
        "with_gathering_s": gathering(count, repeats),
        "uncertain_inputs_s": evaluating(TEXT, doubt, count // 10, repeats),
        "stateful_s": evaluating(STATEFUL, 0, count // 10, repeats),
        "loads_s": loading(count // 500, repeats),
    }
    baseline = {"evaluations_s": by_eval(count, repeats), "loads_s": compiling(count // 100, repeats)}
    goals: dict[str, Goal] = {
        "evaluations_s": (">=", 1e6),
        "ratio.evaluations_s": (">=", 0.33),
        "uncertain_inputs_s": (">=", 5e4),
    }
    return Report("expression", figures, baseline, goals=goals)


if __name__ == "__main__":
    main(measure)
