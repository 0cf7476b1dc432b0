"""What the writer thread does between flushes, in steps short enough that no flush waits: filing, blocks, rollups."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hmi.core.instants import SECOND
from hmi.historian import months
from hmi.historian.api import DamagedError, StoreError
from hmi.historian.compaction import Compactor
from hmi.historian.disk import JournalDisk
from hmi.historian.files import Key, last_parts
from hmi.historian.filings import Filings
from hmi.historian.options import StoreOptions
from hmi.historian.parts import Parts
from hmi.historian.promotion import Promoter
from hmi.historian.pruning import Pruned, Pruner
from hmi.historian.rolling import Roller
from hmi.historian.sealing import Sealing
from hmi.historian.shelf import Shelf
from hmi.historian.sqlite import is_damage

_STEP_SAMPLES: Final = 131_072
"""A step rewrites about so many samples: some tens of milliseconds."""
_SEAL_AFTER: Final = months.DAY
"""ns after a month's end at which its file gets its last form: most late samples have come by then."""
_LOOK_EVERY: Final = 3600 * SECOND


class Upkeep:
    """The order of the work; every step can be repeated after any failure or death."""

    def __init__(
        self,
        folder: Path,
        disk: JournalDisk,
        options: StoreOptions,
        on_filed: Callable[[int], None],
        on_pruned: Callable[[Pruned], None],
    ) -> None:
        """`on_filed` hears up to which append number the data files have everything, `on_pruned` what retention
        deleted."""
        self._disk, self._options, self._on_filed, self._on_pruned = disk, options, on_filed, on_pruned
        self._shelf = Shelf(folder, options.prepare)
        # Data files without their journal are of another writer, of whom nothing is known.
        foreign = disk.alive is None and bool(self._shelf.files())
        self._parts = Parts(self._shelf, Filings if foreign else lambda: disk.filings)
        self._compactor = Compactor(self._shelf, options, self._parts)
        self._promoter = Promoter(self._shelf, options)
        self._roller = Roller(self._shelf)
        self._pruner = Pruner(self._shelf, options.retention)
        self._touched: OrderedDict[tuple[Key, int], None] = OrderedDict()
        """Buckets with new runs."""
        self._grown: OrderedDict[Key, list[int]] = OrderedDict()
        """Tags with new blocks."""
        self._ended: deque[Sealing] = deque()
        self._hopeless: set[Key] = set()
        """Files that cannot be sealed because they are broken."""
        self._look_at: int | None = None
        """When (ns UTC) to look for ended months again."""
        self.last_number = self._shelf.last_applied()
        """The highest append number that a data file has."""
        self.hurry = False
        """Whether everything must be filed, not only what is worth it."""
        self._roomy = True
        """Whether the journal holds no more free room than it needs."""
        self._pause_rows = self._pause_flushes = 0
        """What the journal must hold before filing is tried again after a failure."""

    def look(self, utc: int) -> None:
        """Notes now and then which months have ended, and which have expired."""
        self._pruner.look(utc)
        if self._look_at is not None and abs(utc - self._look_at) < _LOOK_EVERY:
            return
        self._look_at = utc
        under_way = {sealing.key for sealing in self._ended} | self._hopeless
        for key in last_parts(self._shelf.files()).values():  # the parts before it stay as they are
            if months.start_of(key.month + 1) + _SEAL_AFTER <= utc and key not in under_way:
                self._ended.append(Sealing(key, self._shelf, self._promoter, self._roller))

    @property
    def due(self) -> bool:
        """Whether there is a step to do."""
        return (
            self._pruner.due or bool(self._touched or self._grown or self._ended) or self._filing_due or not self._roomy
        )

    @property
    def _filing_due(self) -> bool:
        o, disk = self._options, self._disk
        if self.hurry and disk.flushes:
            return True
        if disk.rows < self._pause_rows and disk.flushes < self._pause_flushes:
            return False
        return disk.rows >= o.compact_rows or disk.flushes >= o.compact_flushes

    def step(self) -> list[DamagedError]:
        """Does the next step; what was found damaged on the way.

        Raises:
            StoreError: the disk did not take it; nothing is lost, and it is tried again later.
        """
        if self._pruner.due:
            self._prune()
            return []
        if self._touched:
            return self._promote()
        if self._filing_due:
            return self.file()
        if self._grown:
            self._roll()
        elif self._ended:
            return self._seal()
        else:
            self._roomy = True  # a disk that refuses is asked again after the next filing, not at once
            self._roomy = not self._disk.shrink()
        return []

    def _promote(self) -> list[DamagedError]:
        """Some buckets of one file in one transaction: each commit waits for the disk."""
        key, _ = next(iter(self._touched))
        tops: list[tuple[int, int]] = []
        samples = 0
        with self._given_up_if_ruined(key):
            while samples < _STEP_SAMPLES and self._touched and next(iter(self._touched))[0] == key:
                (_, number), _ = self._touched.popitem(last=False)
                top, waiting = self._promoter.due(key, number)
                if top is not None:
                    tops.append((number, top))
                    samples += waiting
            if not tops:
                return []
            tags, damaged = self._promoter.promote(key, tops)
        self._grow(key, tags)
        return damaged

    @contextmanager
    def _given_up_if_ruined(self, key: Key) -> Iterator[None]:
        """A file that takes samples but cannot be kept in order takes no more: reads of it would become ever slower."""
        try:
            yield
        except StoreError as error:
            if is_damage(error):
                self._parts.give_up(key)
            raise

    def _grow(self, key: Key, tags: list[int]) -> None:
        if tags:
            self._grown[key] = [*dict.fromkeys([*self._grown.get(key, []), *tags])]

    def _prune(self) -> None:
        pruned = self._pruner.step()
        if pruned is not None:
            self._forget(pruned.key)
            self._parts.forget(pruned.key)
            self._on_pruned(pruned)

    def _forget(self, key: Key) -> None:
        """Further work on a deleted file would make it again; on a ruined one it would fail."""
        for touched in [touched for touched in self._touched if touched[0] == key]:
            del self._touched[touched]
        self._grown.pop(key, None)
        self._ended = deque(sealing for sealing in self._ended if sealing.key != key)
        self._hopeless.discard(key)

    def file(self) -> list[DamagedError]:
        """Files the oldest flushes of the journal, whether they are many or not.

        Raises:
            StoreError: a file did not take its part; nothing is lost.
        """
        o = self._options
        self._pause_rows, self._pause_flushes = self._disk.rows + o.compact_rows, self._disk.flushes + o.compact_flushes
        flushes, damaged = self._disk.oldest(o.compact_rows + o.flush_rows)
        if flushes:
            filed = self._compactor.compact([(row.last, batch) for row, batch in flushes])
            self._touched.update(dict.fromkeys(filed.buckets))
            for key, tags in filed.blocks.items():
                self._grow(key, tags)
            damaged += filed.damaged
            rows = [row for row, _ in flushes]
            self._disk.filed(rows)
            self._on_filed(max(row.last for row in rows))
            self._roomy = False
            if self.hurry:
                self._look_at = None  # an import of old months is sealed at once
        self._pause_rows = self._pause_flushes = 0
        for key, ruined in self._parts.begun():
            self._forget(key)
            damaged.append(ruined)
        return damaged

    def _roll(self) -> None:
        key, tags = self._grown.popitem(last=False)
        with self._given_up_if_ruined(key):
            left = self._roller.roll(key, tags)
        if left:
            self._grown[key] = list(left)

    def _seal(self) -> list[DamagedError]:
        sealing = self._ended[0]
        try:
            sealing.step()
        except StoreError as error:
            self._ended.popleft()
            if is_damage(error):
                self._hopeless.add(sealing.key)  # told once; what is sound of it reads all the same
            raise
        if sealing.done:
            self._ended.popleft()
        return sealing.damaged

    def close(self) -> None:
        """Gives the data files back."""
        self._pruner.close()
        self._shelf.close()
