"""The aggregates once more, straight from the rules, one interval and one sample at a time: what the fast ones equal.

Time is cut at every sample and every edge, and each slice is judged by looking at its neighbours.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from hmi.core.quality import CALCULATED, INFO_DATA_VALUE, INTERPOLATED, MULTI_VALUE, PARTIAL, Status, is_bad, is_good
from hmi.historian.aggregates import Aggregate, AggregateConfig

MS = 1_000_000
BAD, UNCERTAIN, GOOD = 0, 1, 2
SUB_NORMAL = int(Status.UNCERTAIN_DATA_SUB_NORMAL)
NO_DATA = int(Status.BAD_NO_DATA)


@dataclass(frozen=True)
class Result:
    time: int
    value: float | None
    status: int
    info: int = 0

    @property
    def code(self) -> int:
        """The whole StatusCode."""
        return self.status | self.info | (INFO_DATA_VALUE if self.info else 0)


@dataclass(frozen=True)
class Sample:
    time: int
    value: float
    status: int

    @property
    def grade(self) -> int:
        if is_bad(self.status) or not math.isfinite(self.value):
            return BAD
        return GOOD if is_good(self.status) else UNCERTAIN

    @property
    def code(self) -> int:
        return int(Status.BAD) if self.grade == BAD and not is_bad(self.status) else self.status


@dataclass(frozen=True)
class Slice:
    begin: int
    end: int
    grade: int
    left: float = 0.0
    right: float = 0.0

    @property
    def length(self) -> int:
        return self.end - self.begin


class Reference:
    """One tag's samples and a configuration."""

    def __init__(self, samples: Sequence[Sample], config: AggregateConfig) -> None:
        self.samples = list(samples)
        self.config = config
        self.stepped = config.stepped

    def usable(self, sample: Sample) -> int:
        """GOOD, UNCERTAIN or BAD; Uncertain is Bad where the configuration says so."""
        if sample.grade == UNCERTAIN and self.config.treat_uncertain_as_bad:
            return BAD
        return sample.grade

    def before(self, time: int) -> Sample | None:
        return next((s for s in reversed(self.samples) if s.time < time), None)

    def at(self, time: int) -> Sample | None:
        return next((s for s in self.samples if s.time == time), None)

    def after(self, time: int) -> Sample | None:
        return next((s for s in self.samples if s.time > time), None)

    # --- bounds: (value, grade, status, history bit)

    def simple(self, time: int) -> tuple[float, int, int, int]:
        missing = (math.nan, BAD, NO_DATA, 0)
        here, before, after = self.at(time), self.before(time), self.after(time)
        if here is not None:
            return (here.value, self.usable(here), here.code, 0) if self.usable(here) else missing
        if before is None or after is None or not self.usable(before):
            return missing
        if self.stepped:
            return before.value, self.usable(before), _status(self.usable(before)), INTERPOLATED
        if not self.usable(after):
            return before.value, UNCERTAIN, SUB_NORMAL, INTERPOLATED
        grade = min(self.usable(before), self.usable(after))
        return _line(before, after, time), grade, _status(grade), INTERPOLATED

    def interpolated(self, time: int, *, stepped: bool | None = None) -> tuple[float, int, int, int]:
        stepped = self.stepped if stepped is None else stepped
        ok = [s for s in self.samples if self.usable(s)]
        here = next((s for s in ok if s.time == time), None)
        if here is not None:
            return here.value, self.usable(here), here.code, 0
        earlier, later = [s for s in ok if s.time < time], [s for s in ok if s.time > time]
        if not earlier:
            return math.nan, BAD, NO_DATA, 0
        before = earlier[-1]
        if not later:
            value = before.value
            if self.config.use_sloped_extrapolation and not stepped and len(earlier) > 1:
                value = _line(earlier[-2], before, time)
            return value, UNCERTAIN, SUB_NORMAL, INTERPOLATED
        reach = time if stepped else later[0].time
        skipped = any(before.time < s.time <= reach and not self.usable(s) for s in self.samples)
        grade = self.usable(before) if stepped else min(self.usable(before), self.usable(later[0]))
        grade = min(grade, UNCERTAIN) if skipped else grade
        value = before.value if stepped else _line(before, later[0], time)
        return value, grade, _status(grade), INTERPOLATED

    # --- slices of time

    def _breaks(self, low: int, high: int) -> list[int]:
        stub = self.samples[-1].time + MS
        inside = {s.time for s in self.samples if low < s.time < high} | ({stub} if low < stub < high else set())
        return sorted({low, high} | inside)

    def curve(self, low: int, high: int) -> list[Slice]:
        """What TimeAverage2 integrates."""
        breaks = self._breaks(low, high)
        return [s for a, b in itertools.pairwise(breaks) if (s := self._curve_slice(a, b)) is not None]

    def _curve_slice(self, begin: int, end: int) -> Slice | None:
        left, right = self.before(begin + 1), self.after(begin)
        if left is None or not self.usable(left):
            return Slice(begin, end, BAD)
        if right is None:
            grade = self.usable(left) if self.stepped else UNCERTAIN
            return Slice(begin, end, grade, left.value, left.value) if begin < left.time + MS else None
        if self.stepped:
            return Slice(begin, end, self.usable(left), left.value, left.value)
        if not self.usable(right):
            return Slice(begin, end, UNCERTAIN, left.value, left.value)
        grade = min(self.usable(left), self.usable(right))
        return Slice(begin, end, grade, _line(left, right, begin), _line(left, right, end))

    def held(self, low: int, high: int) -> list[Slice]:
        """What the durations count: the start bound, then each sample until the next."""
        breaks, found = self._breaks(low, high), []
        for begin, end in itertools.pairwise(breaks):
            left = self.before(begin + 1)
            if begin == low and (left is None or left.time < low):
                value, grade, _, _ = self.simple(low)
                found.append(Slice(begin, end, grade, value))
            elif left is not None and (left is not self.samples[-1] or begin < left.time + MS or not self.usable(left)):
                found.append(Slice(begin, end, self.usable(left), left.value))
        return found

    # --- status

    def shares(self, bad: int, good: int, whole: int) -> int:
        if bad and 100 * bad / whole >= self.config.percent_data_bad:
            return int(Status.BAD)
        return 0 if 100 * good / whole >= self.config.percent_data_good else SUB_NORMAL

    def by_count(self, inside: list[Sample]) -> int:
        good = sum(s.grade == GOOD for s in inside)
        if good == len(inside):
            return 0
        return self.shares(sum(s.grade == BAD for s in inside), good, len(inside))

    def by_time(self, slices: list[Slice]) -> int:
        worst = UNCERTAIN if self.config.treat_uncertain_as_bad else BAD
        bad = sum(s.length for s in slices if s.grade <= worst)
        whole = sum(s.length for s in slices)
        return self.shares(bad, whole - bad, whole)

    # --- the aggregates

    def all(self, function: Aggregate, edges: Sequence[int], *, backward: bool) -> list[Result]:
        """One result an interval, in time order; `edges` ascend."""
        return [self.one(function, a, b, backward=backward) for a, b in itertools.pairwise(edges)]

    def one(self, function: Aggregate, low: int, high: int, *, backward: bool) -> Result:
        stamp = high if backward else low
        nothing = Result(stamp, None, NO_DATA)
        if function is Aggregate.INTERPOLATIVE:
            value, grade, status, bit = self.interpolated(stamp)
            return Result(stamp, value if grade else None, status, bit)
        times = [s.time for s in self.samples]
        if not times or (high < times[0] or low >= times[-1] if backward else high <= times[0] or low > times[-1]):
            return nothing
        inside = [s for s in self.samples if (low < s.time <= high if backward else low <= s.time < high)]
        partial = 0
        if (self.samples[0] in inside and times[0] > low) or (self.samples[-1] in inside and times[-1] < high):
            partial = PARTIAL
        return self._answer(function, low, high, stamp, inside, partial, backward) or nothing

    def _answer(  # noqa: PLR0911 - one for each family
        self, f: Aggregate, low: int, high: int, stamp: int, inside: list[Sample], partial: int, backward: bool
    ) -> Result | None:
        name = f.value
        if name in {"Average", "Count"} or name.startswith("Standard"):
            return self._statistics(f, stamp, inside, partial)
        if name in {"TimeAverage", "Total"}:
            return self._interpolated_area(name == "Total", low, high, stamp, inside, partial)
        if name in {"TimeAverage2", "Total2"}:
            return self._simple_area(name == "Total2", low, high, stamp, partial)
        if name.startswith(("Minimum", "Maximum", "Range")):
            return self._extreme(f, stamp, inside, partial)
        if name in {"Start", "End"}:
            return self._end(inside[:1] if name == "Start" else inside[-1:], partial)
        if name == "Delta":
            return self._delta(stamp, inside, partial)
        if name.endswith(("Bound", "Bounds")):
            return self._bound(name, low, high, stamp, partial, backward)
        if name.startswith(("Duration", "Percent")):
            return self._duration(name, low, high, stamp, partial)
        if name == "WorstQuality":
            return self._worst(stamp, inside, partial)
        return self._transitions(stamp, inside, partial)

    def _statistics(self, f: Aggregate, stamp: int, inside: list[Sample], partial: int) -> Result | None:
        good = [s.value for s in inside if s.grade == GOOD]
        status = self.by_count(inside)
        if f is Aggregate.COUNT:
            if is_bad(status):
                return Result(stamp, None, status)
            return Result(stamp, len(good), status, CALCULATED | partial)
        if not good:
            return None
        if f is Aggregate.AVERAGE:
            return Result(stamp, None if is_bad(status) else fmean(good), status, CALCULATED)
        middle = math.fsum(good) / len(good)
        squares = math.fsum((v - middle) ** 2 for v in good)
        size = len(good) - (f is Aggregate.STANDARD_DEVIATION_SAMPLE)
        status = SUB_NORMAL if len(good) < len(inside) else 0
        return Result(stamp, math.sqrt(squares / size) if size else 0.0, status, CALCULATED | partial)

    def _interpolated_area(
        self, total: bool, low: int, high: int, stamp: int, inside: list[Sample], partial: int
    ) -> Result | None:
        ok = [s.time for s in self.samples if self.usable(s)]
        times = sorted({low, high, *(t for t in ok if low < t < high)})
        points = [(t, *self.interpolated(t, stepped=False)[:2]) for t in times]
        doubt = any(s.grade != GOOD for s in inside) or any(grade != GOOD for _, _, grade in points)
        points = [p for p in points if p[2] != BAD]
        covered = points[-1][0] - points[0][0] if points else 0
        if not covered:
            return None
        area = math.fsum((a[1] + b[1]) / 2 * (b[0] - a[0]) for a, b in itertools.pairwise(points))
        value = area / 1e9 if total else area / covered
        return Result(stamp, value, SUB_NORMAL if doubt else 0, CALCULATED | partial)

    def _simple_area(self, total: bool, low: int, high: int, stamp: int, partial: int) -> Result:
        slices = self.curve(low, high)
        known = [s for s in slices if s.grade != BAD]
        length = sum(s.length for s in known)
        status = self.by_time(slices) if length else int(Status.BAD)
        if is_bad(status):
            return Result(stamp, None, status, CALCULATED | partial)
        area = math.fsum((s.left + s.right) / 2 * s.length for s in known)
        return Result(stamp, area / 1e9 if total else area / length, status, CALCULATED | partial)

    def _extreme(self, f: Aggregate, stamp: int, inside: list[Sample], partial: int) -> Result | None:
        good = [s for s in inside if s.grade == GOOD]
        if not good:
            return None
        low, high = min(s.value for s in good), max(s.value for s in good)
        doubtful = [s.value for s in inside if s.grade == UNCERTAIN]
        below, above = any(v < low for v in doubtful), any(v > high for v in doubtful)
        lost = any(not self.usable(s) for s in inside)
        if f is Aggregate.RANGE:
            status = SUB_NORMAL if lost or below or above else 0
            return Result(stamp, high - low, status, CALCULATED | partial)
        value, beaten = (low, below) if f.value.startswith("Min") else (high, above)
        hits = [s.time for s in good if s.value == value]
        info = partial | (MULTI_VALUE if len(hits) > 1 else 0)
        status = SUB_NORMAL if lost or beaten else 0
        if f.value.endswith("ActualTime"):
            return Result(hits[0], value, status, info)
        return Result(stamp, value, status, info | (0 if stamp in hits else CALCULATED))

    def _end(self, found: list[Sample], partial: int) -> Result | None:
        if not found:
            return None
        (s,) = found
        return Result(s.time, s.value if s.grade else None, s.code, partial)

    def _delta(self, stamp: int, inside: list[Sample], partial: int) -> Result | None:
        good = [s for s in inside if s.grade == GOOD]
        if not good:
            return None
        skipped = inside[0] is not good[0] or inside[-1] is not good[-1]
        return Result(stamp, good[-1].value - good[0].value, SUB_NORMAL if skipped else 0, CALCULATED | partial)

    def _bound(self, name: str, low: int, high: int, stamp: int, partial: int, backward: bool) -> Result:
        begin, end = (self.simple(t) for t in ((high, low) if backward else (low, high)))
        if name == "DeltaBounds":
            grade = min(begin[1], end[1])
            if not grade:
                return Result(stamp, None, NO_DATA, partial)
            return Result(stamp, end[0] - begin[0], _status(grade), CALCULATED | partial)
        value, grade, status, bit = begin if name == "StartBound" else end
        if not grade:
            return Result(stamp, None, NO_DATA, partial)
        return Result(stamp, value, status, (bit if name == "StartBound" else CALCULATED) | partial)

    def _duration(self, name: str, low: int, high: int, stamp: int, partial: int) -> Result:
        slices = self.held(low, high)
        worst = UNCERTAIN if self.config.treat_uncertain_as_bad else BAD
        status = 0
        if "State" in name:
            chosen = [s for s in slices if s.grade == GOOD and (s.left != 0) is ("NonZero" in name)]
            status = self.by_time(slices)
        elif name.endswith("Good"):
            chosen = [s for s in slices if s.grade == GOOD]
        else:
            chosen = [s for s in slices if s.grade <= worst]
        length = sum(s.length for s in chosen)
        value = 100 * length / sum(s.length for s in slices) if name.startswith("Percent") else length / MS
        return Result(stamp, None if is_bad(status) else value, status, CALCULATED | partial)

    def _worst(self, stamp: int, inside: list[Sample], partial: int) -> Result | None:
        if not inside:
            return None
        grade = min(s.grade for s in inside)
        worst = [s for s in inside if s.grade == grade]
        many = MULTI_VALUE if grade != GOOD and len(worst) > 1 else 0
        return Result(stamp, worst[0].code, 0, CALCULATED | partial | many)

    def _transitions(self, stamp: int, inside: list[Sample], partial: int) -> Result:
        status = self.by_count(inside)
        if is_bad(status):
            return Result(stamp, None, status)
        ok = [s for s in self.samples if self.usable(s)]
        changed = {s.time for p, s in zip([None, *ok], ok, strict=False) if p is None or p.value != s.value}
        return Result(stamp, sum(s.time in changed for s in inside), status, CALCULATED | partial)


def _status(grade: int) -> int:
    return [NO_DATA, SUB_NORMAL, 0][grade]


def _line(left: Sample, right: Sample, time: int) -> float:
    return left.value + (right.value - left.value) * ((time - left.time) / (right.time - left.time))
