"""Filing goes on beside a ruined data file: the next part of its month is begun, and the ruined one is left as it is.

The new part appears whole, by renaming. It begins with what is known of the ruined one: the last filed sample of each
tag, so that a setpoint that does not change keeps its value, and until when others may be lost. Everything that the
journal still has is filed into it, whatever of it the ruined file took.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

from hmi.core.batch import Batch
from hmi.historian import datafile, meta_table, months, part_table, run_table
from hmi.historian.api import DamagedError, StoreError
from hmi.historian.codec import QUICK, encode
from hmi.historian.damage import continued_file
from hmi.historian.files import MOST_PARTS, Key
from hmi.historian.filings import Filings
from hmi.historian.merge import part, run_spans
from hmi.historian.newest import Newest
from hmi.historian.shelf import Shelf
from hmi.historian.sqlite import Connection, transaction

_TAGS_AT_ONCE: Final = 8192
_RUNS_AT_ONCE: Final = 64
"""Transactions of some milliseconds."""


class Parts:
    """Knows what a later part must begin with."""

    def __init__(self, shelf: Shelf, filings: Callable[[], Filings]) -> None:
        """`filings` tells what has left the journal by now."""
        self._shelf, self._filings = shelf, filings
        self._newest = Newest()
        self._applied: dict[Key, int] = {}
        """Append number up to which each file that this writer has filed to has the journal."""
        self._ruined: set[Key] = set()
        self._begun: list[tuple[Key, DamagedError]] = []

    def filed(self, key: Key, ordered: Batch, applied: int) -> None:
        """These samples, sorted by tag and time, are in a file, which has the journal up to an append number."""
        self._newest.add(key, ordered)
        self._applied[key] = applied

    def give_up(self, key: Key) -> None:
        """A file was found ruined by something else than filing: what is filed next begins another part."""
        self._ruined.add(key)

    def forget(self, key: Key) -> None:
        """A file was deleted."""
        self._ruined.discard(key)
        self._applied.pop(key, None)

    def given_up(self, key: Key) -> bool:
        """Whether a file takes no more samples."""
        return key in self._ruined

    def begin(self, ruined: Key, without: Collection[int] = ()) -> Key:
        """Makes the part that follows a ruined one; on the disk on return. Of the tags `without` nothing was in it.

        Raises:
            StoreError: the disk does not take it, or too many parts of the month were ruined.
        """
        if ruined.part >= MOST_PARTS:
            raise StoreError(
                f"{ruined.path(self._shelf.folder)} is damaged, as all parts before it.", "Replace the disk."
            )
        key = replace(ruined, part=ruined.part + 1)
        with self._shelf.explained(key):
            datafile.make(key.path(self._shelf.folder), lambda connection: self._fill(connection, ruined, without))
        self._ruined.discard(ruined)
        self._begun.append((ruined, continued_file(key, ruined)))
        return key

    def begun(self) -> list[tuple[Key, DamagedError]]:
        """The files after which a part was begun since the last call, and what to tell about each."""
        begun, self._begun = self._begun, []
        return begun

    def _fill(self, connection: Connection, ruined: Key, without: Collection[int]) -> None:
        known = self._filings()
        part_table.create(connection, known.until, self._applied.get(ruined, known.number))
        since = self._since(ruined, without, known)
        for at in range(0, len(since), _TAGS_AT_ONCE):
            with transaction(connection):
                part_table.put(connection, since[at : at + _TAGS_AT_ONCE])
        last = self._newest.of(ruined)
        runs = [part(last, *span) for span in run_spans(last.tag)]
        for at in range(0, len(runs), _RUNS_AT_ONCE):
            packed = [encode(run, by_tag=True, level=QUICK) for run in runs[at : at + _RUNS_AT_ONCE]]
            with transaction(connection):
                run_table.insert(connection, packed, 0)
        if len(last):
            meta_table.put(connection, {"samples": len(last)})
            meta_table.widen_span(connection, int(last.time.min()), int(last.time.max()))

    def _since(self, ruined: Key, without: Collection[int], known: Filings) -> list[tuple[int, int]]:
        """From which time (ns UTC) on nothing of a tag is lost with the ruined file, as far as this writer knows."""
        start, end = months.span_of(ruined.month)
        found: list[tuple[int, int]] = []
        for tag, time in self._newest.times(known.before):
            if tag in without:
                found.append((tag, start))
            elif time < end:
                found.append((tag, time))
            else:  # of a later month, perhaps by a clock that was ahead: it does not prove that all before it were lost
                found.append((tag, min(time, known.reached + 1)))
        return found
