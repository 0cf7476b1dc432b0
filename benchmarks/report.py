"""What a benchmark says: figures, a baseline measured beside them, their ratio, and whether the goals are met.

A benchmark module looks like this:

    def measure(quick: bool) -> Report:
        ...
        return Report("codec", figures={"rows_s": ours}, baseline={"rows_s": plain}, goals={"rows_s": (">=", 5e7)})

    if __name__ == "__main__":
        main(measure)
"""

import argparse
import json
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Comparison = Literal[">=", "<="]
Goal = tuple[Comparison, float]
COMPARE: Mapping[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one benchmark; units stand at the end of each name (`rows_s`, `lag_p99_ms`, `bytes_sample`)."""

    name: str
    figures: Mapping[str, float]
    baseline: Mapping[str, float] = field(default_factory=dict)
    ratio: Mapping[str, float] = field(default_factory=dict)
    """Figure over baseline; made here for the names both have, unless the benchmark gives a better one."""
    goals: Mapping[str, Goal] = field(default_factory=dict)
    """Goal by name of a figure, or of a ratio as `ratio.NAME`; a name only ratios have needs no prefix."""

    @property
    def ratios(self) -> dict[str, float]:
        """Every ratio: the given ones, and figure over baseline where both were measured."""
        shared = [name for name in self.figures if self.baseline.get(name)]
        return {name: self.figures[name] / self.baseline[name] for name in shared} | dict(self.ratio)

    def value(self, goal: str) -> float:
        """The number a goal is about.

        Raises:
            KeyError: nothing of that name was measured, so the goal would never be checked.
        """
        if goal.startswith("ratio."):
            return self.ratios[goal.removeprefix("ratio.")]
        return self.figures[goal] if goal in self.figures else self.ratios[goal]

    @property
    def met(self) -> dict[str, bool]:
        """Which goals are met."""
        return {name: COMPARE[sign](self.value(name), limit) for name, (sign, limit) in self.goals.items()}

    def json(self) -> str:
        """One line for programs."""
        return json.dumps(
            {
                "name": self.name,
                "figures": dict(self.figures),
                "baseline": dict(self.baseline),
                "ratio": self.ratios,
                "goals": {name: list(goal) for name, goal in self.goals.items()},
                "met": self.met,
            }
        )

    def table(self) -> str:
        """The same for people: a row a figure, its baseline, its ratio, and what was wanted."""
        names = list(dict.fromkeys([*self.figures, *self.ratios]))
        return "\n".join(self._row(name) for name in names)

    def _row(self, name: str) -> str:
        wanted = [
            f"{'ratio ' if goal != name or name not in self.figures else ''}{sign} {number(limit)} "
            f"{'met' if self.met[goal] else 'MISSED'}"
            for goal, (sign, limit) in self.goals.items()
            if goal.removeprefix("ratio.") == name
        ]
        ratio = self.ratios.get(name)
        cells = [number(self.figures.get(name)), number(self.baseline.get(name)), f"{ratio:.3g}x" if ratio else ""]
        return f"{self.name:<18} {name:<34} {cells[0]:>12} {cells[1]:>12} {cells[2]:>9}  {', '.join(wanted)}".rstrip()


HEAD = f"{'benchmark':<18} {'figure':<34} {'measured':>12} {'baseline':>12} {'ratio':>9}  goal"


def number(value: float | None) -> str:
    """A figure in four digits that a person can read; empty for none."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def options(arguments: Sequence[str] | None, description: str | None) -> argparse.Namespace:
    """The two switches every benchmark knows."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="smaller, in less than a minute")
    parser.add_argument("--json", action="store_true", help="print nothing but one line of JSON for each benchmark")
    return parser.parse_args(arguments)


def main(measure: Callable[[bool], Report], arguments: Sequence[str] | None = None) -> None:
    """Run one benchmark and print its line of JSON, and the table before it unless only JSON is wanted."""
    chosen = options(arguments, measure.__doc__)
    report = measure(chosen.quick)
    if not chosen.json:
        print(f"{HEAD}\n{report.table()}", file=sys.stderr)
    print(report.json(), flush=True)
