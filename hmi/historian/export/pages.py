"""One tag's history page by page: however long it is, memory holds one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from hmi.core.batch import Int64
from hmi.core.quality import Status
from hmi.historian.api import RawPage, RawReader
from hmi.historian.catalogue import CatalogueTag
from hmi.historian.export.at_instants import at_instants
from hmi.historian.export.page import Page, page_of

PAGE_ROWS: Final = 100_000
"""Some megabytes, and large enough that the cost of a page does not count."""

_CODE: Final = np.uint32(0xFFFF0000)
"""The bits of a status that say what it is; the others tell how the value came about."""

_NEVER: Final = -(1 << 63)

Pages = Callable[[CatalogueTag], Iterator[Page]]
"""Where an export gets a tag's values from, in time order."""


def raw_pages(reader: RawReader, start: int, end: int, rows: int = PAGE_ROWS) -> Pages:
    """Every stored sample with start <= time < end (ns UTC); with start = end those at exactly that time."""

    def pages(tag: CatalogueTag) -> Iterator[Page]:
        at: int | None = start
        while at is not None:
            raw = reader.read_raw(tag.id, at, end, limit=rows)
            if len(raw.time):
                yield page_of(raw, is_text=tag.is_text)
            at = raw.next_start if raw.more else None

    return pages


def instant_pages(
    reader: RawReader, start: int, end: int, interval: int, alive: int | None, rows: int = PAGE_ROWS
) -> Pages:
    """The value at start, start + interval and so on before end (ns UTC); `alive` is when the store was last known to
    be written, see `at_instants`."""
    known_until = _NEVER if alive is None else alive

    def pages(tag: CatalogueTag) -> Iterator[Page]:
        at = start
        while at < end:
            raw = reader.read_raw(tag.id, at, end, limit=rows, bounds=True)
            # Beyond the last sample of a page that was cut, the next one is not known yet.
            until = int(raw.time[-1]) if raw.more else end
            known = page_of(_found(raw), is_text=tag.is_text)
            for instants in _grid(at, until, interval, rows):
                yield at_instants(known, instants, stepped=tag.stepped or tag.is_text, alive=known_until)
                at = int(instants[-1]) + interval

    return pages


def _grid(start: int, end: int, interval: int, rows: int) -> Iterator[Int64]:
    for first in range(start, end, interval * rows):
        yield np.arange(first, min(first + interval * rows, end), interval, dtype=np.int64)


def _found(raw: RawPage) -> RawPage:
    """A page without the rows that say that there is no sample beyond."""
    keep = (raw.status & _CODE) != Status.BAD_BOUND_NOT_FOUND
    return raw if keep.all() else RawPage(raw.time[keep], raw.value[keep], raw.status[keep], raw.text)
