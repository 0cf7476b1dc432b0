"""Alarm table: configuration and state of every alarm in arrays, in order of tag.

An alarm's condition is kept in three layers: `latch` (limit with deadband), `condition` (what is known of it: true,
false, or not known while Bad) and `active` (condition that outlasted its delay). The operator's view is `state`.
"""

from __future__ import annotations

from math import inf
from typing import Final

import numpy as np

from hmi.core.alarm import Alarm, AlarmKind, OnBad
from hmi.core.alarm_state import AlarmState
from hmi.core.engine.columns import NEVER, Columns
from hmi.core.engine.rows import Index, Small
from hmi.core.instants import SECOND
from hmi.core.quality import BoolArray

STATES: Final = tuple(AlarmState)
"""Normal is the first."""

_HIGH: Final = frozenset({AlarmKind.HIGH, AlarmKind.HIGH_HIGH})
_LOW: Final = frozenset({AlarmKind.LOW, AlarmKind.LOW_LOW})

FALSE: Final = 0
TRUE: Final = 1
UNKNOWN: Final = 2

USABLE: Final = 0
UNUSABLE: Final = 1
UNSEEN: Final = 2


class AlarmTable:
    """All alarms; number a belongs to tag `tag[a]`, and alarms of one tag are neighbours."""

    def __init__(self, columns: Columns) -> None:
        pairs = [(at, alarm) for at in columns.ids.tolist() for alarm in _usable(columns, at)]
        count = len(pairs)
        self.alarms: list[Alarm] = [alarm for _, alarm in pairs]
        self.names = [f"{columns.tags[at].uid}/{alarm.id}" for at, alarm in pairs]
        self.tags = [at for at, _ in pairs]
        self.limits = [a.normal if a.kind is AlarmKind.OFF_NORMAL else a.limit for a in self.alarms]
        """The limit or the normal value each alarm compares with."""
        self.tag: Index = np.array([at for at, _ in pairs], np.intp)
        self.index(columns.size)

        bounds = np.array([_bounds(alarm) for alarm in self.alarms]).reshape(count, 4).T.copy()
        self.set_above, self.set_below, self.clear_above, self.clear_below = bounds
        delays = np.array([(alarm.off_delay, alarm.on_delay) for alarm in self.alarms]).reshape(count, 2).T
        self.delay = np.rint(delays * SECOND).astype(np.int64)
        """Ns a condition must last: row FALSE the off-delay, row TRUE the on-delay."""
        self.active_on_bad = np.array([alarm.on_bad is OnBad.ACTIVE for alarm in self.alarms], np.bool_)

        self.latch = np.zeros(count, np.int8)
        self.condition: Small = np.full(count, UNKNOWN, np.int8)
        self.active = np.zeros(count, np.int8)
        self.pending = np.full(count, NEVER, np.int64)
        """Mono at which the condition becomes effective; NEVER when it already is, or is not known."""
        self.pending_at_start = np.zeros(count, np.bool_)
        """Whether that condition had changed while the station was down."""
        self.state: Small = np.zeros(count, np.int8)
        """Index into STATES."""
        self.annunciation = np.zeros(count, np.int64)
        """Event number of the last activation."""
        self.last_event = np.zeros(count, np.int64)
        self.since = np.zeros(count, np.int64)
        """Source time of the last activation."""
        self.changed = np.zeros(count, np.int64)
        self.changed_value = np.zeros(count)
        self.changed_status = np.zeros(count, np.uint32)
        """Source time, value and status of the last transition."""

        self.health: Small = np.full(columns.size, UNSEEN, np.int8)
        """Of each tag's last evaluated sample."""
        self.found_at_start = np.zeros(columns.size, np.bool_)
        """Tags whose first usable sample after a restart is still to come."""
        self.up = np.full(columns.size, np.inf)
        self.down = np.full(columns.size, -np.inf)
        """A value between these changes none of a tag's alarms."""
        self.frame(np.flatnonzero(self.has_alarm))

    def index(self, size: int) -> None:
        """Find anew which alarms each tag has, up to a number of ids; call after alarms came, went or moved."""
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self.first: Index = np.searchsorted(self.tag, np.arange(size)).astype(np.intp)
        self.count: Index = np.bincount(self.tag, minlength=size).astype(np.intp)
        """First alarm and number of alarms of each tag."""
        self.has_alarm: BoolArray = self.count > 0

    def blind(self, numbers: Index | slice = slice(None)) -> BoolArray:
        """Whether nobody watches an alarm: its tag is Bad and it holds, or the tag was never seen."""
        health = self.health[self.tag[numbers]]
        blind: BoolArray = (health == UNSEEN) | ((health == UNUSABLE) & ~self.active_on_bad[numbers])
        return blind

    def of_tags(self, tags: Index) -> tuple[Index, Index]:
        """(position in `tags`, alarm number) of all alarms of some tags, in order."""
        count = self.count[tags]
        position = np.repeat(np.arange(len(tags)), count)
        within = np.arange(len(position)) - np.repeat(np.cumsum(count) - count, count)
        return position, self.first[tags][position] + within

    def frame(self, tags: Index) -> None:
        """Find anew between which values nothing changes; call after latches of these tags changed."""
        if not len(tags):
            return
        _, numbers = self.of_tags(tags)
        latched = self.latch[numbers] == TRUE
        up = np.where(latched, self.clear_above[numbers], self.set_above[numbers])
        down = np.where(latched, self.clear_below[numbers], self.set_below[numbers])
        starts = np.cumsum(self.count[tags]) - self.count[tags]
        self.up[tags] = np.minimum.reduceat(up, starts)
        self.down[tags] = np.maximum.reduceat(down, starts)


def _bounds(alarm: Alarm) -> tuple[float, float, float, float]:
    """A value above the first or below the second sets an alarm; above the third or below the fourth clears it."""
    if alarm.kind in _HIGH:
        return alarm.limit, -inf, inf, alarm.limit - alarm.deadband
    if alarm.kind in _LOW:
        return inf, alarm.limit, alarm.limit + alarm.deadband, -inf
    # Off-normal: whatever does not set it clears it, the bounds leave no value between.
    return alarm.normal, alarm.normal, -inf, inf


def _usable(columns: Columns, at: int) -> tuple[Alarm, ...]:
    """Alarms of numbers; a text has no limits."""
    return () if columns.is_text[at] else columns.tags[at].alarms
