"""The tag page: search, live values of what is in view, and the ways to trend and faceplate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QSplitter, QVBoxLayout, QWidget

from hmi.core.rights import Action, may
from hmi.panel.page import Context, Page
from hmi.panel.stores import Binding
from hmi.panel.tags.editor import TagEditor
from hmi.panel.tags.model import TagModel
from hmi.panel.widgets.table import Table

_WIDTHS: Final = (0, 0, 108, 68, 176, 76, 62, 132)
SETTLE_MS: Final = 60
"""Scrolling must come to rest for so long before rows are read and bound."""
TYPING_MS: Final = 200
AGE_MS: Final = 1_000


class SearchLine(QLineEdit):
    """A search field that Return and Down leave for what was found."""

    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Keeps every other key."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down}:
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class TagPage(Page):
    """A list of any length; only rows in view are subscribed."""

    def __init__(self, context: Context, _name: str, parent: QWidget) -> None:
        super().__init__(context, parent)
        self.set_title("Tags")
        self._binding: Binding | None = None
        self._bound: tuple[str, ...] = ()
        self._shown = False
        self._model = TagModel(context.stores, self)
        self._table = Table(self._model, _WIDTHS, self, many=True)
        self._table.setObjectName("tagTable")
        self._table.setAccessibleName("Tags")
        self._table.set_path_column(0)
        self._table.favour(0, 1, 7, shrinking=())
        self._table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._entering = False
        self._search = SearchLine(self)
        self._search.setObjectName("search")
        self._search.setPlaceholderText("Search: words in path, description or address")
        self._search.setClearButtonEnabled(True)
        self._state = QLabel(self)
        self._state.setProperty("role", "secondary")
        self._trend = self._button("Trend  F4", self._on_trend)
        self._plate = self._button("Faceplate  F5", self._on_faceplate)
        self._edit = self._button("Edit …", self._on_edit)
        self._editor = TagEditor(context.stores, self)
        self._editor.hide()
        self._settle = self._timer(SETTLE_MS, self._bind_visible, single=True)
        self._typing = self._timer(TYPING_MS, self._on_search, single=True)
        self._ages = self._timer(AGE_MS, self._on_age, single=False)
        self._lay_out()
        self._search.textChanged.connect(self._on_typed)
        self._search.entered.connect(self._on_entered)
        self._table.activated.connect(self._on_faceplate)
        self._table.customContextMenuRequested.connect(self._on_menu)
        self._table.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self._table.selectionModel().selectionChanged.connect(self._on_selection)
        self._model.answered.connect(self._on_answered)
        self._editor.closed.connect(self._on_edit_closed)
        self._editor.saved.connect(self._on_search)
        self.setFocusProxy(self._search)
        self._on_selection()

    def on_shown(self) -> None:
        """Searches anew and binds what is in view."""
        self._shown = True
        self._ages.start()
        self._session = self.context.stores.session.listen(self._on_session)
        self._changes = self.context.stores.project.listen(self._on_search)
        self._judge_rights()
        self._on_search()

    def on_hidden(self) -> None:
        """Lets go of every value."""
        self._shown = False
        for timer in (self._ages, self._settle, self._typing):
            timer.stop()
        self._session.close()
        self._changes.close()
        self._model.cancel()
        self._release()

    def search(self, text: str) -> None:
        """Puts the cursor into the search field; a text replaces what was searched for."""
        if text:
            self._search.setText(text)
        self._search.setFocus()
        self._search.selectAll()

    def selected_paths(self) -> list[str]:
        """The selected tags in the order of the list."""
        infos = (self._model.info(row) for row in self._table.selected_rows())
        return [info.path for info in infos if info is not None]

    def is_ready(self) -> bool:
        """Whether the rows in view have their values."""
        stores = self.context.stores
        return bool(self._bound) and all(stores.values.shown(path).time for path in self._bound)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """More rows may be in view now."""
        super().resizeEvent(event)
        self._on_scrolled()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._search, 1)
        for part in (self._state, self._trend, self._plate, self._edit):
            top.addWidget(part)
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        split.addWidget(self._table)
        split.addWidget(self._editor)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(top)
        layout.addWidget(split, 1)

    def _on_typed(self) -> None:
        self._entering = False
        if self._shown:
            self._typing.start()

    def _on_entered(self) -> None:
        """From the field into the list: the first tag found is selected, also when it is still being searched for."""
        self._table.setFocus()
        if self._typing.isActive():
            self._typing.stop()
            self._on_search()
        self._entering = True
        if not self._model.waiting:
            self._enter()

    def _enter(self) -> None:
        self._entering = False
        if self._model.rowCount() and not self._table.selected_rows():
            self._table.selectRow(0)

    def _on_search(self) -> None:
        self._model.search(self._search.text().strip())
        self._state.setText("Searching …" if self._model.waiting else self._state.text())

    def _on_session(self) -> None:
        self._judge_rights()
        if self.context.stores.session.live:
            self._on_search()

    def _on_answered(self, error: str) -> None:
        words = self._search.text().strip()
        found = f"{self._model.total:,} tags".replace(",", "\u00a0")
        self._state.setText(error or (f"{found} found" if words else found))
        if self._entering:
            self._enter()
        self._table.fit_columns()
        self._on_scrolled()

    def _on_scrolled(self) -> None:
        if self._shown:
            self._settle.start()

    def _bind_visible(self) -> None:
        rows = self._table.visible_rows()
        self._model.want(rows)
        infos = (self._model.info(row) for row in rows)
        paths = tuple(info.path for info in infos if info is not None)
        if paths == self._bound:
            return
        old, self._binding = self._binding, None
        self._bound = paths
        if paths:
            self._binding = self.context.stores.values.bind(paths, self._on_values)
        if old is not None:
            old.close()
        self._model.bound(frozenset(paths))
        self._model.values_changed(rows)

    def _release(self) -> None:
        if self._binding is not None:
            self._binding.close()
        self._binding, self._bound = None, ()
        self._model.bound(frozenset())

    def _on_values(self, _changed: frozenset[str]) -> None:
        self._model.values_changed(self._table.visible_rows())

    def _on_age(self) -> None:
        self._model.values_changed(self._table.visible_rows())

    def _on_selection(self) -> None:
        some = bool(self.selected_paths())
        self._trend.setEnabled(some)
        self._plate.setEnabled(some)

    def _on_trend(self) -> None:
        self.context.navigator.open_trend(self.selected_paths()[:8])

    def _on_faceplate(self) -> None:
        paths = self.selected_paths()
        if paths:
            self.context.navigator.open_faceplate(paths[0], self)

    def _judge_rights(self) -> None:
        """Only an engineer edits; what is open stays to be looked at, the station refuses to take it."""
        allowed = may(self.context.stores.session.user_role, Action.CONFIGURE)
        self._edit.setEnabled(allowed)
        self._edit.setToolTip("" if allowed else "Sign in as an engineer to edit tags.")

    def _on_edit(self) -> None:
        """The selected tags, or all that are in view, below the list."""
        if self._editor.isVisible() and self._editor.is_dirty():
            self._editor.setFocus()
            return
        self._editor.show()
        self._editor.open_tags(self.selected_paths() or list(self._bound))

    def _on_edit_closed(self) -> None:
        self._editor.hide()
        self._table.setFocus()

    def _on_menu(self, at: QPoint) -> None:
        self.make_menu().popup(self._table.viewport().mapToGlobal(at))

    def make_menu(self) -> QMenu:
        """What can be done with the selected tags; deletes itself when closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for title, slot in (("Trend", self._on_trend), ("Faceplate", self._on_faceplate)):
            action = QAction(title, menu)
            action.setEnabled(bool(self.selected_paths()))
            action.triggered.connect(slot)
            menu.addAction(action)
        return menu

    def _timer(self, ms: int, slot: Callable[[], None], *, single: bool) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(ms)
        timer.setSingleShot(single)
        timer.timeout.connect(slot)
        return timer

    def _button(self, text: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(slot)
        return button
