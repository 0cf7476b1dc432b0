"""One edge node as its messages tell it: born, heard in order, doubted, dead. It knows no network and no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from hmi.core.instants import SECOND, Instants
from hmi.core.quality import Status

from .datatypes import DataType, MismatchError
from .payload import Message, Metric, members
from .sequence import OutOfSequenceError, Sequence
from .topics import Kind, NodeId, Topic
from .values import Content, content_of, doubtful, stale

REBIRTH: Final = "Node Control/Rebirth"
_BD_SEQ: Final = "bdSeq"
MOST_METRICS: Final = 100_000
_FUTURE: Final = 60 * SECOND
"""A stamp further ahead than this is a wrong clock: the station's time is used."""


@dataclass(slots=True)
class Born:
    """A metric of a birth, with its last value."""

    device: str
    name: str
    datatype: DataType | None
    """None: one that nobody knows."""
    alias: int | None
    birth: Metric
    of_template: bool = False
    """A member of a template's value, which cannot be written by itself."""
    content: Content = None
    status: int = Status.BAD_NO_DATA
    time: int = 0
    """ns UTC."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a metric says now."""

    device: str
    name: str
    content: Content
    status: int
    time: int
    old: bool = False
    """For history only."""


@dataclass(slots=True)
class News:
    """What came of a message or of waiting."""

    readings: list[Reading] = field(default_factory=list)
    born: list[str] = field(default_factory=list)
    """Devices whose metrics are known now; the empty name is the edge node."""
    died: bool = False
    rebirth: bool = False
    """What is known is not enough: the node has to tell everything again."""
    counts: Counter[str] = field(default_factory=Counter)
    ahead: int | None = None
    """ns by which the node's clock is ahead, when that is beyond belief; 0 when it is not any more."""


class EdgeNode:
    """The state of one edge node in the present session of the host."""

    def __init__(self, identity: NodeId, reorder: int) -> None:
        """`reorder`: ns to wait for a message that is missing before it counts as lost."""
        self.identity = identity
        self.online = False
        self.devices: dict[str, bool] = {}
        self.metrics: dict[tuple[str, str], Born] = {}
        self.deadline: int | None = None
        """Monotonic ns at which `expire` has something to do."""
        self._reorder = reorder
        self._sequence: Sequence[tuple[Topic, Message]] = Sequence(reorder)
        self._aliases: dict[int, Born | None] = {}
        self._bd: int | None = None
        self._devices_until: int | None = None

    def is_there(self, device: str) -> bool:
        """Whether what is known of it holds."""
        return self.online and (not device or self.devices.get(device, False))

    def take(self, topic: Topic, message: Message, now: Instants, news: News) -> None:
        """Takes one message."""
        self._judge_clock(message, now, news)
        if topic.kind is Kind.NBIRTH:
            self._node_birth(message, now, news)
        elif topic.kind is Kind.NDEATH:
            self._node_death(message, now, news)
        elif not self.online:
            news.counts["before_birth"] += 1
            news.rebirth = True
        elif message.seq is None:
            news.counts["no_seq"] += 1
            self._apply(topic, message, now, news)
        else:
            self._in_turn(topic, message, message.seq, now, news)
        self._set_deadline()

    def expire(self, now: Instants, news: News) -> None:
        """What is due: a missing message counts as lost, a device that was not born again as gone."""
        if self._sequence.deadline is not None and now.mono >= self._sequence.deadline:
            self._give_up(now, news)
        if self._devices_until is not None and now.mono >= self._devices_until:
            self._devices_until = None
            self._retire({device for device, there in self.devices.items() if not there}, now.utc, news)
        self._set_deadline()

    def _set_deadline(self) -> None:
        due = [at for at in (self._sequence.deadline, self._devices_until) if at is not None]
        self.deadline = min(due, default=None)

    def _in_turn(self, topic: Topic, message: Message, seq: int, now: Instants, news: News) -> None:
        try:
            ready = self._sequence.put(seq, (topic, message), now.mono)
        except OutOfSequenceError:
            # One from behind was given up already; one from far off means a birth that was not heard.
            news.counts["out_of_sequence"] += 1
            news.rebirth = True
            return
        news.counts["reordered"] += not ready
        for held in ready:
            self._apply(*held, now, news)
        if self._reorder == 0 and self._sequence.deadline is not None:
            self._give_up(now, news)

    def _give_up(self, now: Instants, news: News) -> None:
        """The missing ones are lost: what they may have changed is in doubt until the node tells everything again."""
        news.counts["lost_messages"] += 1
        news.rebirth = True
        before = len(news.readings)
        for held in self._sequence.give_up():
            self._apply(*held, now, news)
        fresh = {(reading.device, reading.name) for reading in news.readings[before:] if not reading.old}
        for key, born in self.metrics.items():
            if key not in fresh and self.is_there(born.device) and doubtful(born.status) != born.status:
                self._tell(born, replace_status(born, doubtful(born.status), now.utc), news)

    def _apply(self, topic: Topic, message: Message, now: Instants, news: News) -> None:
        if topic.kind is Kind.DBIRTH:
            self._birth(topic.device, message, now, news)
        elif topic.kind is Kind.DDEATH:
            self.devices[topic.device] = False
            time = message.time if message.time is not None and message.time <= now.utc + _FUTURE else now.utc
            self._retire({topic.device}, time, news)
        elif not self.is_there(topic.device):
            news.counts["before_birth"] += 1
            news.rebirth = True
        else:
            for metric in message.metrics:
                self._data(topic.device, metric, message, now, news)

    def _node_birth(self, message: Message, now: Instants, news: News) -> None:
        bd = next(
            (m.raw for m in message.metrics if m.name == _BD_SEQ and m.carrier in {"long_value", "int_value"}), None
        )
        again = self.online and bd == self._bd
        news.counts["births"] += 1
        if bd is None:
            news.counts["no_bdseq"] += 1
        if not any(m.name == REBIRTH for m in message.metrics):
            news.counts["no_rebirth_metric"] += 1
        if not again:
            self._retire({device for device, there in self.devices.items() if there}, now.utc, news)
        self.online, self._bd = True, bd
        self.devices = dict.fromkeys(self.devices, False)
        self._aliases = {}
        self._devices_until = now.mono + self._reorder if again and self.devices else None
        self._birth("", message, now, news)
        # What came before its birth may have overtaken it.
        since = message.time
        for held in self._sequence.restart(
            message.seq or 0, lambda early: since is not None and (early[1].time or 0) >= since, now.mono
        ):
            self._apply(*held, now, news)

    def _node_death(self, message: Message, now: Instants, news: News) -> None:
        bd = next((m.raw for m in message.metrics if m.name in {"", _BD_SEQ}), None)
        if not self.online or (self._bd is not None and bd != self._bd):
            news.counts["old_deaths"] += 1
            return
        news.counts["deaths"] += 1
        news.died = True
        there = {"", *(device for device, there in self.devices.items() if there)}
        self.online = False
        self.devices = dict.fromkeys(self.devices, False)
        self._sequence.clear()
        self._devices_until = None
        self._retire(there, now.utc, news)

    def _retire(self, devices: set[str], time: int, news: News) -> None:
        for born in self.metrics.values():
            if born.device in devices and born.status != stale(born.status):
                self._tell(born, replace_status(born, stale(born.status), time), news)

    def _birth(self, device: str, message: Message, now: Instants, news: News) -> None:
        for key in [key for key in self.metrics if key[0] == device]:
            del self.metrics[key]
        self._aliases = {a: b for a, b in self._aliases.items() if b is None or b.device != device}
        if device:
            self.devices[device] = True
        for metric, inside in _flat(message.metrics):
            if not metric.name or metric.definition:
                continue
            if len(self.metrics) >= MOST_METRICS:
                news.counts["too_many_metrics"] += 1
                continue
            born = Born(device, metric.name, _datatype(metric), metric.alias, metric, inside)
            self.metrics[device, metric.name] = born
            self._give_alias(born, news)
            self._learn(born, metric, message, now, news)
        news.born.append(device)

    def _give_alias(self, born: Born, news: News) -> None:
        """An alias that two metrics claim names neither: a value must not come to the wrong tag."""
        if born.alias is None:
            return
        if born.alias in self._aliases:
            news.counts["alias_conflicts"] += 1
            other, self._aliases[born.alias] = self._aliases[born.alias], None
            if other is not None:
                other.alias = None
            born.alias = None
        else:
            self._aliases[born.alias] = born

    def _data(self, device: str, metric: Metric, message: Message, now: Instants, news: News) -> None:
        born = self.metrics.get((device, metric.name)) if metric.alias is None else self._aliases.get(metric.alias)
        if born is None or born.device != device or (metric.name and metric.name != born.name):
            news.counts["unknown_metrics"] += 1
            news.rebirth = True
            return
        named = replace(metric, name=born.name)
        self._learn(born, named, message, now, news)
        for member in members(named):
            inner = self.metrics.get((device, member.name))
            if inner is not None:
                self._learn(inner, member, message, now, news)

    def _learn(self, born: Born, metric: Metric, message: Message, now: Instants, news: News) -> None:
        try:
            if born.datatype is None:
                raise MismatchError("a type that nobody knows")
            content, status = content_of(metric, born.datatype)
        except MismatchError:
            news.counts["type_mismatches"] += 1
            news.rebirth = news.rebirth or metric is not born.birth
            content, status = None, Status.BAD_TYPE_MISMATCH
        time = metric.time if metric.time is not None else message.time
        if time is None or time > now.utc + _FUTURE:
            news.counts["future_stamps"] += time is not None
            time = now.utc
        reading = Reading(born.device, born.name, content, int(status), time, metric.historical)
        if metric.historical:
            news.readings.append(reading)
        else:
            self._tell(born, reading, news)

    def _tell(self, born: Born, reading: Reading, news: News) -> None:
        born.content, born.status, born.time = reading.content, reading.status, reading.time
        news.readings.append(reading)

    def _judge_clock(self, message: Message, now: Instants, news: News) -> None:
        if message.time is not None:
            ahead = message.time - now.utc
            news.ahead = ahead if ahead > _FUTURE else 0


def replace_status(born: Born, status: int, time: int) -> Reading:
    """The last content again, with another worth."""
    return Reading(born.device, born.name, born.content, status, time)


def _flat(metrics: tuple[Metric, ...]) -> Iterator[tuple[Metric, bool]]:
    """All metrics, and behind each the members of its template; the flag marks these."""
    for metric in metrics:
        yield metric, False
        if not metric.definition:
            yield from ((member, True) for member in members(metric))


def _datatype(metric: Metric) -> DataType | None:
    try:
        return DataType(metric.datatype or 0)
    except ValueError:
        return None
