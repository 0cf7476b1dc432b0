"""Samples of many tags on their way to history: on offer, kept back, stored. A tag is named by its slot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.engine.rows import Index
from hmi.core.quality import BoolArray
from hmi.core.swinging_door import Sample


class Samples(NamedTuple):
    """Samples in columns of equal length."""

    time: Int64
    received: Int64
    value: Float64
    status: UInt32

    def of(self, which: Index | BoolArray) -> Samples:
        """Some of them."""
        return Samples(self.time[which], self.received[which], self.value[which], self.status[which])


class Held:
    """At most one sample a slot, kept back for the time being."""

    def __init__(self, size: int) -> None:
        self.there = np.zeros(size, np.bool_)
        self.time = np.zeros(size, np.int64)
        self.received = np.zeros(size, np.int64)
        self.value = np.zeros(size)
        self.status = np.zeros(size, np.uint32)

    def put(self, at: Index, samples: Samples) -> None:
        """Keep samples back, each in the place of the one before."""
        self.there[at] = True
        self.time[at], self.received[at], self.value[at], self.status[at] = samples

    def take(self, at: Index) -> Samples:
        """The samples of slots that have one; they have none any more."""
        self.there[at] = False
        return Samples(self.time[at], self.received[at], self.value[at], self.status[at])

    def one(self, at: int) -> Sample | None:
        """The sample of one slot."""
        if not self.there[at]:
            return None
        return Sample(self.time.item(at), self.received.item(at), self.value.item(at), self.status.item(at))

    def put_one(self, at: int, sample: Sample | None) -> None:
        """Keep back one sample, or none."""
        self.there[at] = sample is not None
        if sample is not None:
            self.time[at], self.received[at], self.value[at], self.status[at] = sample


@dataclass(slots=True)
class Stored:
    """What goes to history, part by part; a slot's samples are in order of time."""

    slots: list[Index] = field(default_factory=list)
    samples: list[Samples] = field(default_factory=list)

    def add(self, at: Index, samples: Samples) -> None:
        """One sample a slot."""
        self.slots.append(at)
        self.samples.append(samples)

    def add_one(self, at: int, samples: list[Sample]) -> None:
        """Samples of one slot."""
        if samples:
            self.slots.append(np.full(len(samples), at, np.intp))
            time, received, value, status = zip(*samples, strict=True)
            columns = (np.array(time, np.int64), np.array(received, np.int64), np.array(value, np.float64))
            self.samples.append(Samples(*columns, np.array(status, np.uint32)))
