"""What is known of every tag of one broker: its last message, whether that was live, and who publishes it."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from hmi.core.batch import Int32
from hmi.core.instants import Instants, seconds
from hmi.core.quality import Status, is_good
from hmi.core.tag import TagType
from hmi.drivers.api import Point, Sample, Sink
from hmi.drivers.broker.outbox import Outbox

from .address import MqttAddress, Place
from .jsonpath import ABSENT, find
from .options import MqttOptions, TimePolicy
from .payload import FUTURE, LONGEST, NoJsonError, Value, document, plain, read, stamp
from .publisher import Presence, Publisher

STATUS_QOS: Final = 1
"""Quality of service at which publishers' presence is asked for: a death must not get lost."""
_NOTHING: Final = Sample(math.nan, Status.BAD_WAITING_FOR_INITIAL_DATA, 0)


@dataclass(slots=True)
class Entry:
    """One point and what was last told of it."""

    point: Point
    address: MqttAddress
    publisher: Publisher | None = None
    told: bool = False
    """Something was told in this session."""
    live: int | None = None
    """Monotonic ns of its last live message in this session."""
    sample: Sample = _NOTHING
    bad_since: int = 0
    """ns UTC of the last mark that it is not usable; a stamp before it would lie behind the mark in history."""
    reports: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by every message that tells this value."""
    trial: bool = False
    """No tag yet: nothing of it is delivered."""

    def blank(self, status: int, time: int) -> Sample:
        """What is told when there is no value."""
        return Sample("" if self.point.type is TagType.STRING else math.nan, status, time)


def entry_of(point: Point, publishers: dict[Place, Publisher], options: MqttOptions) -> Entry:
    """A new entry; publishers that several tags name are shared."""
    address = point.address
    if not isinstance(address, MqttAddress):
        raise TypeError(f"{point.path} has an address of another driver")
    status = address.status or options.status
    publisher = None if status is None else publishers.setdefault(status, Publisher(status, options.online))
    return Entry(point, address, publisher)


class Book:
    """The points of one connection."""

    def __init__(self, options: MqttOptions, sink: Sink, outbox: Outbox) -> None:
        self._options = options
        self._sink = sink
        self._outbox = outbox
        self._publishers: dict[Place, Publisher] = {}
        self._entries: dict[int, Entry] = {}
        self._by_topic: dict[str, list[Entry]] = {}
        self._watchers: dict[str, list[Publisher]] = {}

    def set_points(self, points: Iterable[Point]) -> list[Entry]:
        """Takes these points; those that stay keep what is known of them. Returns the new ones."""
        old, self._entries, self._publishers = self._entries, {}, dict(self._publishers)
        for point in points:
            known = old.get(point.tag)
            same = known is not None and known.point == point
            self._entries[point.tag] = known if known and same else entry_of(point, self._publishers, self._options)
        self._index()
        return [entry for tag, entry in self._entries.items() if old.get(tag) is not entry]

    def _index(self) -> None:
        topics: dict[str, list[Entry]] = defaultdict(list)
        for entry in self._entries.values():
            topics[entry.address.place.topic].append(entry)
        used = {id(entry.publisher) for entry in self._entries.values()}
        self._publishers = {place: p for place, p in self._publishers.items() if id(p) in used}
        watchers: dict[str, list[Publisher]] = defaultdict(list)
        for place, publisher in self._publishers.items():
            watchers[place.topic].append(publisher)
        self._by_topic, self._watchers = dict(topics), dict(watchers)

    @property
    def status_topics(self) -> list[str]:
        """Where publishers tell that they are online."""
        return list(self._watchers)

    def topics(self) -> dict[str, int]:
        """Topics of values with the quality of service to ask for: the highest that is wanted."""
        wanted: dict[str, int] = {}
        for topic, entries in self._by_topic.items():
            given = [self._options.qos if e.address.qos is None else e.address.qos for e in entries]
            wanted[topic] = max([*given, STATUS_QOS] if topic in self._watchers else given)
        return wanted

    def entry(self, point: Point) -> Entry | None:
        """The entry of a point that is among those of the connection."""
        found = self._entries.get(point.tag)
        return found if found is not None and found.address == point.address else None

    def begin(self) -> None:
        """A session begins: nothing is known in it yet."""
        for entry in self._entries.values():
            entry.told, entry.live = False, None
        for publisher in self._publishers.values():
            publisher.presence = Presence.UNKNOWN

    def lost(self, now: Instants) -> None:
        """The session has ended: the station marks all tags now."""
        for entry in self._entries.values():
            entry.told, entry.live, entry.bad_since = False, None, now.utc
            entry.sample = entry.blank(Status.BAD_NO_COMMUNICATION, now.utc)

    def untold(self) -> list[Entry]:
        """Entries of which nothing was told in this session."""
        return [entry for entry in self._entries.values() if not entry.told]

    def on_topics(self, topics: Sequence[str]) -> list[Entry]:
        """The entries of these topics."""
        return [entry for topic in topics for entry in self._by_topic.get(topic, ())]

    def mark(self, entries: Iterable[Entry], status: int, now: Instants) -> None:
        """Tells that these have no value."""
        for entry in entries:
            entry.bad_since, entry.told = now.utc, True
            self._tell(entry, entry.blank(status, now.utc), now)

    def alive(self, now: Instants) -> Int32:
        """Tags whose last message still holds, as far as broker and publisher can tell."""
        return np.array([e.point.tag for e in self._entries.values() if _is_alive(e, now)], np.int32)

    def add(self, entry: Entry) -> None:
        """Hears a further entry for a while, e.g. to try an address."""
        self._by_topic.setdefault(entry.address.place.topic, []).append(entry)

    def remove(self, entry: Entry) -> None:
        """Hears it no longer."""
        topic = entry.address.place.topic
        rest = [e for e in self._by_topic.get(topic, ()) if e is not entry]
        if rest:
            self._by_topic[topic] = rest
        else:
            self._by_topic.pop(topic, None)

    def take(self, topic: str, payload: bytes, retained: bool, now: Instants) -> None:
        """Takes one message."""
        self._sink.count("messages")
        for publisher in self._watchers.get(topic, ()):
            if publisher.take(payload):
                self._sink.count("publishers_lost")
                gone = [e for e in self._entries.values() if e.publisher is publisher]
                self.mark(gone, Status.BAD_NO_COMMUNICATION, now)
        entries = self._by_topic.get(topic)
        if entries:
            for entry, content, when in self._contents(entries, payload):
                self._learn(entry, content, when, retained, now)

    def _contents(self, entries: list[Entry], payload: bytes) -> Iterator[tuple[Entry, object, object]]:
        """Each entry with what the message says of it, and of the time."""
        parsed: object = ABSENT
        if len(payload) > LONGEST:
            self._sink.count("oversized")
            payload = b"\xff"
        if any(e.address.place.path is not None or e.address.time is not None for e in entries):
            try:
                parsed = document(payload)
            except NoJsonError:
                self._sink.count("bad_json")
                parsed = payload
        for entry in entries:
            path, time = entry.address.place.path, entry.address.time
            inside = parsed if path is None or isinstance(parsed, bytes) else find(parsed, path)
            content = plain(payload) if path is None else inside
            yield entry, content, ABSENT if time is None else find(parsed, time)

    def _learn(self, entry: Entry, content: object, when: object, retained: bool, now: Instants) -> None:
        if content is ABSENT and entry.address.partial:
            return
        if retained and entry.live is not None:
            return  # It comes again with a further subscription, and is no news.
        value, status = self._believed(entry, read(content, entry.point.type, entry.address), retained=retained)
        if not retained:
            entry.live = now.mono
        entry.told = True
        self._tell(entry, Sample(value, status, self._time(entry, when, now)), now)
        entry.reports.set()

    def _believed(self, entry: Entry, found: Value, *, retained: bool) -> Value:
        """A retained value was true once; only its publisher's presence says that it still is."""
        value, status = found
        present = entry.publisher is not None and entry.publisher.presence is Presence.ONLINE
        if retained and is_good(status) and not present:
            gone = entry.publisher is not None and entry.publisher.presence is Presence.OFFLINE
            status = Status.UNCERTAIN_NO_COMMUNICATION_LAST_USABLE if gone else Status.UNCERTAIN_LAST_USABLE_VALUE
        return value, status

    def _time(self, entry: Entry, when: object, now: Instants) -> int:
        if self._options.time is TimePolicy.RECEIVE or entry.address.time is None:
            return now.utc
        told = stamp(when)
        if told is None:
            self._sink.count("bad_stamps")
            return now.utc
        if told > now.utc + FUTURE:
            self._sink.count("future_stamps")
            return now.utc
        return told if told > entry.bad_since else now.utc

    def _tell(self, entry: Entry, sample: Sample, now: Instants) -> None:
        entry.sample = sample
        if not entry.trial:
            self._outbox.add(entry.point.tag, sample.time, sample.value, sample.status, now)


def _is_alive(entry: Entry, now: Instants) -> bool:
    if not entry.told or (entry.publisher is not None and entry.publisher.presence is Presence.OFFLINE):
        return False
    longest = entry.address.max_age
    return longest == 0 or (entry.live is not None and now.mono - entry.live <= seconds(longest))
