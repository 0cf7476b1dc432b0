"""Search: finds a tag by words of its path or description and offers it as a pen."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QStringListModel, Qt, QTimer, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from hmi.link.messages import Failed, TagPage
from hmi.panel.stores import Stores
from hmi.panel.stores.requests import Request

WAIT_MS: Final = 200
FOUND: Final = 30


class TagSearch(QLineEdit):
    """Type, choose, and the tag is a pen."""

    chosen = Signal(str)

    def __init__(self, stores: Stores, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = stores
        self._request: Request | None = None
        self._model = QStringListModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setCompleter(self._completer)
        self.setPlaceholderText("Add a pen: search tags")
        self.setAccessibleName("Add a pen: search tags")
        self.setMinimumWidth(190)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.timeout.connect(self.search)
        self.textEdited.connect(self._typed)
        self._completer.activated.connect(self._chosen)  # the signal of texts, not of indexes, is the default
        self.returnPressed.connect(self._entered)

    def close_search(self) -> None:
        """The page is hidden."""
        self._wait.stop()
        if self._request is not None:
            self._request.cancel()
            self._request = None

    def search(self) -> None:
        """Asks the station."""
        self._wait.stop()
        if self._request is not None:
            self._request.cancel()
        text = self.text().strip()
        if text:
            self._request = self._stores.directory.find(text, 0, FOUND, self._found)

    def _typed(self, _text: str) -> None:
        self._wait.start(WAIT_MS)

    def _found(self, answer: TagPage | Failed) -> None:
        self._request = None
        if not isinstance(answer, TagPage):
            return
        self._model.setStringList([info.path for info in answer.tags if info.type != "string"])
        if self.hasFocus():
            self._completer.complete()

    def _entered(self) -> None:
        """Enter takes a path that was typed in full, or the only one found."""
        paths = self._model.stringList()
        text = self.text().strip()
        if text in paths or len(paths) == 1:
            self._chosen(text if text in paths else paths[0])

    def _chosen(self, path: str) -> None:
        self.chosen.emit(path)
        QTimer.singleShot(0, self, self.clear)
