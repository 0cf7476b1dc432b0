"""Deleting months: what each tag was last is carried over first, so that an old setpoint still has its value.

Carried values are on the disk before their month goes. What was cut off in between is done again and comes to the same.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from hmi.core.instants import SECOND
from hmi.core.project import Retention
from hmi.historian import holes, meta_table, months
from hmi.historian.api import StoreError
from hmi.historian.carry import Carry
from hmi.historian.files import Key, carry_path, missing, set_aside, size_of, sizes, sweep
from hmi.historian.lasts import lasts
from hmi.historian.library import Library
from hmi.historian.retention import expired
from hmi.historian.shelf import Shelf
from hmi.historian.sqlite import Connection, Error, close, connect_reader, explain, is_damage

_EVERY: Final = 3600 * SECOND


@dataclass(frozen=True, slots=True)
class Pruned:
    """A month that was deleted."""

    key: Key
    samples: int | None
    """None: the file was too damaged to tell."""
    bytes: int

    def __str__(self) -> str:
        """The sentence for a person."""
        samples = "an unknown number of samples" if self.samples is None else f"{self.samples:,} samples"
        return f"Retention deleted {self.key} ({samples}, {self.bytes:,} bytes)."


def prune(shelf: Shelf, keys: Iterable[Key]) -> list[Pruned]:
    """Deletes months, oldest first; harmless when repeated, also after it was cut off at any point.

    Raises:
        StoreError: the disk does not give or take something; the months before are gone.
    """
    steps = prune_steps(shelf, sorted(keys))
    return [step for step in steps if step is not None]


def prune_steps(shelf: Shelf, keys: Iterable[Key]) -> Generator[Pruned | None, None, None]:
    """The same in steps short enough that no flush waits for one; a month comes with the step that deleted it.

    Raises:
        StoreError: see `prune`.
    """
    try:
        sweep(shelf.folder)
        for _, parts in groupby(sorted(keys), key=lambda key: (key.month, key.group)):
            yield from _whole_month(shelf, [key for key in parts if key.path(shelf.folder).exists()])
    except OSError as error:
        raise StoreError(f"{error.filename} cannot be deleted: {error.strerror}.", "Check its rights.") from error


def _whole_month(shelf: Shelf, parts: list[Key]) -> Generator[Pruned | None, None, None]:
    """Carries over what all parts say before any goes: a ruined one is known by those after it. Those that cannot be
    read go first, and of the others the first one last: after a crash in between it would be taken for a ruined one."""
    samples: dict[Key, int | None] = {}
    for key in sorted([*parts, *missing(parts)]):
        samples[key] = yield from _carried(key, shelf)
    gone: list[Pruned] = []
    ruined = [key for key in parts if samples[key] is None]
    sound = [key for key in reversed(parts) if samples[key] is not None]
    for key in (
        ruined + sound
    ):  # no step ends in between: late samples could be filed in the last part after it was carried
        gone.append(Pruned(key, samples[key], size_of(key.path(shelf.folder))))
        shelf.delete(key)
    yield from gone


def _carried(key: Key, shelf: Shelf) -> Generator[None, None, int | None]:
    """Carries what each tag was last, into a new file when the one with carried values is broken itself."""
    path = carry_path(shelf.folder, key.group)
    try:
        return (yield from _carry_into(path, key, shelf))
    except StoreError as error:
        if not is_damage(error):
            raise
        set_aside(path)
    return (yield from _carry_into(path, key, shelf))


def _carry_into(path: Path, key: Key, shelf: Shelf) -> Generator[None, None, int | None]:
    carry = Carry(path)
    try:
        return (yield from _carry_over(key, shelf, carry))
    finally:
        carry.close()


def _carry_over(key: Key, shelf: Shelf, carry: Carry) -> Generator[None, None, int | None]:
    """Carries what each tag was last; gives the samples of the month, None when it cannot be read."""
    library = Library(shelf.folder)
    try:
        samples, lacking = yield from _carry_readable(key, shelf.folder, library, carry)
        if lacking is not None:
            yield from _lose(key, library, carry, lacking)
    except Error as error:
        raise explain(error, key.path(shelf.folder)) from error
    finally:
        library.close()
    return samples


def _carry_readable(
    key: Key, folder: Path, library: Library, carry: Carry
) -> Generator[None, None, tuple[int | None, int | None]]:
    """Also from which time (ns UTC) on samples are lost: from the month's first when the file cannot be read, from its
    end when it is an older copy; None when it lacks none."""
    path = key.path(folder)
    ruined = None, months.start_of(key.month)
    if not path.exists():
        return ruined
    try:
        source = connect_reader(path)
    except StoreError as error:
        if not is_damage(error):
            raise
        return ruined
    try:
        samples = yield from _while_filed(source, carry)
        keys = library.files()
        return samples, holes.missing_from(lambda k: source if k == key else library.connection(k), keys, key)
    except Error as error:  # those of carry.db come as sentences
        if not is_damage(error):
            raise
        return ruined
    finally:
        close(source)


def _lose(key: Key, library: Library, carry: Carry, lacking: int) -> Iterator[None]:
    """What tags were before the end of a file's hole is not known any more."""
    keys, end = library.files(), months.start_of(key.month + 1)
    yield from carry.lose(lacking, end, lambda tag: holes.lost_until(library.connection, keys, key, tag))


def _while_filed(source: Connection, carry: Carry) -> Generator[None, None, int]:
    """Late samples may be filed between two steps: then the whole file is looked through again."""
    applied: int | None = -1
    while (now := meta_table.get(source, "applied")) != applied:
        applied = now
        for samples in lasts(source):
            carry.put(samples)
            yield
    return meta_table.get(source, "samples") or 0


class Pruner:
    """Retention as the writer of a store carries it out, a step at a time between flushes."""

    def __init__(self, shelf: Shelf, policies: Mapping[str, Retention]) -> None:
        self._shelf, self._policies = shelf, policies
        self._looked: int | None = None
        self._steps: Generator[Pruned | None, None, None] | None = None

    def look(self, utc: int) -> None:
        """Makes a step due once an hour: whether months have expired by now (ns UTC).

        The oldest of each group goes, and the next one an hour later: a clock that is set wrong must not cost the whole
        history before somebody sees it.
        """
        if not self._policies or (self._looked is not None and 0 <= utc - self._looked < _EVERY):
            return
        self._looked = utc
        if self._steps is None:
            self._steps = self._run(utc)

    def _run(self, utc: int) -> Generator[Pruned | None, None, None]:
        keys = expired(sizes(self._shelf.folder), self._policies, utc)
        oldest = {key.group: key.month for key in reversed(keys)}
        yield from prune_steps(self._shelf, [key for key in keys if key.month == oldest[key.group]])

    @property
    def due(self) -> bool:
        """Whether there is a step to do."""
        return self._steps is not None

    def step(self) -> Pruned | None:
        """Does the next step; a month that it deleted.

        Raises:
            StoreError: the disk does not give or take something; it is tried again at the next look.
        """
        if self._steps is None:
            return None
        try:
            return next(self._steps)
        except StopIteration:
            self._steps = None
            return None
        except OSError as error:
            self._steps = None
            raise StoreError(f"{error.filename} cannot be read: {error.strerror}.", "Check the disk.") from error
        except StoreError:
            self._steps = None
            raise

    def close(self) -> None:
        """Gives the files back."""
        if self._steps is not None:
            self._steps.close()
