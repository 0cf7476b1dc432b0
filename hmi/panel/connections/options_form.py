"""A driver's options as a form: made from what the driver says of itself, so that a plugin has its form at once."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QWidget

from hmi.link.messages import OptionInfo

Value = float | int | str | bool


class OptionsForm(QWidget):
    """One line an option; secrets can be typed and never read back."""

    edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._infos: dict[str, OptionInfo] = {}
        self._fields: dict[str, QWidget] = {}
        self._unknown: dict[str, object] = {}
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def show_options(self, infos: list[OptionInfo], values: dict[str, object]) -> None:
        """Begins anew; options that the driver does not describe are kept as they are."""
        while self._layout.rowCount():
            self._layout.removeRow(0)
        self._infos = {info.name: info for info in infos}
        self._fields = {}
        self._unknown = {name: value for name, value in values.items() if name not in self._infos}
        for info in infos:
            value = values.get(info.name, info.default)
            self._fields[info.name] = self._field(info, value)
            self._layout.addRow(info.name.replace("_", " ").capitalize(), self._fields[info.name])

    def values(self) -> dict[str, object]:
        """The options that differ from their defaults; what is no number stays a text, to be refused with a reason."""
        found = dict(self._unknown)
        for name, info in self._infos.items():
            if not info.secret:
                value = self._value(name, info)
                if value != info.default:
                    found[name] = value
        return found

    def secrets(self) -> dict[str, str]:
        """Secrets that were typed; an empty field leaves what the station keeps."""
        typed = {name: self._text(name) for name, info in self._infos.items() if info.secret}
        return {name: text for name, text in typed.items() if text}

    def forget_secrets(self) -> None:
        """Empties the secret fields."""
        for name, info in self._infos.items():
            field = self._fields[name]
            if info.secret and isinstance(field, QLineEdit):
                field.clear()

    def _field(self, info: OptionInfo, value: object) -> QWidget:
        field: QLineEdit | QComboBox | QCheckBox
        if isinstance(info.default, bool):
            field = QCheckBox(info.help, self)
            field.setChecked(bool(value))
            field.toggled.connect(self.edited)
        elif info.choices:
            field = QComboBox(self)
            field.addItems(info.choices)
            field.setCurrentText(str(value))
            field.currentTextChanged.connect(self.edited)
        else:
            field = QLineEdit("" if info.secret else _shown(value), self)
            field.setPlaceholderText("kept by the station, type to replace" if info.secret else _shown(info.default))
            if info.secret:
                field.setEchoMode(QLineEdit.EchoMode.Password)
            field.textEdited.connect(self.edited)
        field.setObjectName(f"option {info.name}")
        field.setAccessibleName(info.name)
        field.setToolTip(_tip(info))
        return field

    def _value(self, name: str, info: OptionInfo) -> object:
        field = self._fields[name]
        if isinstance(field, QCheckBox):
            return field.isChecked()
        text = self._text(name).strip()
        if isinstance(info.default, str) or not text:
            return text or info.default
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if isinstance(info.default, int) and number.is_integer() else number

    def _text(self, name: str) -> str:
        field = self._fields[name]
        if isinstance(field, QComboBox):
            return field.currentText()
        return field.text() if isinstance(field, QLineEdit) else ""


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _tip(info: OptionInfo) -> str:
    ends = f" ({info.low:g} to {info.high:g})" if info.low is not None and info.high is not None else ""
    return f"{info.help}{ends}"
