"""The data files as a reader sees them: one tag's pieces in the order of the read, opened only as far as it goes."""

from __future__ import annotations

import heapq
import os
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hmi.historian import carry, months
from hmi.historian.api import StoreError
from hmi.historian.datafile import Stored
from hmi.historian.file_pieces import FilePieces
from hmi.historian.files import Key, by_month, carry_path, listed
from hmi.historian.pieces import Piece, Window, near_end, stored_piece
from hmi.historian.sqlite import Connection, Error, close, connect_reader, is_damage

_OPEN_FILES: Final = 32
_EARLIEST: Final = -(1 << 63)
_LATEST: Final = (1 << 63) - 1


class GoneError(StoreError):
    """A data file was deleted by retention after it was listed: list the files again."""


Identity = tuple[int, int] | None
"""Which file a name stands for; None = none."""


def _identity(path: Path) -> Identity:
    try:
        found = os.stat(path)  # noqa: PTH116 - asked of every open file at every read
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


class Library:
    """Connections to a store's data files for one reader; not for several threads at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: OrderedDict[Path, tuple[Identity, Connection]] = OrderedDict()
        self._carries: list[str] = []

    def files(self) -> list[Key]:
        """The files there are now, oldest month first; whoever asks for `carried` after it misses nothing."""
        found, self._carries = listed(self._folder)
        for path in [path for path, (identity, _) in self._open.items() if identity != _identity(path)]:
            close(self._open.pop(path)[1])  # deleted by retention, and perhaps begun anew by late samples
        return found

    def connection(self, key: Key) -> Connection:
        """A file's connection.

        Raises:
            GoneError: retention has deleted it.
            StoreError: it cannot be read.
        """
        return self._connect(key.path(self._folder))

    def carries(self) -> list[str]:
        """The groups from which retention has deleted months, when the files were listed last."""
        return self._carries

    def carry(self, group: str) -> Connection:
        """What retention carried from a group's deleted months.

        Raises:
            StoreError: it cannot be read.
        """
        return self._connect(carry_path(self._folder, group))

    def _connect(self, path: Path) -> Connection:
        if path not in self._open:
            identity = _identity(path)
            if identity is None:
                raise GoneError(f"{path} was deleted by retention.", "Read again.")
            self._open[path] = identity, connect_reader(path)
        self._open.move_to_end(path)
        while len(self._open) > _OPEN_FILES:
            close(self._open.popitem(last=False)[1][1])
        return self._open[path][1]

    def close(self) -> None:
        """Gives all files back."""
        while self._open:
            close(self._open.popitem()[1][1])

    def pieces(self, window: Window) -> Iterator[Piece]:
        """The pieces of a window in the direction of the read; later months are opened when the read gets there.

        Raises:
            GoneError: retention deleted a file meanwhile.
            NewDamageError: the writer found a block damaged meanwhile.
        """
        yield from heapq.merge(self._by_month(self.files(), window), self._carried(window), key=near_end(window))

    def _by_month(self, keys: list[Key], window: Window) -> Iterator[Piece]:
        low, high = max(window.low, _EARLIEST), min(window.high, _LATEST + 1)
        first, last = months.month_of(low), months.month_of(high - 1)
        wanted = by_month(keys, first, last)
        for month, there in wanted if window.forward else reversed(wanted):
            files = month if window.forward else reversed(month)
            pieces = [(key in there, FilePieces(self.connection, key, there, window)) for key in files]
            yield from heapq.merge(
                *(file.pieces() if is_there else file.lost() for is_there, file in pieces), key=near_end(window)
            )

    def carried(self, tag: int) -> list[tuple[Stored, bytes]]:
        """What a tag last was in the files that retention has deleted; to be asked after the files are listed."""
        found: list[tuple[Stored, bytes]] = []
        for group in self._carries:
            try:
                kept = carry.last(self.carry(group), tag)
            except (Error, StoreError) as error:
                if not is_damage(error):
                    raise
                continue
            if kept is not None:
                found.append(kept)
        return found

    def _carried(self, window: Window) -> list[Piece]:
        found = [
            stored_piece(-1, window.tag, 0, stored, data)
            for stored, data in self.carried(window.tag)
            if window.low <= stored.time_min < window.high
        ]
        return sorted(found, key=near_end(window))
