"""Live values: the last word of the station on every bound tag, and nothing older once the link is not live.

A subscription's number is used for one stretch of live link only, and nothing is subscribed without one. When the link
goes stale the numbers are given up, and what still arrives under them is dropped: values come back with the snapshot of
a new subscription, never by themselves.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from hmi.core.batch import Batch
from hmi.core.quality import Status
from hmi.link.codec import batch_from
from hmi.link.messages import Message, Subscribe, TagInfo, Unsubscribe, Values
from hmi.panel.stores.binding import Binding
from hmi.panel.stores.directory import DirectoryStore, Found

NotifyPaths = Callable[[frozenset[str]], None]
NotifySamples = Callable[[str, Batch, bool], None]

_NO_COMMUNICATION: Final = int(Status.BAD_NO_COMMUNICATION)
_WAITING: Final = int(Status.BAD_WAITING_FOR_INITIAL_DATA)


class Shown(NamedTuple):
    """What a symbol draws of one tag."""

    value: float | str | None
    """None: nothing was ever received."""
    status: int
    """StatusCode; Bad_NoCommunication for everything while the link is not live."""
    time: int
    """Source time, ns UTC; 0 when nothing was ever received."""
    info: TagInfo | None
    """None until the station has answered."""
    unknown: bool = False
    """The station knows no such tag."""


_NOTHING: Final = Shown(None, _NO_COMMUNICATION, 0, None)


class _Subscription(ABC):
    """What one binding asks for; `number` is 0 while nothing is subscribed."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = frozenset(paths)
        self.number = 0

    def interrupted(self) -> None:  # noqa: B027 - only samples care
        """The number was given up: something will be missing."""

    @abstractmethod
    def received(self, rows: Batch, paths: dict[int, str], lost: bool) -> None:
        """A part of a frame."""

    @abstractmethod
    def flush(self, changed: set[str]) -> None:
        """The end of a frame."""


class _Latest(_Subscription):
    """Wants the latest value of each tag."""

    def __init__(self, paths: Iterable[str], notify: NotifyPaths, apply: Callable[[Batch], None]) -> None:
        super().__init__(paths)
        self._notify = notify
        self._apply = apply

    def received(self, rows: Batch, paths: dict[int, str], lost: bool) -> None:  # noqa: ARG002 - only samples can be lost
        self._apply(rows)

    def flush(self, changed: set[str]) -> None:
        mine = self.paths & changed
        if mine:
            self._notify(mine)


class _Samples(_Subscription):
    """Wants every sample of each tag."""

    def __init__(self, paths: Iterable[str], notify: NotifySamples) -> None:
        super().__init__(paths)
        self._notify = notify
        self._kept: list[tuple[str, Batch, bool]] = []
        self._gap: set[str] = set()

    def interrupted(self) -> None:
        self._gap.update(self.paths)

    def received(self, rows: Batch, paths: dict[int, str], lost: bool) -> None:
        for tag in dict.fromkeys(rows.tag.tolist()):
            path = paths.get(tag)
            if path is not None:
                self._kept.append((path, _numeric(rows.take(rows.tag == tag)), lost or path in self._gap))
                self._gap.discard(path)

    def flush(self, changed: set[str]) -> None:  # noqa: ARG002 - a change of status alone is no sample
        kept, self._kept = self._kept, []
        for path, batch, lost in kept:
            self._notify(path, batch, lost)


def _numeric(batch: Batch) -> Batch:
    """The batch without its texts: what points at one is no number that could be drawn."""
    if not len(batch.text_rows):
        return batch
    value = batch.value.copy()
    value[batch.text_rows] = np.nan
    return replace(batch, value=value, text=(), text_rows=batch.text_rows[:0])


class ValueStore:
    """Every bound tag's value; widgets bind and are told once a frame what changed."""

    def __init__(self, directory: DirectoryStore, send: Callable[[Message], None]) -> None:
        self._directory = directory
        self._send = send
        self._live = False
        self._open = False
        self._next = 0
        self._subscriptions: list[_Subscription] = []
        self._by_number: dict[int, _Subscription] = {}
        self._uses: dict[str, int] = {}
        self._cells: dict[str, Shown] = {}
        self._paths: dict[int, str] = {}
        self._changed: set[str] = set()

    # ---- for widgets ----

    def bind(self, paths: Iterable[str], notify: NotifyPaths) -> Binding:
        """Keeps the paths' values until closed; `notify` names what changed, at most once a frame.

        A lost link is a change of every path. What is known already is in `shown` at once, without a notice.
        """
        return self._add(_Latest(paths, notify, self._apply))

    def bind_samples(self, paths: Iterable[str], notify: NotifySamples) -> Binding:
        """Hands over every sample (path, batch, lost) until closed; `lost`: read what is before the batch from history.
        The batch has numbers only; NaN stands for a text.

        The first batch of each path is its present value, or whatever came since it was asked for; after an
        interruption of the link it is marked lost.
        """
        return self._add(_Samples(paths, notify))

    def shown(self, path: str) -> Shown:
        """What to draw now."""
        return self._cells.get(path, _NOTHING)

    # ---- for the root of the stores ----

    def opened(self) -> None:
        """A new session: paths may mean other tags; they are asked for when it is live."""
        self._open, self._live = True, False
        self._cells = {path: Shown(c.value, _NO_COMMUNICATION, c.time, None) for path, c in self._cells.items()}
        self._paths.clear()

    def live_again(self) -> None:
        """The scan proves itself: new snapshots for whatever was interrupted."""
        self._live = True
        for path, cell in tuple(self._cells.items()):
            if cell.value is None and cell.status == _NO_COMMUNICATION:
                self._cells[path] = cell._replace(status=_WAITING)
                self._changed.add(path)
        for subscription in tuple(self._subscriptions):
            self._start(subscription)

    def reconfigured(self, tags: Collection[int] | None) -> None:
        """These tags are other ones, new or gone; None: any may be. What is bound to them is asked for anew."""
        for subscription in tuple(self._subscriptions):
            concerned = [path for path in subscription.paths if self._may_differ(path, tags)]
            for path in concerned:
                cell = self._cells[path]
                if cell.info is not None:
                    self._paths.pop(cell.info.tag, None)
                self._cells[path] = cell._replace(info=None, status=self._without_value())
                self._changed.add(path)
            if concerned:
                self._give_up(subscription)
                self._start(subscription)

    def _may_differ(self, path: str, tags: Collection[int] | None) -> bool:
        info = self._cells[path].info
        return info is None or tags is None or info.tag in tags

    def down(self, *, still_open: bool) -> None:
        """Nothing is live any more; every listener hears it now, no frame will come."""
        self._live, self._open = False, still_open
        for subscription in self._subscriptions:
            self._give_up(subscription)
        for path, cell in tuple(self._cells.items()):
            self._cells[path] = cell._replace(status=_NO_COMMUNICATION)
        self._changed.update(self._cells)
        self.flush()

    def receive(self, message: Values) -> None:
        """Takes in a part of a frame.

        Raises:
            WireError: columns that do not fit together.
        """
        subscription = self._by_number.get(message.subscription)
        if subscription is not None:
            subscription.received(batch_from(message), self._paths, message.lost)

    def flush(self) -> None:
        """The frame is complete: tell the listeners."""
        changed, self._changed = self._changed, set()
        for subscription in tuple(self._subscriptions):
            subscription.flush(changed)

    # ---- inside ----

    def _add(self, subscription: _Subscription) -> Binding:
        self._subscriptions.append(subscription)
        for path in subscription.paths:
            self._uses[path] = self._uses.get(path, 0) + 1
            self._cells.setdefault(path, Shown(None, self._without_value(), 0, None))
        self._start(subscription)
        return Binding(lambda: self._remove(subscription))

    def _remove(self, subscription: _Subscription) -> None:
        self._subscriptions.remove(subscription)
        if subscription.number:
            self._give_up(subscription)
        for path in subscription.paths:
            self._uses[path] -= 1
            if not self._uses[path]:
                self._drop(path)

    def _drop(self, path: str) -> None:
        del self._uses[path]
        cell = self._cells.pop(path)
        self._changed.discard(path)
        if cell.info is not None:
            self._paths.pop(cell.info.tag, None)

    def _start(self, subscription: _Subscription) -> None:
        """Subscribes as soon as all paths are resolved, if the link is live."""
        missing = set(subscription.paths)

        def resolved(found: Found) -> None:
            missing.difference_update(found)
            self._learn(found)
            if not missing and self._live and subscription in self._subscriptions:
                self._subscribe(subscription)

        if self._live and not subscription.number:
            self._directory.resolve(sorted(missing), resolved)

    def _learn(self, found: Found) -> None:
        for path, info in found.items():
            cell = self._cells.get(path)
            if cell is None or (cell.info is info and not cell.unknown and info is not None):
                continue
            self._cells[path] = cell._replace(info=info, unknown=info is None)
            if info is not None:
                self._paths[info.tag] = path
            self._changed.add(path)

    def _subscribe(self, subscription: _Subscription) -> None:
        infos = (self._cells[path].info for path in sorted(subscription.paths))
        tags = [info.tag for info in infos if info is not None]
        if not tags or subscription.number:
            return
        number = self._next = self._next + 1
        subscription.number = number
        self._by_number[number] = subscription
        self._send(Subscribe(number, tags, isinstance(subscription, _Samples)))

    def _give_up(self, subscription: _Subscription) -> None:
        if not subscription.number:
            return
        del self._by_number[subscription.number]
        if self._open:
            self._send(Unsubscribe(subscription.number))
        subscription.number = 0
        subscription.interrupted()

    def _apply(self, batch: Batch) -> None:
        texts = {int(row): batch.text_at(int(row)) for row in batch.text_rows}
        columns = zip(batch.tag.tolist(), batch.time.tolist(), batch.value.tolist(), batch.status.tolist(), strict=True)
        for row, (tag, time, value, status) in enumerate(columns):
            path = self._paths.get(tag)
            if path is not None:
                self._cells[path] = Shown(texts.get(row, value), status, time, self._cells[path].info)
                self._changed.add(path)

    def _without_value(self) -> int:
        return _WAITING if self._live else _NO_COMMUNICATION
