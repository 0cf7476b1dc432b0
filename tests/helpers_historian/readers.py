"""Readers that tell less of a store than there is, and remember how much was read at once."""

from hmi.historian.api import RawPage
from hmi.historian.reader import StoreReader
from hmi.historian.rollup.hours import Hours


class SamplesAlone:
    """A reader that has samples alone, and remembers the most that were read at once."""

    def __init__(self, reader: StoreReader) -> None:
        self._reader = reader
        self.largest = 0

    def read_raw(
        self, tag: int, start: int | None, end: int | None, *, limit: int = 0, bounds: bool = False
    ) -> RawPage:
        page = self._reader.read_raw(tag, start, end, limit=limit, bounds=bounds)
        self.largest = max(self.largest, len(page.time))
        return page


class SamplesAndHours(SamplesAlone):
    """A reader that has hours too."""

    def hours(self, tag: int, first_day: int, last_day: int) -> Hours:
        return self._reader.hours(tag, first_day, last_day)
