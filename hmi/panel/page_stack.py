"""The display area: one page in front, the others at rest until somebody comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QStackedWidget, QWidget

from hmi.panel.page import Context, Page
from hmi.panel.places import Kind, Place
from hmi.panel.theme import Theme

Build = Callable[[Context, str, QWidget], Page]


class PageStack(QStackedWidget):
    """Makes pages when they are first wanted; only the one in front works."""

    def __init__(self, context: Context, builders: Mapping[Kind, Build], parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._builders = builders
        self._pages: dict[Place, Page] = {}

    @property
    def page(self) -> Page | None:
        """The page in front."""
        page = self.currentWidget()
        return page if isinstance(page, Page) else None

    def show_place(self, place: Place) -> Page:
        """Brings a page to the front."""
        page = self._pages.get(place)
        if page is None:
            page = self._pages[place] = self._builders[place.kind](self._context, place.name, self)
            self.addWidget(page)
        before = self.page
        if before is not page or not page.property("working"):
            if before is not None and before is not page:
                self._rest(before)
            self.setCurrentWidget(page)
            page.setProperty("working", True)
            page.on_shown()
        return page

    def set_theme(self, context: Context, theme: Theme) -> None:
        """Other colours for every page, made and to be made."""
        self._context = context
        for page in self._pages.values():
            page.on_theme(theme)

    def forget_displays(self) -> None:
        """Drops every display page: the station runs another project. The one in front is dropped too."""
        for place in [p for p in self._pages if p.kind is Kind.DISPLAY]:
            page = self._pages.pop(place)
            self._rest(page)
            self.removeWidget(page)
            page.deleteLater()

    def close_pages(self) -> None:
        """The window goes: let the page in front let go of what it holds."""
        if self.page is not None:
            self._rest(self.page)

    def _rest(self, page: Page) -> None:
        if page.property("working"):
            page.setProperty("working", False)
            page.on_hidden()
