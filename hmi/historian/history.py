"""History for people who go on in Python: arrays by tag name, with times as they have them."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from hmi.core.batch import Float64, UInt32
from hmi.core.errors import LinesideError
from hmi.core.quality import is_good
from hmi.historian.api import StoreError
from hmi.historian.catalogue import Catalogue, CatalogueTag
from hmi.historian.export.page import page_of
from hmi.historian.store import open_reader
from hmi.historian.tag_names import TagNames
from hmi.historian.times import TimeLike, ns_of

Times = NDArray[np.datetime64]
Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples of one tag in the order of the read; columns of equal length."""

    tag: str
    """The name it was asked by."""
    time: Times
    """datetime64[ns], UTC."""
    value: Float64
    """As stored, also what is Bad; NaN where the value is a text or none."""
    status: UInt32
    """OPC UA StatusCodes; see `hmi.core.quality`."""
    text: Texts | None = None
    """str or None by row; None altogether for a tag of numbers."""
    next_start: int | None = None
    """When the limit cut the read: what to give as start to go on (as end when reading backwards), ns UTC."""

    def __len__(self) -> int:
        return len(self.time)

    @property
    def good(self) -> NDArray[np.bool_]:
        """Rows whose value may be used as it is."""
        return is_good(self.status)

    def to_pandas(self) -> Any:
        """A DataFrame with the columns value (and text) and status, indexed by the time in UTC.

        Raises:
            LinesideError: pandas is not installed.
        """
        try:
            import pandas  # noqa: PLC0415 - no dependency: whoever has it may use it
        except ImportError as error:
            raise LinesideError("pandas is not installed.", "Run `pip install pandas`.") from error
        columns = {"value": self.value, "status": self.status}
        if self.text is not None:
            columns = {"value": self.value, "text": self.text, "status": self.status}
        index = pandas.DatetimeIndex(self.time, name="time").tz_localize("UTC")
        return pandas.DataFrame(columns, index=index)


class History:
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

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
        self._check_open()
        known = tag if isinstance(tag, CatalogueTag) else self._find(tag)
        times = [None if when is None else ns_of(when) for when in (start, end)]
        raw = self._reader.read_raw(known.id, *times, limit=limit, bounds=bounds)
        page = page_of(raw, is_text=known.is_text)
        text = None if page.text is None else np.array(page.text, object)
        name = tag.path if isinstance(tag, CatalogueTag) else tag
        return Samples(name, page.time.view("datetime64[ns]"), page.value, page.status, text, raw.next_start)

    def _find(self, name: str) -> CatalogueTag:
        if self._names.find(name) is None:
            self._names = TagNames(self._catalogue)  # a running station may have got new ones
        return self._names.get(name, self._folder)
