"""Symbols of a display that have newer values than they show, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hmi.panel.stores.paint import PaintStore


class Unpainted:
    """Symbol numbers, each with the arrival of the first value that it does not show yet; tells what painting took."""

    def __init__(self, paint: PaintStore) -> None:
        self._paint = paint
        self._since: dict[int, int] = {}
        self._under_way: int | None = None
        self._newest = 0

    def __bool__(self) -> bool:
        return bool(self._since)

    def __iter__(self) -> Iterator[int]:
        return iter(self._since)

    def add(self, numbers: Iterable[int]) -> None:
        """Values of these symbols came with the frame that is being told."""
        arrived = self._paint.arrived
        for number in numbers:
            self._since.setdefault(number, arrived)

    def take(self, numbers: Iterable[int], newest: int, *, seen: bool) -> None:
        """These are repainted now, with a newest source time (ns UTC); `seen` is false where nothing is painted."""
        taken = [since for number in numbers if (since := self._since.pop(number, None)) is not None]
        if not seen:
            self._under_way = None
        elif taken:
            self._under_way = min(taken) if self._under_way is None else min(self._under_way, *taken)
            self._newest = newest

    def painted(self, opened: int, utc: int) -> None:
        """They are on the screen at `utc`, station time (ns); what had not changed since `opened` has no age to tell:
        it came when the display was called up, and may have stood for days."""
        if self._under_way is not None:
            self._paint.painted(self._under_way, utc - self._newest if self._newest >= opened else None)
            self._under_way = None

    def clear(self) -> None:
        """The display rests: nothing of it is painted any more."""
        self._since.clear()
        self._under_way = None
