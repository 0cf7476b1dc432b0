"""The tag list: as long as the directory, but only the pages somebody looks at are ever read.

A list of 100,000 tags costs as much as the few pages in view: rows are blank until their page arrives.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from hmi.core.quality import status_name
from hmi.link.messages import Failed, TagInfo, TagPage
from hmi.panel.painting.words import value_text
from hmi.panel.stores import Stores
from hmi.panel.stores.requests import Request
from hmi.panel.widgets.headed_model import HeadedModel
from hmi.panel.widgets.table import Index
from hmi.panel.widgets.texts import age_text, time_text

PAGE: Final = 200
"""Tags a question."""
KEPT: Final = 40
"""Pages remembered; the ones looked at longest ago are forgotten."""

HEADS: Final = ("Path", "Description", "Value", "Unit", "Quality", "Time", "Age", "Source")
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TagModel(HeadedModel):
    """What a search found, with live values for the rows that are bound."""

    answered = Signal(str)
    """A page came (empty), or the sentence why it did not."""

    def __init__(self, stores: Stores, parent: QObject) -> None:
        super().__init__(HEADS, parent)
        self._stores = stores
        self._text = ""
        self._total = 0
        self._pages: OrderedDict[int, list[TagInfo]] = OrderedDict()
        self._asked: dict[int, Request] = {}
        self._bound: frozenset[str] = frozenset()

    @property
    def total(self) -> int:
        """How many tags the search found."""
        return self._total

    @property
    def waiting(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._asked)

    def search(self, text: str) -> None:
        """Begins anew with the tags that contain all words of `text`; empty: all tags."""
        self.cancel()
        self._text = text
        self._ask(0, fresh=True)

    def cancel(self) -> None:
        """Drops every question under way."""
        for request in self._asked.values():
            request.cancel()
        self._asked.clear()

    def want(self, rows: range) -> None:
        """These rows are in view: read their pages if they are not known."""
        for page in range(rows.start // PAGE, (max(rows.stop, 1) - 1) // PAGE + 1):
            if page * PAGE < self._total and page not in self._pages and page not in self._asked:
                self._ask(page)

    def info(self, row: int) -> TagInfo | None:
        """The tag of a row; None while its page is not known."""
        page = self._pages.get(row // PAGE)
        at = row % PAGE
        return page[at] if page is not None and at < len(page) else None

    def bound(self, paths: frozenset[str]) -> None:
        """Which rows have live values from now on."""
        self._bound = paths

    def values_changed(self, rows: range) -> None:
        """Live values, or their ages, of these rows are other ones now."""
        if len(rows):
            self.dataChanged.emit(self.index(rows.start, 2), self.index(rows.stop - 1, 6))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's signature
        """As many rows as the search found tags."""
        return 0 if parent.isValid() else self._total

    def data(self, index: Index, role: int = 0) -> object:
        """A cell."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() in (2, 6) else None
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        info = self.info(index.row())
        if info is None:
            return "…" if index.column() == 0 else None
        return self._cell(info, index.column()) or None

    def _cell(self, info: TagInfo, column: int) -> str:
        match column:
            case 0:
                return info.path
            case 1:
                return info.description
            case 3:
                return info.unit
            case 7:
                return f"{info.source}  {info.address}".strip()
        return self._live_cell(info, column) if info.path in self._bound else ""

    def _live_cell(self, info: TagInfo, column: int) -> str:
        shown = self._stores.values.shown(info.path)
        session = self._stores.session
        now = session.station_utc()
        if column == 2:
            return value_text(shown._replace(info=info))
        if column == 4:
            return status_name(shown.status)
        if not shown.time:
            return ""
        return time_text(shown.time, session.time_zone, now) if column == 5 else age_text(now - shown.time)

    def _ask(self, page: int, *, fresh: bool = False) -> None:
        def answer(found: TagPage | Failed) -> None:
            self._asked.pop(page, None)
            if isinstance(found, Failed):
                self.answered.emit(found.reason)
            else:
                self._learn(page, found, fresh=fresh)

        request = self._stores.directory.find(self._text, page * PAGE, PAGE, answer)
        if request.waiting:
            self._asked[page] = request

    def _learn(self, page: int, found: TagPage, *, fresh: bool) -> None:
        if fresh or found.total != self._total:
            self.beginResetModel()
            self._pages.clear()
            self._total = found.total
            self.endResetModel()
        self._pages[page] = found.tags
        self._pages.move_to_end(page)
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)
        if found.tags:
            first = page * PAGE
            last = min(first + len(found.tags), self._total) - 1
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(HEADS) - 1))
        self.answered.emit("")
