"""History for people who go on in Python: arrays by tag name, with times as they have them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from hmi.core.closing import Closing
from hmi.core.errors import LinesideError
from hmi.historian.aggregates import Aggregate, AggregateConfig
from hmi.historian.api import StoreError
from hmi.historian.catalogue import Catalogue, CatalogueTag
from hmi.historian.export.aggregated import page_of_results
from hmi.historian.export.page import page_of
from hmi.historian.processed import read_processed
from hmi.historian.samples import Samples, TrendPoints, points_of, samples_of
from hmi.historian.store import open_reader
from hmi.historian.tag_names import TagNames
from hmi.historian.times import SpanLike, TimeLike, ns_of, ns_of_span


class History(Closing):
    """A store opened for reading, running or not; use it in a `with` statement. Not for several threads at once."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Opens the history folder of a station's data folder.

        Raises:
            StoreError: there is no store in it, or it cannot be read.
        """
        self._folder, self._closed = Path(folder), False
        with ExitStack() as stack:
            self._catalogue = stack.enter_context(Catalogue(self._folder, readonly=True))
            self._reader = open_reader(self._folder)
            stack.callback(self._reader.close)
            self._names = TagNames(self._catalogue)
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Gives the files back; harmless when repeated."""
        self._closed = True
        self._stack.close()

    def tags(self) -> list[CatalogueTag]:
        """Every tag that ever was, by number."""
        self._check_open()
        return self._catalogue.tags()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError(f"The history in {self._folder} is closed.", "Open it again.")

    def raw(
        self,
        tag: str | CatalogueTag,
        start: TimeLike | None = None,
        end: TimeLike | None = None,
        *,
        limit: int = 0,
        bounds: bool = False,
    ) -> Samples:
        """Stored samples by the rules of OPC UA ReadRaw, see `hmi.historian.api.Reader.read_raw`.

        `tag` is a path, a uid or one of `tags()`. All of it comes into memory: page with `limit` and `next_start`.

        Raises:
            StoreError: there is no such tag, or fewer than two of start, end and limit are given.
            LinesideError: a time is none.
        """
        name, known = self._tag(tag)
        times = [None if when is None else ns_of(when) for when in (start, end)]
        raw = self._reader.read_raw(known.id, *times, limit=limit, bounds=bounds)
        return samples_of(name, page_of(raw, is_text=known.is_text), raw.next_start)

    def processed(
        self,
        tag: str | CatalogueTag,
        start: TimeLike,
        end: TimeLike,
        interval: SpanLike,
        function: str | Aggregate,
        config: AggregateConfig | None = None,
    ) -> Samples:
        """One result for each interval by the aggregates of OPC UA Part 13, see `hmi.historian.processed`.

        `interval` is ns, `"60s"`, a timedelta, or 0 for the whole span; `function` a name such as `"TimeAverage2"`.
        Without a `config` the tag is stepped or sloped as the catalogue says.

        Raises:
            StoreError: there is no such tag.
            LinesideError: a time, the interval or the function is none, or has no meaning for this tag.
        """
        name, known = self._tag(tag)
        span = ns_of(start), ns_of(end), ns_of_span(interval)
        config = config or AggregateConfig(stepped=known.stepped)
        return samples_of(
            name, page_of_results(read_processed(self._reader, known.id, _function(function), *span, config))
        )

    def trend(
        self, tags: Sequence[str | CatalogueTag], start: TimeLike, end: TimeLike, columns: int
    ) -> dict[str, TrendPoints]:
        """What a plot of so many pixel columns needs of each tag: no extreme is lost, however long the span is. See
        `hmi.historian.api.Reader.read_trend`.

        Raises:
            StoreError: there is no such tag, the span is empty, or a tag has texts.
            LinesideError: a time is none.
        """
        known = dict(self._tag(tag) for tag in tags)
        found = self._reader.read_trend([tag.id for tag in known.values()], ns_of(start), ns_of(end), columns)
        return {name: points_of(name, found[tag.id]) for name, tag in known.items()}

    def _tag(self, tag: str | CatalogueTag) -> tuple[str, CatalogueTag]:
        """The name and the tag a caller means."""
        self._check_open()
        if isinstance(tag, CatalogueTag):
            return tag.path, tag
        if self._names.find(tag) is None:
            self._names = TagNames(self._catalogue)  # a running station may have got new ones
        return tag, self._names.get(tag, self._folder)


def _function(name: str | Aggregate) -> Aggregate:
    try:
        return Aggregate(name)
    except ValueError as error:
        raise LinesideError(f"{name!r} is no aggregate.", f"There are {', '.join(Aggregate)}.") from error
