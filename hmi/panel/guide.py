"""The guide: brings the person to the page that a key, the tree, the banner or another page asks for."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from hmi.core.check import OWN_PATH
from hmi.panel.floating import Floating
from hmi.panel.header import Header
from hmi.panel.page import Context, Page
from hmi.panel.page_stack import PageStack
from hmi.panel.places import Kind, Place, Trail
from hmi.panel.stores import Link
from hmi.panel.tree import NavigationTree


class Guide(QObject):
    """Knows where the person is and was; pages only say where to go (the navigator)."""

    def __init__(
        self,
        context: Context,
        pages: PageStack,
        tree: NavigationTree,
        header: Header,
        floating: Floating,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self._pages, self._tree, self._header, self._floating = pages, tree, header, floating
        self._trail = Trail()
        self._front: Place | None = None
        self._revision = ""
        navigator = context.navigator
        for signal, slot in (
            (navigator.display_wanted, self.show_display),
            (navigator.trend_wanted, self.show_trend),
            (navigator.alarm_list_wanted, self.show_alarms),
            (navigator.diagnostics_wanted, self.show_diagnostics),
            (navigator.faceplate_wanted, self.show_faceplate),
            (navigator.cause_wanted, self.show_cause),
            (navigator.back_wanted, self.back),
            (navigator.forward_wanted, self.forward),
            (header.back_wanted, self.back),
            (header.forward_wanted, self.forward),
            (tree.wanted, self.go),
        ):
            signal.connect(slot)
        self._bindings = [
            context.stores.atlas.listen(self._on_atlas),
            context.stores.session.listen(self._on_session),
        ]

    @property
    def page(self) -> Page | None:
        """The page in front."""
        return self._pages.page

    def go(self, place: Place) -> None:
        """Shows a place and remembers the way."""
        self._trail.visit(place)
        self._show(place)

    def show_display(self, name: str = "") -> None:
        """Shows a display, the station's first one without a name."""
        wanted = name or self._home()
        if wanted:
            self.go(Place(Kind.DISPLAY, wanted))

    def show_home(self) -> None:
        """Shows the overview."""
        self.show_display()

    def show_trend(self, paths: list[str] | None = None) -> None:
        """Shows the trend page, with these pens if any."""
        self.go(Place(Kind.TREND))
        page = self.page
        set_pens = getattr(page, "set_pens", None)
        if paths and set_pens is not None:
            set_pens(list(paths))

    def show_alarms(self) -> None:
        """Shows the alarm list."""
        self.go(Place(Kind.ALARMS))
        self.focus_page()

    def show_diagnostics(self) -> None:
        """Shows how the station is."""
        self.go(Place(Kind.DIAGNOSTICS))

    def show_faceplate(self, path: str, anchor: QWidget) -> None:
        """Opens a faceplate beside its symbol."""
        self._floating.open(self.context, path, anchor)

    def show_cause(self, alarm: str) -> None:
        """Shows an alarm's cause: its display, the diagnostics for the station itself, else its tag's trend."""
        row = self.context.stores.alarms.get(alarm)
        if row is None:
            self.show_alarms()
            return
        name = self.context.stores.atlas.display_of(row)
        if name:
            self.show_display(name)
        elif row.path.startswith(OWN_PATH):
            self.show_diagnostics()
        else:
            self.show_trend([row.path])

    def show_trend_of_selection(self) -> None:
        """Trends what is selected on the page."""
        self.show_trend(self.page.selected_paths() if self.page is not None else [])

    def show_faceplate_of_selection(self) -> None:
        """Opens the faceplate of what is selected on the page."""
        page = self.page
        paths = page.selected_paths() if page is not None else []
        if page is not None and paths:
            self.show_faceplate(paths[0], page)

    def search_tags(self) -> None:
        """Goes to the search field of the tag list."""
        self.go(Place(Kind.TAGS))
        search = getattr(self.page, "search", None)
        if search is not None:
            search("")

    def acknowledge(self) -> None:
        """Acknowledges what is selected in the alarm list; from elsewhere it only goes there."""
        acknowledge = getattr(self.page, "acknowledge_selected", None)
        if acknowledge is not None:
            acknowledge()
        else:
            self.show_alarms()

    def next_display(self) -> None:
        """To the next display of the same parent."""
        self._sibling(1)

    def previous_display(self) -> None:
        """To the display before, of the same parent."""
        self._sibling(-1)

    def back(self) -> None:
        """To the page before."""
        self._show_if(self._trail.back())

    def forward(self) -> None:
        """To the page left by `back`."""
        self._show_if(self._trail.forward())

    def focus_page(self) -> None:
        """Gives the keyboard to the page."""
        if self.page is not None:
            self.page.setFocus()

    def close(self) -> None:
        """Lets go of the stores and of the pages."""
        for binding in self._bindings:
            binding.close()
        self._floating.close_all()
        self._pages.close_pages()

    def _show_if(self, place: Place | None) -> None:
        if place is not None:
            self._show(place)

    def _show(self, place: Place) -> None:
        if place != self._front:
            self._floating.close_unpinned()
        self._front = place
        page = self._pages.show_place(place)
        self._tree.show_place(place)
        title = self.context.stores.atlas.title(place.name) if place.kind is Kind.DISPLAY else page.title
        self._header.show_page(title, back=self._trail.can_go_back, forward=self._trail.can_go_forward)

    def _sibling(self, by: int) -> None:
        here = self._trail.here
        if here is None or here.kind is not Kind.DISPLAY:
            return
        row = self.context.stores.atlas.siblings(here.name)
        if here.name in row:
            self.show_display(row[(row.index(here.name) + by) % len(row)])

    def _home(self) -> str:
        """The display shown first: the station's choice, else the first there is."""
        atlas, home = self.context.stores.atlas, self.context.stores.session.home
        names = [d.name for d in atlas.displays]
        return home if home in names else names[0] if names else ""

    def _on_atlas(self) -> None:
        """Displays became known: begin with the first; another project means other displays."""
        revision = self.context.stores.session.revision
        if self._revision and revision != self._revision:
            self._pages.forget_displays()
        self._revision = revision
        here = self._trail.here
        if here is None:
            self.show_home()
        elif self.page is None or here.kind is Kind.DISPLAY:
            self._show(here)

    def _on_session(self) -> None:
        if self.context.stores.session.link in (Link.LOST, Link.REFUSED):
            self._floating.close_all()
