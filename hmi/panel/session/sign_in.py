"""Sign-in: a small sheet above the status bar. The process stays visible and works on behind it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from hmi.panel.stores import Stores
from hmi.panel.widgets.scale import scaled

WIDTH = 340
_MARGIN = 8


class SignInSheet(QFrame):
    """Asks for user and password; it keeps itself at the lower right of its parent and takes the focus when opened."""

    closed = Signal()

    def __init__(self, stores: Stores, parent: QWidget) -> None:
        super().__init__(parent)
        self._stores = stores
        self._asking = False
        self.setProperty("role", "panel")
        self.setAccessibleName("Sign in")
        self._user = QLineEdit(self)
        self._user.setObjectName("user")
        self._password = QLineEdit(self)
        self._password.setObjectName("password")
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._sentence = QLabel(self)
        self._sentence.setObjectName("sentence")
        self._sentence.setWordWrap(True)
        self._ok = QPushButton("Sign in", self)
        self._cancel = QPushButton("Cancel", self)
        self._build()
        self._user.returnPressed.connect(self._password.setFocus)
        self._password.returnPressed.connect(self._on_sign_in)
        self._ok.clicked.connect(self._on_sign_in)
        self._cancel.clicked.connect(self.close_sheet)
        parent.installEventFilter(self)
        self.setFixedWidth(scaled(self, WIDTH))
        self.hide()

    def open_sheet(self) -> None:
        """Shows the sheet with empty fields."""
        self._asking = False
        self._user.clear()
        self._password.clear()
        self._tell("" if self._stores.session.proved else "The station has not proved itself; it gets no password.")
        self.show()
        self.raise_()
        self._user.setFocus()

    def close_sheet(self) -> None:
        """Hides the sheet; what was typed is gone."""
        self._password.clear()
        self.hide()
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Keeps its place when the window changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Esc closes without a change."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
        else:
            super().keyPressEvent(event)

    def _build(self) -> None:
        title = QLabel("Sign in", self)
        title.setProperty("role", "title")
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._ok)
        layout = QFormLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.addRow(title)
        layout.addRow("User", self._user)
        layout.addRow("Password", self._password)
        layout.addRow(self._sentence)
        layout.addRow(buttons)

    def _on_sign_in(self) -> None:
        if self._asking:
            return
        if not self._user.text().strip():
            self._tell("Enter your user name.")
            self._user.setFocus()
            return
        self._asking = True
        self._tell("Asking the station …")
        password = self._password.text()
        self._password.clear()
        self._stores.commands.sign_in(self._user.text().strip(), password, self._on_answer)

    def _on_answer(self, error: str) -> None:
        self._asking = False
        if error:
            self._tell(error)
            self._password.setFocus()
        else:
            self.close_sheet()

    def _tell(self, sentence: str) -> None:
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        self._place()

    def _place(self) -> None:
        parent, layout = self.parentWidget(), self.layout()
        if parent is None or layout is None:
            return
        layout.activate()
        # Without the sentence nothing wraps, and a layout in which nothing wraps has no height for a width.
        wraps = layout.hasHeightForWidth()
        self.setFixedHeight(layout.totalHeightForWidth(self.width()) if wraps else layout.totalSizeHint().height())
        self.move(parent.width() - self.width() - _MARGIN, parent.height() - self.height() - _MARGIN)
