"""Where the hole ends that a ruined data file leaves in its month: a later part knows what it has all of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from hmi.historian import meta_table, months, part_table
from hmi.historian.api import StoreError
from hmi.historian.files import Key
from hmi.historian.sqlite import Connection, Error, is_damage

Connect = Callable[[Key], Connection]
"""Opens a data file.

Raises:
    StoreError: it cannot be read.
"""


def lost_until(connect: Connect, keys: Sequence[Key], key: Key, tag: int) -> int:
    """The last ns of a ruined file's month at which a sample of a tag may be lost with it; `keys` are the files there
    are. Before the month's first ns when the tag had none in it.

    Raises:
        Error: a later part cannot be read now.
        StoreError: the same.
    """
    last = months.start_of(key.month + 1) - 1
    for connection in _later(connect, keys, key):
        try:
            known = part_table.lost_until(connection, tag)
        except Error as error:
            if not is_damage(error):
                raise
            continue
        return last if known is None else min(known, last)
    return last


def missing_from(connect: Connect, keys: Sequence[Key], key: Key) -> int | None:
    """From which ns on a readable file lacks samples, because an older copy of it was put in its place; None = it
    lacks none.

    Raises:
        Error: it cannot be read.
        StoreError: the same.
    """
    after = replace(key, part=key.part + 1)
    if after not in keys:
        return None
    try:
        follows = part_table.follows(connect(after))
    except (Error, StoreError) as error:
        if not is_damage(error):
            raise
        return None
    own = connect(key)
    if (meta_table.get(own, "applied") or 0) >= follows:
        return None
    newest = meta_table.get(own, "time_max")
    return months.start_of(key.month) if newest is None else newest + 1


def _later(connect: Connect, keys: Sequence[Key], key: Key) -> Iterator[Connection]:
    """The later parts that can be opened."""
    for part in keys:
        if (part.month, part.group) == (key.month, key.group) and part.part > key.part:
            try:
                yield connect(part)
            except StoreError as error:
                if not is_damage(error):
                    raise
