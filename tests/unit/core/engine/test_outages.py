"""History policies near an outage: of samples in order of time none is lost, and history ends with the live value."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from hmi.core.quality import is_good
from hmi.core.tag import History
from tests.unit.core.engine.plants import entry
from tests.unit.core.engine.test_returning import Line

Packet = tuple[int, list[tuple[int, float]]]
"""When it came, and its samples as (stamp, value); in tenths of a second."""
VALUES = (0.0, 0.0, 5.0, 5.1, 5.3, 6.0, 9.0)


def packets(random: Random, outages: int) -> Iterator[Packet]:
    """A device that falls silent now and then, and sends afterwards what it measured meanwhile, all in order."""
    now = 0
    for _ in range(outages):
        yield now, [(now, random.choice(VALUES))]
        end = now + random.choice([10, 50, 200])
        stamps = sorted(random.sample(range(now + 1, end), random.randint(1, 8)))
        queue = [(stamp, random.choice(VALUES)) for stamp in stamps]
        first = random.randint(0, len(queue))
        yield from ((end + late, part) for late, part in ((0, queue[:first]), (2, queue[first:])) if part)
        now = end + 4
        for _ in range(random.randint(0, 5)):
            yield now, [(now - 1, random.choice(VALUES))]
            now += 1


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 4), st.sampled_from([0.0, 0.25, 2.0]), st.sampled_from([0.0, 0.25]))
def test_lines_miss_no_sample_by_more_than_the_policy_allows(
    seed: int, outages: int, deviation: float, deadband: float
) -> None:
    line = Line(entry(1, scan=0.5, history=History(swinging_door=deviation, deadband=deadband)))
    sent = []
    for now, samples in packets(Random(seed), outages):
        line.run(now / 10)
        line.sent(now / 10, *((stamp / 10, value) for stamp, value in samples))
        sent += samples
    line.keep(line.engine.finish())
    assert line.agrees()
    stored = [(round(second * 10), value, status) for second, value, status in line.history()]
    for stamp, measured in sent:
        after = next(at for at, row in enumerate(stored) if row[0] >= stamp)
        if stored[after][0] == stamp:
            assert stored[after][1:] == (measured, 0), stamp
            continue
        (t0, v0, before), (t1, v1, behind) = stored[after - 1 : after + 1]
        assert is_good(before), (stamp, measured, stored)
        assert is_good(behind), (stamp, measured, stored)
        drawn = v0 + (v1 - v0) * (stamp - t0) / (t1 - t0)
        assert abs(drawn - measured) <= deviation + 2 * deadband + 1e-9, (stamp, measured, stored)
