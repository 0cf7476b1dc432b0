"""A page of one tag's values on its way into a file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hmi.core.batch import Float64, Int64, UInt32
from hmi.core.quality import is_bad
from hmi.historian.api import RawPage
from hmi.historian.cells.number_column import number_of


@dataclass(frozen=True, slots=True)
class Page:
    """Values of one tag in time order, columns of equal length."""

    time: Int64
    """ns since 1970 UTC."""
    value: Float64
    """Numbers; NaN in rows that have a text."""
    status: UInt32
    text: list[str | None] | None = None
    """Texts by row, None where the value is a number; None altogether when all are."""

    def __len__(self) -> int:
        return len(self.time)

    def blanked(self) -> Page:
        """The same without the values that must not be used: what is Bad has NaN and no text.

        A file is read by programs that do not look at the status; a stale number there would count in their averages.
        """
        bad = is_bad(self.status)
        if not bad.any():
            return self
        text = self.text
        if text is not None:
            text = [None if row else cell for row, cell in zip(bad.tolist(), text, strict=True)]
        return Page(self.time, np.where(bad, np.nan, self.value), self.status, text)


def page_of(raw: RawPage, *, is_text: bool) -> Page:
    """A page as the store gives it, with its texts resolved.

    The store gives numbers as texts where one page has both. Here a tag of texts has texts only, also where it held
    numbers in former times, and a tag of numbers has every number as one, so that nothing depends on where a page ends.
    """
    if not raw.text and not is_text:
        return Page(raw.time, raw.value, raw.status)
    text: list[str | None] = [_text(value, raw.text) for value in raw.value.tolist()]
    value = np.full(len(text), np.nan)
    if not is_text:
        for row, cell in enumerate(text):
            number = None if cell is None else number_of(cell)
            if number is not None:
                value[row], text[row] = number, None
    return Page(raw.time, value, raw.status, text)


def _text(value: float, text: tuple[str, ...]) -> str | None:
    if value != value:  # noqa: PLR0124 - NaN: there is no value
        return None
    return text[int(value)] if text else f"{value:.17g}"
