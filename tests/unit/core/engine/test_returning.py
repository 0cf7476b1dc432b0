"""What history says after an outage: its newest sample is the live value, whatever the device stamped when."""

from __future__ import annotations

from hmi.core.actions import Action
from hmi.core.batch import EMPTY, Batch, batch_of
from hmi.core.effects import Effects
from hmi.core.engine import TagEntry
from hmi.core.instants import SECOND, seconds
from hmi.core.quality import Status, is_good
from hmi.core.tag import ExpressionSource, History
from tests.unit.core.engine.bench import Bench
from tests.unit.core.engine.plants import UTC, entry, high

LOST = int(Status.BAD_NO_COMMUNICATION)
Sample = tuple[float, float, int]


class Line(Bench):
    """A bench that keeps history as the historian does: by stamp, of equal stamps the one written last."""

    def __init__(self, *entries: TagEntry) -> None:
        super().__init__(*(entries or (entry(1, scan=1),)))
        self._stored: dict[tuple[int, int], tuple[float, int]] = {}

    def run(self, second: float, batch: Batch = EMPTY, *actions: Action) -> Effects:
        effects = super().run(second, batch, *actions)
        self.keep(effects.store)
        return effects

    def keep(self, store: Batch) -> None:
        """What goes to history."""
        columns = (store.tag, store.time, store.value, store.status)
        for tag, time, value, status in zip(*(column.tolist() for column in columns), strict=True):
            self._stored[tag, time] = (value, status)

    def sent(self, second: float, *rows: tuple[float, float], tag: int = 1) -> Effects:
        """Samples (stamp, value) that the device sends in one packet."""
        received, count = self.at(second).mono, len(rows)
        stamps = [UTC + seconds(stamp) for stamp, _ in rows]
        return self.run(second, batch_of([tag] * count, stamps, [received] * count, [v for _, v in rows], [0] * count))

    def history(self, tag: int = 1) -> list[Sample]:
        """(second, value, status) in order of time."""
        rows = sorted((time, *row) for (of, time), row in self._stored.items() if of == tag)
        return [(round((time - UTC) / SECOND, 3), value, status) for time, value, status in rows]

    def agrees(self, tag: int = 1) -> bool:
        """Whether history ends with the live value."""
        live = self.engine.value_of(tag)
        return self.history(tag)[-1][1:] == (live.value, live.status)


def lost(*entries: TagEntry) -> Line:
    """A line whose device fell silent after 0 s, and which took it for lost at 3 s."""
    line = Line(*entries)
    line.sent(0, (0, 5))
    line.run(4)
    assert line.history() == [(0, 5, 0), (3, 5, LOST)]
    return line


def test_a_value_that_did_not_change_is_good_from_the_return() -> None:
    line = lost()
    line.sent(8, (0, 5))
    assert line.history() == [(0, 5, 0), (3, 5, LOST), (8, 5, 0)]


def test_a_change_before_the_mark_has_its_own_time_and_ends_the_outage() -> None:
    line = lost()
    line.sent(8, (1.5, 6))
    assert line.history() == [(0, 5, 0), (1.5, 6, 0), (3, 5, LOST), (8, 6, 0)]


def test_a_driver_that_repeats_the_value_itself_says_from_when_it_is_good() -> None:
    line = lost()
    line.sent(8, (1.5, 6), (7.9, 6))
    assert line.history() == [(0, 5, 0), (1.5, 6, 0), (3, 5, LOST), (7.9, 6, 0), (8, 6, 0)]


def test_a_change_after_the_mark_keeps_its_time() -> None:
    line = lost()
    line.sent(8, (6, 6))
    assert line.history() == [(0, 5, 0), (3, 5, LOST), (6, 6, 0)]


def test_what_was_stamped_before_the_return_and_sent_after_it_is_the_newest_word() -> None:
    line = lost()
    line.sent(8, (0, 5))
    line.sent(8.1, (7.9, 6), (7.95, 7))
    assert line.history() == [(0, 5, 0), (3, 5, LOST), (7.9, 6, 0), (7.95, 7, 0), (8, 7, 0)]
    line.sent(8.2, (8.15, 8))
    assert line.history()[-2:] == [(8, 7, 0), (8.15, 8, 0)]


def test_the_newest_word_counts_after_a_return_that_the_driver_stamped() -> None:
    line = lost()
    line.sent(8, (7.9, 5))
    line.sent(8.1, (7.8, 6))
    assert line.history() == [(0, 5, 0), (3, 5, LOST), (7.8, 6, 0), (7.9, 6, 0)]


def test_a_return_stamped_just_before_the_mark_does_not_stay_lost() -> None:
    line = Line()
    line.sent(0, (0, 5))
    line.sent(3.1, (2.9, 5))
    assert line.history() == [(0, 5, 0), (2.9, 5, 0), (3, 5, LOST), (3.1, 5, 0)]


def test_queued_samples_of_a_server_that_stood_still_keep_their_times() -> None:
    line = Line()
    line.sent(0, (0, 5))
    line.run(4)
    line.sent(5, (1, 6), (2, 7))
    line.sent(5.1, (2.5, 8))
    assert line.history() == [(0, 5, 0), (1, 6, 0), (2, 7, 0), (2.5, 8, 0), (3, 5, LOST), (5, 8, 0)]


def test_a_value_that_did_not_change_again_is_not_lost_in_the_gap() -> None:
    line = lost()
    line.sent(8, (1.5, 6), (5, 6), (6, 7))
    assert line.history() == [(0, 5, 0), (1.5, 6, 0), (3, 5, LOST), (5, 6, 0), (6, 7, 0), (8, 7, 0)]


def test_an_unchanged_value_of_before_the_outage_is_not_stored_again() -> None:
    line = lost()
    line.sent(8, (0, 5))
    assert [row for row in line.sent(8.1, (-1, 5)).store.time.tolist() if row < UTC] == []


def test_a_clock_that_is_an_hour_behind_changes_the_return_alone() -> None:
    line = lost()
    line.sent(8, (-3600, 6))
    line.sent(9, (-3599, 7))
    assert line.history() == [(-3599, 7, 0), (0, 5, 0), (3, 5, LOST), (8, 6, 0)]


def test_a_first_value_of_long_ago_is_stored_at_the_first_sight_of_it_alone() -> None:
    line = Line()
    line.run(0)
    line.sent(2, (-86400, 5))
    assert line.history() == [(2, 5, 0)]


def test_a_node_that_was_missing_is_good_from_when_it_is_there() -> None:
    line = Line()
    line.run(0)
    line.sample(1, float("nan"), int(Status.BAD_NODE_ID_UNKNOWN))
    line.sent(61, (0.5, 5))
    assert line.history()[-1] == (61, 5, 0)
    assert line.agrees()


def test_two_outages_each_have_their_gap() -> None:
    line = lost()
    line.sent(8, (0, 5))
    line.run(12)
    line.sent(20, (0, 5))
    assert line.history() == [(0, 5, 0), (3, 5, LOST), (8, 5, 0), (11, 5, LOST), (20, 5, 0)]


def test_a_history_deadband_does_not_swallow_the_return() -> None:
    line = lost(entry(1, scan=1, history=History(deadband=10)))
    line.sent(8, (1.5, 6))
    assert line.history()[-2:] == [(3, 5, LOST), (8, 6, 0)]


def test_what_was_stamped_before_the_return_is_stored_whatever_the_policy() -> None:
    line = lost(entry(1, scan=1, history=History(swinging_door=2)))
    line.sent(8, (1, 6), (2, 6), (2.5, 20), (4, 20), (5, 21))
    line.sent(9, (9, 23))
    assert line.history() == [
        *[(0, 5, 0), (1, 6, 0), (2, 6, 0), (2.5, 20, 0)],
        *[(3, 5, LOST), (4, 20, 0), (5, 21, 0), (8, 21, 0)],
    ]
    line.keep(line.engine.finish())
    assert line.history()[-2:] == [(8, 21, 0), (9, 23, 0)]


def test_a_policy_stores_the_return_though_the_mark_came_late_by_the_device_s_clock() -> None:
    line = Line(entry(1, scan=1, history=History(swinging_door=2, deadband=10)))
    line.sent(0, (0, 5))
    line.sent(1, (1.5, 5))
    line.sample(1.2, float("nan"), LOST)
    line.sent(8, (8.5, 5))
    assert line.history()[-1] == (8.5, 5, 0)


def test_derived_tags_show_the_outage_too() -> None:
    line = Line(entry(1, scan=1), entry(2, ExpressionSource(expression="{p/1} * 2")))
    line.sent(0, (0, 5))
    line.run(4)
    line.sent(8, (1.5, 6))
    line.sent(8.1, (7.9, 7))
    gap = [(second, is_good(status)) for second, _, status in line.history(2)]
    assert gap == [(0, True), (3, False), (8, True)]
    assert line.history(2)[-1] == (8, 14, 0)
    assert line.agrees(2)


def test_alarms_go_by_the_time_of_the_device() -> None:
    line = lost(entry(1, scan=1, alarms=(high(),)))
    transitions = line.sent(8, (1.5, 95)).transitions
    assert [t.time for t in transitions] == [UTC + seconds(1.5)]


def test_an_edit_of_the_running_project_keeps_the_return() -> None:
    line = lost()
    line.sent(8, (0, 5))
    saved = line.engine.save(running=True)
    line.engine = type(line.engine).build(line.entries, 1)
    line.engine.restore(saved, line.at(8), running=True)
    line.sent(8.1, (7.9, 6))
    assert line.history()[-1] == (8, 6, 0)
