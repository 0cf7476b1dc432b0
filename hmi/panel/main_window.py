"""The main window: banner on top, tree at the left, the page, the status bar; a page never covers any of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QVBoxLayout, QWidget

from hmi.panel.alarms.banner import Banner
from hmi.panel.alarms.sounder import Sounder
from hmi.panel.floating import Build as BuildFaceplate
from hmi.panel.floating import Floating
from hmi.panel.guide import Guide
from hmi.panel.header import Header
from hmi.panel.help_sheet import HelpSheet
from hmi.panel.keys import bind_keys
from hmi.panel.link_bar import LinkBar
from hmi.panel.page import Context
from hmi.panel.page_stack import Build, PageStack
from hmi.panel.places import Kind
from hmi.panel.session.sign_in import SignInSheet
from hmi.panel.settings import Settings
from hmi.panel.status_bar import StatusBar
from hmi.panel.theme import DARK, LIGHT, Theme
from hmi.panel.tree import NavigationTree
from hmi.panel.watch import Watch
from hmi.panel.widgets.scale import scaled

TREE_WIDTH: Final = 224
SIZE: Final = (1366, 768)


class MainWindow(QMainWindow):
    """One panel's window; a second monitor is another panel."""

    closing = Signal()

    def __init__(
        self,
        context: Context,
        builders: Mapping[Kind, Build],
        faceplate: BuildFaceplate,
        sounder: Sounder,
        settings: Settings,
    ) -> None:
        super().__init__()
        self._context = context
        self._settings = settings
        stores, theme = context.stores, context.theme
        root, right = QWidget(self), QWidget(self)
        self._banner = Banner(stores, theme, root)
        self._link_bar = LinkBar(stores, theme, root)
        self._tree = NavigationTree(stores, theme, root)
        self._header = Header(right)
        self.pages = PageStack(context, builders, right)
        self._status = StatusBar(stores, theme, root)
        self.sign_in = SignInSheet(stores, right)
        self._help = HelpSheet(right)
        self._floating = Floating(faceplate, right)
        self._lay_out(root, right)
        self.guide = Guide(context, self.pages, self._tree, self._header, self._floating, self)
        self.watch = Watch(stores, self._banner, self._link_bar, self._tree, self._status, sounder, self)
        self._join()
        self._session = stores.session.listen(self._on_session)
        self._on_session()
        self.set_theme(theme)
        self.resize(*SIZE)
        self.restoreGeometry(settings.geometry)

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        return self._context.theme

    def set_theme(self, theme: Theme) -> None:
        """Changes every colour; what they mean stays."""
        self._context = self.guide.context = replace(self._context, theme=theme)
        self.setPalette(theme.palette())
        self.setStyleSheet(theme.stylesheet(self.font().pointSizeF()))
        for part in (self._banner, self._link_bar, self._tree, self._status):
            part.set_theme(theme)
        self.pages.set_theme(self._context, theme)
        self._floating.set_theme(self._context)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Remembers the window and lets go of everything; the station runs on."""
        self._settings.set_geometry(self.saveGeometry())
        self._session.close()
        self.guide.close()
        self.watch.close()
        self.closing.emit()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Esc, when nothing inside wanted it: closes what lies over the page."""
        if event.key() == Qt.Key.Key_Escape:
            self._escape()
        else:
            super().keyPressEvent(event)

    def _lay_out(self, root: QWidget, right: QWidget) -> None:
        self.setMinimumSize(1024, 640)
        area = QVBoxLayout(right)
        area.setContentsMargins(0, 0, 0, 0)
        area.setSpacing(0)
        area.addWidget(self._header)
        area.addWidget(self.pages, 1)
        split = QSplitter(Qt.Orientation.Horizontal, root)
        split.setChildrenCollapsible(False)
        self._tree.setMinimumWidth(scaled(self, TREE_WIDTH))
        split.setHandleWidth(1)
        split.addWidget(self._tree)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setSizes([TREE_WIDTH, SIZE[0] - TREE_WIDTH])
        column = QVBoxLayout(root)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._banner)
        column.addWidget(self._link_bar)
        column.addWidget(split, 1)
        column.addWidget(self._status)
        self.setCentralWidget(root)

    def _join(self) -> None:
        guide = self.guide
        self._banner.cause_wanted.connect(guide.show_cause)
        self._banner.list_wanted.connect(guide.show_alarms)
        self._status.sign_in_wanted.connect(self.sign_in.open_sheet)
        self._status.sign_out_wanted.connect(self._lock)
        self._status.theme_wanted.connect(self._other_theme)
        self.sign_in.closed.connect(guide.focus_page)
        bind_keys(
            self,
            {
                "help": self._help.toggle,
                "overview": guide.show_home,
                "alarm list": guide.show_alarms,
                "trend": guide.show_trend_of_selection,
                "faceplate": guide.show_faceplate_of_selection,
                "silence": self.watch.silence,
                "acknowledge selected": guide.acknowledge,
                "back": guide.back,
                "forward": guide.forward,
                "previous display": guide.previous_display,
                "next display": guide.next_display,
                "tag search": guide.search_tags,
                "lock": self._lock,
            },
        )

    def _on_session(self) -> None:
        name = self._context.stores.session.name
        self.setWindowTitle(f"{name} – Lineside" if name else "Lineside")

    def _lock(self) -> None:
        """Gives the user's rights back; the process stays visible."""
        self._context.stores.commands.sign_out(self._on_signed_out)

    def _on_signed_out(self, error: str) -> None:
        """The status bar tells by itself; an answer that never came means that the session is gone too."""

    def _escape(self) -> None:
        """Closes what lies over the page, the last one first."""
        if self._help.isVisible():
            self._help.hide()
        elif self.sign_in.isVisible():
            self.sign_in.close_sheet()
        elif not self._floating.close_top():
            self.guide.focus_page()

    def _other_theme(self) -> None:
        theme = DARK if self.theme.name == LIGHT.name else LIGHT
        self._settings.set_theme(theme)
        self.set_theme(theme)
