"""Trend page: up to eight pens, live and history seamless in one plot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import tzinfo
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from hmi.core.instants import SECOND
from hmi.core.trend import m4
from hmi.panel.page import Context, Page
from hmi.panel.painting.strip import held_to_now
from hmi.panel.painting.words import clock_text, zone_of
from hmi.panel.stores import Binding
from hmi.panel.theme import Theme
from hmi.panel.trends.feed import PenFeed
from hmi.panel.trends.legend import Legend
from hmi.panel.trends.pens import MOST, Pen, free_style, scales
from hmi.panel.trends.plot import TrendPlot
from hmi.panel.trends.toolbar import Toolbar
from hmi.panel.trends.view import View

DRAW_MS: Final = 500
READ_MS: Final = 150
"""A hand on the wheel asks once it rests."""
START: Final = 3600 * SECOND


class TrendPage(Page):
    """Pens, plot, legend and tools; pens stay when the page is left."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, parent)
        self.pens: list[Pen] = []
        self.view = View(0, START)
        self._feeds: dict[str, PenFeed] = {}
        self._bindings: list[Binding] = []
        self._selected = ""
        self._cursor = -1.0
        self._by_unit = True
        self._shown_now = False
        self.toolbar = Toolbar(context.stores, self)
        self.plot = TrendPlot(context.theme, self)
        self.legend = Legend(context.theme, self)
        self.notice = QLabel(self)
        self.notice.setWordWrap(True)
        self.notice.setContentsMargins(12, 2, 12, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(self.notice)
        column.addWidget(self.plot, 1)
        column.addWidget(self.legend)
        self._draw_timer = self._timer(DRAW_MS, single=False)
        self._draw_timer.timeout.connect(self._tick)
        self._read_timer = self._timer(READ_MS, single=True)
        self._read_timer.timeout.connect(self._read_all)
        self._soon = self._timer(0, single=True)
        self._soon.timeout.connect(self.draw)
        self._join()
        self.set_title("Trend")
        self._tell()

    # ---- for the panel ----

    def set_pens(self, paths: Iterable[str]) -> None:
        """Shows these tags, at most eight; none: the trend stays as it is."""
        wanted = list(dict.fromkeys(paths))
        if not wanted:
            return
        for pen in self.pens:
            self._drop(pen.path)
        self.pens = []
        for path in wanted[:MOST]:
            self._append(path)
        self._pens_changed()

    def add_pen(self, path: str) -> None:
        """One more tag, if there is room."""
        if any(pen.path == path for pen in self.pens):
            return
        if len(self.pens) >= MOST:
            self._tell(f"A trend shows at most {MOST} pens: remove one first.")
            return
        self._append(path)
        self._pens_changed()

    def remove_pen(self, path: str) -> None:
        """Takes a tag off."""
        self._drop(path)
        self.pens = [pen for pen in self.pens if pen.path != path]
        self._pens_changed()

    def selected_paths(self) -> list[str]:
        """The selected pen."""
        return [self._selected] if self._selected else []

    def on_shown(self) -> None:
        """Binds, reads and follows."""
        self._shown_now = True
        stores = self.context.stores
        if not self.view.start:
            self._set_view(View(self._now() - START, self._now()))
        self._bindings = [stores.session.listen(self._session_changed)]
        self._bind_values()
        for feed in self._feeds.values():
            feed.open()
        self._draw_timer.start()
        self._read_timer.start()

    def on_hidden(self) -> None:
        """Lets go of everything; pens and view stay."""
        self._shown_now = False
        for binding in self._bindings:
            binding.close()
        self._bindings = []
        for feed in self._feeds.values():
            feed.close()
        self.toolbar.search.close_search()
        for timer in (self._draw_timer, self._read_timer, self._soon):
            timer.stop()

    def on_theme(self, theme: Theme) -> None:
        """Other colours."""
        super().on_theme(theme)
        self.plot.set_theme(theme)
        self.legend.set_theme(theme, self.pens)
        if self._shown_now:  # else it is drawn when somebody comes
            self.draw()

    def is_ready(self) -> bool:
        """Whether every pen has its history."""
        waits = self._read_timer.isActive() or any(not feed.settled for feed in self._feeds.values())
        return not waits and all(pen.info is not None for pen in self.pens)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Another number of columns."""
        super().resizeEvent(event)
        if self._shown_now:
            self._read_timer.start()

    # ---- drawing ----

    def draw(self) -> None:
        """Draws the view as it is now."""
        self.view = self.view.follow(self._now())
        values = self.context.stores.values
        shown = {pen.path: values.shown(pen.path) for pen in self.pens}
        for pen in self.pens:
            pen.info = shown[pen.path].info
            whole = pen.tape.whole() if self.view.live else pen.tape.history
            if self.view.live or (len(whole) and whole.time[-1] >= shown[pen.path].time):  # else: more than was read
                whole = held_to_now(whole, min(self.view.end, self._now()), shown[pen.path])
            pen.drawn = m4(whole, self.view.start, self.view.end, self.plot.columns)
        selected = next((pen for pen in self.pens if pen.path == self._selected), None)
        zone = zone_of(self.context.stores.session.time_zone)
        self.plot.draw(self.pens, selected, scales(self.pens, by_unit=self._by_unit), self.view, zone)
        cursor = self.view.time_at(self._cursor) if self._cursor >= 0 else None
        self.legend.show_values(self.pens, shown, cursor, clock_text(cursor, zone, date=False) if cursor else "")
        self.toolbar.show_view(self.view, self._span_text(zone))

    def _span_text(self, zone: tzinfo) -> str:
        """The window, short enough for the smallest screen; each end has its date when they differ."""
        start, end = (clock_text(time, zone)[:19] for time in (self.view.start, self.view.end))
        if start[:10] != end[:10]:
            return f"{start[:16]} \u2013 {end[5:16] if start[:4] == end[:4] else end[:16]}"
        return f"{start} \u2013 {end[11:]}"

    def _tick(self) -> None:
        if self.view.live:
            self.draw()

    # ---- view ----

    def _set_view(self, view: View) -> None:
        if view == self.view:
            return
        self.view = view
        self._soon.start()
        if self._shown_now:
            self._read_timer.start()

    def _preset(self, length: int) -> None:
        self._set_view(self.view.preset(length, self._now()))

    def _zoom(self, factor: float, at: float = 0.5) -> None:
        self._set_view(self.view.zoomed(factor, at, self._now()))

    def _scroll(self, share: float) -> None:
        self._set_view(self.view.scrolled(share, self._now()))

    def _live(self, live: bool) -> None:
        self._set_view(replace(self.view, live=True).follow(self._now()) if live else self.view.paused())

    def _go_live(self) -> None:
        self._live(True)

    def _toggle(self) -> None:
        self._live(not self.view.live)

    def _move_cursor(self, share: float) -> None:
        self._cursor = share
        self.plot.set_cursor(share)
        self._soon.start()

    def _share_scales(self, shared: bool) -> None:
        self._by_unit = shared
        self.draw()

    def _select(self, path: str) -> None:
        self._selected = path
        self._soon.start()

    # ---- pens ----

    def _append(self, path: str) -> None:
        pen = Pen(path, free_style(self.pens))
        self.pens.append(pen)
        feed = self._feeds[path] = PenFeed(self.context.stores, pen, self._soon.start)
        if self._shown_now:
            feed.open()

    def _drop(self, path: str) -> None:
        feed = self._feeds.pop(path, None)
        if feed is not None:
            feed.close()

    def _pens_changed(self) -> None:
        if not any(pen.path == self._selected for pen in self.pens):
            self._selected = self.pens[0].path if self.pens else ""
        self.legend.set_pens(self.pens)
        self._tell()
        if self._shown_now:
            self._bind_values()
            self._read_timer.start()
            self._soon.start()

    def _bind_values(self) -> None:
        """One binding for the live column of the legend."""
        for binding in self._bindings[1:]:
            binding.close()
        del self._bindings[1:]
        if self.pens:
            paths = [pen.path for pen in self.pens]
            self._bindings.append(self.context.stores.values.bind(paths, self._values_changed))

    def _values_changed(self, paths: frozenset[str]) -> None:
        """Values are drawn with the next tick; a tag that was just resolved at once."""
        values = self.context.stores.values
        if any(pen.path in paths and pen.info is not values.shown(pen.path).info for pen in self.pens):
            self._tell()
            self._soon.start()

    def _session_changed(self) -> None:
        if self.context.stores.session.live:
            self._read_timer.start()
        self._soon.start()

    def _read_all(self) -> None:
        """History of every pen for the view."""
        now = self._now()
        if not now:
            return
        self.view = self.view.follow(now)
        for feed in self._feeds.values():
            feed.read(self.view, self.plot.columns)

    # ---- inside ----

    def _tell(self, sentence: str = "") -> None:
        values = self.context.stores.values
        unknown = [pen.path for pen in self.pens if values.shown(pen.path).unknown]
        if unknown:
            sentence = f"The station does not know the tag {unknown[0]}."
        if not self.pens:
            sentence = "No pens yet: search a tag at the top right, or press F4 on a value of a display."
        self.notice.setText(sentence)
        self.notice.setVisible(bool(sentence))

    def _now(self) -> int:
        return self.context.clock()

    def _timer(self, interval: int, *, single: bool) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval)
        timer.setSingleShot(single)
        return timer

    def _join(self) -> None:
        self.toolbar.preset_wanted.connect(self._preset)
        self.toolbar.live_wanted.connect(self._live)
        self.toolbar.scroll_wanted.connect(self._scroll)
        self.toolbar.zoom_wanted.connect(self._zoom)
        self.toolbar.shared_wanted.connect(self._share_scales)
        self.toolbar.search.chosen.connect(self.add_pen)
        self.plot.zoom_wanted.connect(self._zoom)
        self.plot.scroll_wanted.connect(self._scroll)
        self.plot.cursor_moved.connect(self._move_cursor)
        self.plot.live_wanted.connect(self._go_live)
        self.plot.pause_wanted.connect(self._toggle)
        self.legend.selected.connect(self._select)
        self.legend.remove_wanted.connect(self.remove_pen)
