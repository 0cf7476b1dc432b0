"""Display page: asks the station for a document, shows it, and leads from its symbols to everything else."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from hmi.core.display import DisplayError, decode_display
from hmi.core.element import AlarmSummary, Button, Link, LinkState, Machine, Trend, Unknown
from hmi.link.messages import CommandResult
from hmi.panel.displays.canvas import Canvas
from hmi.panel.displays.symbols.button import one_click
from hmi.panel.displays.symbols.table import symbol_table
from hmi.panel.page import Context, Page
from hmi.panel.stores import Binding
from hmi.panel.stores.requests import Request
from hmi.panel.theme import Theme

NOTE_MS: Final = 6000
"""How long a button says that its command is done or was refused."""
_NOTES: Final = {"sent": "Sent …", "done": "Done", "refused": "Refused"}


class DisplayPage(Page):
    """One display of the project by name."""

    def __init__(self, context: Context, name: str, parent: QWidget) -> None:
        super().__init__(context, parent)
        self.name = name
        self.canvas: Canvas | None = None
        self._document = b""
        self._request: Request | None = None
        self._session: Binding | None = None
        self._command_text = ""
        self._error = ""
        self._notice = QLabel(self)
        self._notice.setWordWrap(True)
        self._notice.setContentsMargins(12, 6, 12, 6)
        self._notice.hide()
        self._clear = QTimer(self)
        self._clear.setSingleShot(True)
        self._clear.timeout.connect(self._clear_notes)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self._notice)
        self._layout.addStretch(0)
        self.set_title(name)

    # ---- life ----

    def on_shown(self) -> None:
        """Asks for the document anew: what is shown is what the station runs."""
        if self._session is None:
            self._session = self.context.stores.session.listen(self._session_changed)
        if self.canvas is not None:
            self.canvas.open()
        self._ask()

    def on_hidden(self) -> None:
        """Lets go of everything."""
        if self._session is not None:
            self._session.close()
            self._session = None
        if self._request is not None:
            self._request.cancel()
            self._request = None
        self._clear.stop()
        if self.canvas is not None:
            self.canvas.close_bindings()

    def on_theme(self, theme: Theme) -> None:
        """Other colours, same meaning."""
        super().on_theme(theme)
        if self.canvas is not None:
            self.canvas.set_theme(theme)

    def is_ready(self) -> bool:
        """Whether every tag is resolved and every trend has its history."""
        if self.canvas is None or self._request is not None:
            return bool(self._error)
        scene = self.canvas.scene
        known = all(
            (shown := scene.shown(path)).unknown or (shown.info is not None and shown.value is not None)
            for symbol in self.canvas.symbols
            for path in symbol.paths
        )
        return known and self.canvas.feed.settled

    def selected_paths(self) -> list[str]:
        """The tags of the symbol that has the focus."""
        spots = self.canvas.hotspots.values() if self.canvas is not None else ()
        return next((list(spot.symbol.paths) for spot in spots if spot.hasFocus()), [])

    # ---- document ----

    def _ask(self) -> None:
        answered: list[bool] = []
        request = self.context.stores.documents.get(self.name, partial(self._received, answered))
        self._request = None if answered else request

    def _session_changed(self) -> None:
        if self.context.stores.session.live and self.canvas is None and self._request is None:
            self._ask()

    def _received(self, answered: list[bool], document: bytes, error: str) -> None:
        answered.append(True)
        self._request = None
        self._error = error
        if document and document != self._document:
            self._show(document)
        self._tell()

    def _show(self, document: bytes) -> None:
        file = f"displays/{self.name}.json"
        try:
            display = decode_display(document, file)
        except DisplayError as error:
            self._error = f"This display cannot be shown. {error}"
            return
        self._document = document
        if self.canvas is not None:
            self.canvas.close_bindings()
            self._layout.removeWidget(self.canvas)
            self.canvas.deleteLater()
        self.canvas = Canvas(self.context, display, symbol_table(), self)
        self.canvas.activated.connect(self._activated)
        self.canvas.opened.connect(self._opened)
        self.canvas.resolved.connect(self._tell)
        self._layout.addWidget(self.canvas, 1)
        self.canvas.show()
        self.set_title(display.title)
        if self._session is not None:
            self.canvas.open()

    def _tell(self) -> None:
        """One line for what is wrong with the display or with the last command; nothing while all is well."""
        sentences = [text for text in (self._error, self._unknown_tags(), self._command_text) if text]
        self._notice.setText(" ".join(sentences))
        self._notice.setVisible(bool(sentences))

    def _unknown_tags(self) -> str:
        if self.canvas is None:
            return ""
        values = self.context.stores.values
        paths = sorted({p for s in self.canvas.symbols for p in s.paths if values.shown(p).unknown})
        odd = [s.element.sentence for s in self.canvas.symbols if isinstance(s.element, Unknown)]
        if paths:
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            odd.append(f"The station does not know the tag {paths[0]}{more}; correct the display {self.name}.")
        return " ".join(odd)

    # ---- what a symbol leads to ----

    def _activated(self, number: int) -> None:
        if self.canvas is None:
            return
        element, go = self.canvas.symbols[number].element, self.context.navigator
        match element:
            case Link():
                go.open_display(element.display)
            case Trend():
                go.open_trend(element.pens)
            case AlarmSummary():
                go.open_alarm_list()
            case LinkState():
                go.open_diagnostics()
            case Button():
                self._command(number, element)
            case _:
                paths = element.paths()
                if paths:
                    go.open_faceplate(paths[0], self.canvas.hotspots[number])

    def _opened(self, number: int) -> None:
        """A double click on a machine goes to its unit's display."""
        element = self.canvas.symbols[number].element if self.canvas is not None else None
        if isinstance(element, Machine) and element.display:
            self.context.navigator.open_display(element.display)

    # ---- commands ----

    def _command(self, number: int, element: Button) -> None:
        """Stopping goes out with one click; everything else is confirmed on the command's faceplate."""
        if self.canvas is None:
            return
        info = self.context.stores.values.shown(element.path).info
        if info is None or not one_click(info):
            self.context.navigator.open_faceplate(element.path, self.canvas.hotspots[number])
            return
        progress = partial(self._progress, number, element.id)
        self.context.stores.commands.write(element.path, element.value, None, progress)

    def _progress(self, number: int, button: str, result: CommandResult) -> None:
        if self.canvas is None or not self.canvas.is_open:
            return
        self.canvas.scene.notes[button] = _NOTES.get(result.state, "NOT CONFIRMED")
        self._command_text = "" if result.state in {"sent", "done"} else result.text
        self.canvas.mark(number)
        self._tell()
        if result.state in {"done", "refused"}:
            self._clear.start(NOTE_MS)

    def _clear_notes(self) -> None:
        """Done and refused commands fade; one that was not confirmed stays in words."""
        if self.canvas is None:
            return
        notes = self.canvas.scene.notes
        for number, symbol in enumerate(self.canvas.symbols):
            if notes.get(symbol.element.id) in {_NOTES["done"], _NOTES["refused"]}:
                del notes[symbol.element.id]
                self.canvas.mark(number)
        if not notes:
            self._command_text = ""
            self._tell()
