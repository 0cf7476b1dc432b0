"""Editing a running line: 100,000 tags with 200,000 limits and 10,000 derived tags among them, between two scans.

Each edit is what an engineer does in one go: another limit, one more alarm, a tag added or removed, another expression,
and 1,000 tags at once. The baseline of the same run is what an edit would cost without: building the engine anew.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from benchmarks.engine import ALARMS, TICK, Plant, middle, tags
from benchmarks.report import Report, main
from hmi.core.alarm import Alarm, AlarmKind
from hmi.core.engine import Engine, TagEntry
from hmi.core.instants import Instants
from hmi.core.tag import ExpressionSource, Tag, TagType

MORE = (*ALARMS, Alarm(id="HH", kind=AlarmKind.HIGH_HIGH, limit=94.0))
Change = tuple[Sequence[TagEntry], Sequence[int]]


def derived(count: int, measured: int) -> list[TagEntry]:
    """Tags that each compute something of two measured ones."""
    return [_derived(measured, number, 2.0) for number in range(count)]


def _derived(measured: int, number: int, factor: float) -> TagEntry:
    text = f"{{line/{2 * number}}} + {{line/{2 * number + 1}}} * {factor}"
    source = ExpressionSource(expression=text)
    tag = Tag(uid=f"d{number}", path=f"line/d{number}", type=TagType.FLOAT, source=source)
    return TagEntry(measured + 1 + number, tag)


def _limit(entry: TagEntry, limit: float) -> TagEntry:
    return TagEntry(entry.id, replace(entry.tag, alarms=(replace(ALARMS[0], limit=limit), ALARMS[1])))


class Line:
    """A running line, and how long each edit of it takes."""

    def __init__(self, measured: list[TagEntry], computed: list[TagEntry]) -> None:
        self.measured, self.computed = measured, computed
        begin = time.perf_counter()
        self.engine = Engine.build([*measured, *computed], 1)
        self.build_ms = (time.perf_counter() - begin) * 1e3
        self.plant = Plant(len(measured))
        self.engine.step(self.plant.now, self.plant.once(), ())

    def edit_ms(self, changes: Iterator[Change]) -> float:
        """Median of some edits, with a scan between them."""
        taken = []
        for put, gone in changes:
            self.plant.now = Instants(self.plant.now.mono + TICK, self.plant.now.utc + TICK)
            begin = time.perf_counter()
            self.engine.reconfigure(put, gone, self.plant.now)
            taken.append((time.perf_counter() - begin) * 1e3)
            self.engine.step(self.plant.now, self.plant.once(), ())
        return middle(taken)


def measure(quick: bool) -> Report:
    """Times of edits."""
    count, repeat = 100_000, 5 if quick else 15
    measured = tags(count)
    line = Line(measured, derived(count // 10, count))
    some = [measured[at * 997 + 5] for at in range(repeat)]
    last = count + count // 10
    new = [TagEntry(last + 1 + n, replace(some[n].tag, uid=f"n{n}", path=f"new/{n}")) for n in range(repeat)]
    thousand = measured[50::100]
    figures = {
        "limit_ms": line.edit_ms(([_limit(one, 75.0)], ()) for one in some),
        "alarm_ms": line.edit_ms(([TagEntry(one.id, replace(one.tag, alarms=MORE))], ()) for one in some),
        "add_ms": line.edit_ms(([one], ()) for one in new),
        "remove_ms": line.edit_ms(((), [one.id]) for one in new),
        "expression_ms": line.edit_ms(([_derived(count, n, 3.0)], ()) for n in range(repeat)),
        "add_expression_ms": line.edit_ms(
            ([TagEntry(last + 100 + n, replace(line.computed[n].tag, uid=f"e{n}", path=f"new/e{n}"))], ())
            for n in range(repeat)
        ),
        "thousand_limits_ms": line.edit_ms(([_limit(one, 70.0 + n) for one in thousand], ()) for n in range(repeat)),
        "thousand_alarms_ms": line.edit_ms(
            ([TagEntry(one.id, replace(one.tag, alarms=(MORE, ALARMS)[n % 2])) for one in thousand], ())
            for n in range(repeat)
        ),
    }
    edits = dict.fromkeys(figures, line.build_ms)
    return Report(
        "reconfigure",
        figures={**figures, "build_ms": line.build_ms},
        baseline=edits,
        goals={name: ("<=", 100.0 if "thousand" not in name else 300.0) for name in figures},
    )


if __name__ == "__main__":
    main(measure)
